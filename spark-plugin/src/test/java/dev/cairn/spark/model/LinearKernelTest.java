package dev.cairn.spark.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.spark.data.Batch;
import dev.cairn.spark.data.RowChunk;
import dev.cairn.spark.data.SampleRows;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Loss and gradient against their definition and against finite differences. */
class LinearKernelTest {
  private static final int FEATURES = SampleRows.FEATURES;

  private static OnBatch on(RowChunk rows, int features, boolean intercept, FeatureScales scales) {
    LogisticModel model = new LogisticModel(features, intercept);
    return new OnBatch(model, model.kernel(), SampleRows.batch(rows, features, scales));
  }

  private static OnBatch on(RowChunk rows) {
    return on(rows, FEATURES, true, FeatureScales.NONE);
  }

  /** The same rows, counting 0.5, 1, 1.5 and 2 times in turn. */
  private static RowChunk weighted(RowChunk rows) {
    float[] weights = new float[rows.rows()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (1 + i % 4) / 2f;
    }
    return new RowChunk(
        rows.hashes(), rows.labels(), rows.starts(), rows.ids(), rows.values(), weights);
  }

  /** The definition, one sample after the other, on global ids, in double. */
  private static double loss(RowChunk rows, double[] w) {
    double loss = 0;
    for (int i = 0; i < rows.rows(); i++) {
      double margin = w[FEATURES];
      for (int k = rows.starts()[i]; k < rows.starts()[i + 1]; k++) {
        margin += SampleRows.value(rows, k) * w[rows.ids()[k]];
      }
      loss +=
          SampleRows.weight(rows, i)
              * StrictMath.log1p(StrictMath.exp(rows.labels()[i] == 1 ? -margin : margin));
    }
    return loss;
  }

  @ParameterizedTest
  @CsvSource({
    "true, false, true",
    "false, false, true",
    "false, true, true",
    "true, true, false",
    "false, false, false"
  })
  void isTheDerivativeOfTheLoss(boolean plain, boolean weighted, boolean intercept) {
    RowChunk samples = SampleRows.random(1500, plain, 3);
    RowChunk rows = weighted ? weighted(samples) : samples;
    SplittableRandom random = new SplittableRandom(4);
    double[] w = new double[FEATURES + 1];
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) random.nextDouble(-1, 1);
    }
    w[FEATURES] = intercept ? w[FEATURES] : 0;
    OnBatch kernel = on(rows, FEATURES, intercept, FeatureScales.NONE).withRows(row -> w[row]);
    assertEquals(FEATURES + (intercept ? 1 : 0), kernel.values.length);
    double loss = kernel.gradient();
    assertEquals(loss(rows, w), loss, 1e-9);
    assertEquals(loss, kernel.loss());
    float[] gradients = kernel.gradients.clone();
    for (int i = 0; i < gradients.length; i++) {
      int row = kernel.row(i);
      double h = 1e-4;
      double at = w[row];
      w[row] = at + h;
      double above = loss(rows, w);
      w[row] = at - h;
      double below = loss(rows, w);
      w[row] = at;
      assertEquals((above - below) / (2 * h), gradients[i], 1e-4, "row " + row);
    }
    // Scratch memory is clean for the next batch.
    assertEquals(loss, kernel.gradient());
    assertArrayEquals(gradients, kernel.gradients);
  }

  /**
   * Centred features, one of which no sample of the batch has: the same loss, and gradients that
   * differ by the centred rows' share, as on rows in which every value is written out.
   */
  @Test
  void centringIsAsIfValuesWereWrittenOut() {
    RowChunk rows = SampleRows.random(200, false, 6);
    FeatureScales scales =
        new FeatureScales(
            new int[] {2, 5, 60}, new double[] {0.5, 2, 4}, new double[] {0.25, -1, 3});
    float[][] values = new float[200][61];
    for (int i = 0; i < 200; i++) {
      for (int k = rows.starts()[i]; k < rows.starts()[i + 1]; k++) {
        int id = rows.ids()[k];
        values[i][id] = (float) (SampleRows.value(rows, k) / scales.scale(id));
      }
      values[i][2] -= 0.5f;
      values[i][5] += 0.5f;
      values[i][60] -= 0.75f;
    }
    OnBatch sparse = on(rows, 61, true, scales).withRows(row -> (row % 7 - 3) / 4f);
    OnBatch written =
        on(SampleRows.dense(rows.labels(), values), 61, true, FeatureScales.NONE)
            .withRows(row -> (row % 7 - 3) / 4f);
    double loss = sparse.gradient();
    assertEquals(written.gradient(), loss, 1e-4);
    assertArrayEquals(written.scores(), sparse.scores(), 1e-5);
    for (int i = 0; i < sparse.values.length; i++) {
      int row = sparse.row(i);
      assertEquals(written.gradients[row], sparse.gradients[i], 1e-4, "row " + row);
    }
    assertTrue(sparse.values.length < 62 && sparse.row(sparse.values.length - 2) == 60);
  }

  /** A batch of rows without features and without an intercept still has a loss. */
  @Test
  void rowsOfNothingHaveALoss() {
    RowChunk rows = SampleRows.dense(new float[] {1, 0}, new float[2][0]);
    OnBatch kernel = on(rows, 5, false, FeatureScales.NONE);
    assertEquals(0, kernel.values.length);
    assertEquals(2 * StrictMath.log(2), kernel.gradient(), 1e-15);
  }

  @Test
  void extremeMarginsAreExact() {
    OnBatch kernel = on(SampleRows.dense(new float[] {1, 0}, new float[2][0]));
    assertEquals(2 * StrictMath.log(2), kernel.gradient(), 1e-15);
    assertEquals(0f, kernel.gradients[0]);
    assertEquals(1e30f, (float) kernel.withRows(row -> 1e30f).gradient());
    assertEquals(1f, kernel.gradients[0]);
    assertEquals(1e30f, (float) kernel.withRows(row -> -1e30f).gradient());
    assertEquals(-1f, kernel.gradients[0]);
  }

  @Test
  void divergedValuesShowInTheLoss() {
    OnBatch kernel = on(SampleRows.random(300, true, 5));
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      for (int i : new int[] {0, 20, kernel.values.length - 1}) {
        assertTrue(Double.isFinite(kernel.withRows(row -> 0).gradient()));
        kernel.values[i] = bad;
        assertTrue(Double.isNaN(kernel.gradient()), bad + " at " + i);
      }
    }
  }

  @Test
  void emptyBatchAndMissingRoom() {
    OnBatch empty = on(SampleRows.random(0, true, 1));
    assertEquals(0, empty.at.count());
    assertEquals(0, empty.gradient());
    LogisticModel model = new LogisticModel(FEATURES, true);
    Batch batch = SampleRows.batch(SampleRows.random(10, true, 1), FEATURES, FeatureScales.NONE);
    OnBatch full = new OnBatch(model, model.kernel(), batch);
    assertThrows(
        IllegalArgumentException.class,
        () -> model.kernel().gradient(batch, full.at, new float[0], new float[99]));
  }
}
