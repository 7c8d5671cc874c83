package dev.cairn.spark.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** Tests predictions from margins, for columns, single rows and figures alike. */
class DecisionTest {
  private static double[] raw(Decision decision, double... margins) {
    double[] raw = java.util.Arrays.copyOf(margins, decision.size());
    decision.raw(raw);
    return raw;
  }

  /** Asserts that raw predictions give the same prediction as the margins that they are made of. */
  private static void assertPredicted(double expected, Decision decision, double... margins) {
    double[] raw = raw(decision, margins);
    double[] before = raw.clone();
    assertEquals(expected, decision.ofRaw(raw));
    assertArrayEquals(before, raw, "raw predictions stay as they are");
    double[] later = new double[margins.length + 3];
    System.arraycopy(margins, 0, later, 3, margins.length);
    assertEquals(expected, decision.of(later, 3));
  }

  @Test
  void ofTwoClassesByTheProbability() {
    Decision half = new LinearModel(3, true, new LogisticLoss()).decision();
    assertEquals(new Decision.Odds(0.5), half);
    assertPredicted(1, half, 0.1);
    assertPredicted(0, half, 0);
    assertPredicted(0, half, -0.1);
    Decision high = new Decision.Odds(0.9);
    assertPredicted(0, high, 2);
    assertPredicted(1, high, 3);
    double[] shares = raw(high, 3);
    assertArrayEquals(new double[] {-3, 3}, shares);
    high.probabilities(shares);
    assertEquals(1, shares[0] + shares[1], 1e-15);
    assertEquals(LogisticLoss.probability(3), shares[1]);
    assertEquals(1, high.ofProbabilities(shares));
  }

  @Test
  void ofTwoClassesByTheMargin() {
    Decision side = new LinearModel(3, true, new HingeLoss()).decision();
    assertEquals(new Decision.Side(0), side);
    assertPredicted(0, side, 0);
    assertPredicted(1, side, 1e-300);
    assertPredicted(0, new LinearModel(3, true, new HingeLoss()).decision(1), 1);
    assertThrows(UnsupportedOperationException.class, () -> side.probabilities(new double[2]));
    assertThrows(UnsupportedOperationException.class, () -> side.ofProbabilities(new double[2]));
  }

  @Test
  void ofMoreClassesTheFirstOfTheGreatest() {
    Decision most = new SoftmaxModel(3, 4, true).decision();
    assertPredicted(1, most, 1, 7, 7, -2);
    assertPredicted(3, most, 1, 7, 7, 7.5);
    double[] shares = {1, 7, 7, -2};
    most.probabilities(shares);
    assertEquals(1, most.ofProbabilities(shares));
    assertEquals(1, shares[0] + shares[1] + shares[2] + shares[3], 1e-15);
    assertPredicted(0, new Decision.Softmax(4, new double[] {1e-9, 1, 1, 1}), 1, 7, 7, -2);
    assertPredicted(2, new Decision.Softmax(4, new double[] {1, 1, 0.5, 1}), 1, 7, 7, -2);
  }

  @Test
  void numbersByTheLinkOfTheLoss() {
    assertPredicted(2.5, new LinearModel(3, true, new SquaredLoss()).decision(), 2.5);
    assertPredicted(
        StrictMath.exp(2.5), new LinearModel(3, true, new PoissonLoss()).decision(), 2.5);
    assertInstanceOf(
        Decision.Value.class,
        FactorizationMachine.of(3, 2, true, true, new SquaredLoss(), 0.1, 1).decision());
  }
}
