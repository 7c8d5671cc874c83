package dev.cairn.spark.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.checkpoint.model.BinaryFigures;
import dev.cairn.checkpoint.model.ClassFigures;
import dev.cairn.checkpoint.model.ClassFigures.OfClass;
import dev.cairn.checkpoint.model.NumberFigures;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Figures of test rows, against a plain calculation. */
class TestCountersTest {
  static List<KnownModels.Known> models() {
    return KnownModels.all();
  }

  @Test
  void theGreatestScoreIsTheClass() {
    TestCounter counter = new SoftmaxModel(5, 3, true).counter(0.5);
    double[] scores = {1, 2, 2, /* */ 3, 0, -1, /* */ 0, 0, 5, /* */ -1, -2, -3};
    double[] labels = {1, 1, 2, 0};
    for (int i = 0; i < labels.length; i++) {
      counter.add(scores, 3 * i, labels[i]);
    }
    assertEquals(
        new ClassFigures(
            0.25,
            OptionalDouble.empty(),
            List.of(new OfClass(1, 2, 1), new OfClass(2, 1, 1), new OfClass(1, 1, 1))),
        counter.figures(0.25));
  }

  @Test
  void aMarginAboveTheThresholdIsTheSecondClass() {
    TestCounter counter = new LinearModel(5, true, new HingeLoss()).counter(1);
    double[] margins = {0.5, 1, 1.5, 2};
    double[] labels = {-1, 1, 0, 1};
    for (int i = 0; i < labels.length; i++) {
      counter.add(margins, i, labels[i]);
    }
    assertEquals(
        new ClassFigures(
            7, OptionalDouble.of(0.75), List.of(new OfClass(2, 2, 1), new OfClass(2, 2, 1))),
        counter.figures(7));
  }

  @Test
  void errorsOfNumbersLoseNoDigits() {
    Random random = new Random(3);
    double far = 1e9;
    double[] labels = random.doubles(1000, far, far + 1).toArray();
    double[] scores = new double[labels.length];
    double squares = 0;
    double absolutes = 0;
    double mean = 0;
    for (int i = 0; i < labels.length; i++) {
      scores[i] = labels[i] + 0.5 * random.nextGaussian();
      squares += Math.pow(scores[i] - labels[i], 2);
      absolutes += Math.abs(scores[i] - labels[i]);
      mean += (labels[i] - far) / labels.length;
    }
    double variance = 0;
    for (double label : labels) {
      variance += Math.pow(label - far - mean, 2);
    }
    TestCounter all = new LinearModel(5, true, new SquaredLoss()).counter(0);
    for (int from = 0; from < labels.length; from += 77) {
      TestCounter part = new LinearModel(5, true, new SquaredLoss()).counter(0);
      for (int i = from; i < Math.min(from + 77, labels.length); i++) {
        part.add(scores, i, labels[i]);
      }
      all.addPart(part.part());
    }
    all.addPart(new LinearModel(5, true, new SquaredLoss()).counter(0).part()); // of no rows
    NumberFigures figures = assertInstanceOf(NumberFigures.class, all.figures(0.125));
    assertEquals(1000, figures.rows());
    assertEquals(squares / 1000, figures.meanSquaredError(), 1e-12);
    assertEquals(absolutes / 1000, figures.meanAbsoluteError(), 1e-12);
    assertEquals(1 - squares / variance, figures.r2().orElseThrow(), 1e-6);
  }

  @Test
  void countsArePredictedByTheExponential() {
    TestCounter counter = new LinearModel(5, true, new PoissonLoss()).counter(0);
    counter.add(new double[] {Math.log(3)}, 0, 5);
    NumberFigures figures = assertInstanceOf(NumberFigures.class, counter.figures(0));
    assertEquals(4, figures.meanSquaredError(), 1e-12);
    assertEquals(OptionalDouble.empty(), figures.r2());
  }

  /** A counter's part says all that it has counted. */
  @ParameterizedTest
  @MethodSource("models")
  void partsSayAll(KnownModels.Known known) {
    Model model = known.model().apply(true);
    TestCounter counter = model.counter(0.5);
    TestCounter other = model.counter(0.5);
    assertThrows(IllegalStateException.class, () -> counter.figures(0));
    Random random = new Random(7);
    int outputs = model.kernel().outputs();
    for (int i = 0; i < 100; i++) {
      double[] scores = random.doubles(outputs, -3, 3).toArray();
      counter.add(scores, 0, random.nextInt(2));
    }
    other.addPart(counter.part());
    assertEquals(counter.figures(1), other.figures(1));
    assertEquals(100, other.figures(1).rows());
    assertEquals(counter.countsLoss(), counter.figures(1) instanceof BinaryFigures);
  }
}
