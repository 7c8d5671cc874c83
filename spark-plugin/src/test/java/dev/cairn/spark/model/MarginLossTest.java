package dev.cairn.spark.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.spark.data.Batch;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.data.SampleRows;
import dev.cairn.spark.shard.Initializer;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Losses far from where they usually are, and what is refused. */
class MarginLossTest {
  private static final Map<String, MarginLoss> LOSSES =
      Map.of(
          "logistic", new LogisticLoss(),
          "squared", new SquaredLoss(),
          "huber", new HuberLoss(1.5),
          "poisson", new PoissonLoss(),
          "hinge", new HingeLoss(),
          "squared-hinge", new SquaredHingeLoss());

  /** Loss and derivative of one sample. */
  private static double[] at(MarginLoss loss, float label, double margin) {
    Batch batch =
        SampleRows.batch(
            SampleRows.dense(new float[] {label}, new float[1][0]),
            loss.labels(),
            1,
            FeatureScales.NONE);
    double[] margins = {margin};
    double sum = loss.derivatives(batch, margins);
    return new double[] {sum, margins[0]};
  }

  @ParameterizedTest
  @CsvSource({
    "logistic, 1, 1e30, 0, 0",
    "logistic, 1, -1e30, 1e30, -1",
    "logistic, 0, 1e30, 1e30, 1",
    "logistic, 0, -1e30, 0, 0",
    "squared, 0, 1e30, 5e59, 1e30",
    "squared, 3, -1e30, 5e59, -1e30",
    "huber, 0, 1e30, 1.5e30, 1.5",
    "huber, 1, -1e30, 1.5e30, -1.5",
    "huber, 1, 2.5, 1.125, 1.5",
    "poisson, 3, -1e30, 3e30, -3",
    "poisson, 0, -1e30, 0, 0",
    "poisson, 0, 709, 8.218407461554972e307, 8.218407461554972e307",
    "hinge, 1, 1, 0, 0",
    "hinge, 0, -1, 0, 0",
    "hinge, 1, 1e30, 0, 0",
    "hinge, 1, -1e30, 1e30, -1",
    "hinge, 0, 1e30, 1e30, 1",
    "squared-hinge, 1, 1e30, 0, 0",
    "squared-hinge, 1, -1e30, 1e60, -2e30",
    "squared-hinge, 0, 1e30, 1e60, 2e30"
  })
  void extremeMargins(String kind, float label, double margin, double loss, double derivative) {
    MarginLoss of = LOSSES.get(kind);
    assertEquals(kind, of.kind());
    double[] found = at(of, label, margin);
    assertEquals(loss, found[0], 1e-15 * loss);
    assertEquals(derivative, found[1], 1e-15 * Math.abs(derivative));
  }

  @Test
  void noInfiniteMarginIsHidden() {
    for (MarginLoss loss : LOSSES.values()) {
      for (double bad : new double[] {Double.NaN, 1 / 0.0, -1 / 0.0}) {
        for (float label : new float[] {0, 1}) {
          assertFalse(
              Double.isFinite(at(loss, label, bad)[0]), loss.kind() + " " + label + " " + bad);
        }
      }
    }
    assertEquals(1 / 0.0, at(new PoissonLoss(), 5, 710)[0]);
  }

  private static OnBatch softmax(float... labels) {
    SoftmaxModel model = new SoftmaxModel(1, 3, true);
    return new OnBatch(
        model,
        model.kernel(),
        SampleRows.batch(
            SampleRows.dense(labels, new float[labels.length][0]),
            LabelKind.CLASS,
            1,
            FeatureScales.NONE));
  }

  @Test
  void extremeMarginsOfClasses() {
    OnBatch kernel = softmax(0, 2).with(new double[][] {{}, {-1e30, 1e30, 1e30}});
    assertEquals(2e30f, (float) kernel.gradient());
    assertArrayEquals(new float[] {-1, 1, 0}, kernel.gradients);
    assertEquals(2 * StrictMath.log(3), softmax(0, 2).gradient(), 1e-15);
    for (float label : new float[] {3, -1, Float.NaN}) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> softmax(label).gradient());
      assertTrue(e.getMessage().contains("from 0 to 2, found " + label), e::getMessage);
    }
  }

  private static void assertRefused(String part, Executable what) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, what);
    assertTrue(e.getMessage().contains(part), e::getMessage);
  }

  @Test
  void whatIsNoModelIsRefused() {
    for (double epsilon : new double[] {0, -1, Double.NaN, 1 / 0.0}) {
      assertRefused("found " + epsilon, () -> new HuberLoss(epsilon));
    }
    MarginLoss loss = new LogisticLoss();
    Initializer factors = Initializer.normal(0.01, 1);
    assertRefused("features, found 0", () -> new LinearModel(0, true, loss));
    assertRefused("2 to 16777216 classes, found 1", () -> new SoftmaxModel(5, 1, true));
    assertRefused(
        "features, found 2147483625", () -> new SoftmaxModel(Integer.MAX_VALUE - 22, 7, true));
    assertRefused(
        "factors a feature, found 0",
        () -> new FactorizationMachine(5, 0, true, true, loss, factors));
    assertRefused(
        "1 to 1073741815 features, found 1073741816",
        () -> new FactorizationMachine(1_073_741_816, 1, true, true, loss, factors));
    assertRefused(
        "deviation above 0",
        () -> new FactorizationMachine(5, 1, true, true, loss, Initializer.ZEROS));
  }

  @Test
  void countsAreNotNegative() {
    LabelKind counts = new PoissonLoss().labels();
    assertTrue(counts.allows(0) && counts.allows(-0.0) && counts.allows(2.5) && counts.allows(7));
    for (double bad : new double[] {-1, -1e-300, Double.NaN, 1 / 0.0, 1e39}) {
      assertFalse(counts.allows(bad), () -> "label " + bad);
    }
  }
}
