package dev.cairn.spark.model;

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
class LogisticLossTest {
  private static final int FEATURES = SampleRows.FEATURES;

  private static Batch oneBatch(RowChunk rows) {
    return SampleRows.batch(rows, FEATURES, true, FeatureScales.NONE);
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
    Batch batch = SampleRows.batch(rows, FEATURES, intercept, FeatureScales.NONE);
    SplittableRandom random = new SplittableRandom(4);
    double[] w = new double[FEATURES + 1];
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) random.nextDouble(-1, 1);
    }
    w[FEATURES] = intercept ? w[FEATURES] : 0;
    assertEquals(FEATURES + (intercept ? 1 : 0), batch.distinctRows());
    float[] values = new float[batch.distinctRows()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) w[batch.rows()[batch.rowsFrom() + i]];
    }
    LogisticLoss kernel = new LogisticLoss();
    float[] gradients = new float[values.length];
    double loss = kernel.gradient(batch, values, gradients);
    assertEquals(loss(rows, w), loss, 1e-9);
    for (int i = 0; i < values.length; i++) {
      int row = batch.rows()[batch.rowsFrom() + i];
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
    float[] again = new float[values.length];
    assertEquals(loss, kernel.gradient(batch, values, again));
    assertEquals(java.util.Arrays.hashCode(gradients), java.util.Arrays.hashCode(again));
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
    Batch sparse = SampleRows.batch(rows, 61, true, scales);
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
    RowChunk dense = SampleRows.dense(rows.labels(), values);
    Batch written = SampleRows.batch(dense, 61, true, FeatureScales.NONE);
    float[] weights = new float[62];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (i % 7 - 3) / 4f;
    }
    float[] local = new float[sparse.distinctRows()];
    for (int i = 0; i < local.length; i++) {
      local[i] = weights[sparse.rows()[sparse.rowsFrom() + i]];
    }
    float[] gradients = new float[local.length];
    float[] expected = new float[62];
    LogisticLoss kernel = new LogisticLoss();
    double loss = kernel.gradient(sparse, local, gradients);
    assertEquals(kernel.gradient(written, weights, expected), loss, 1e-4);
    for (int i = 0; i < local.length; i++) {
      int row = sparse.rows()[sparse.rowsFrom() + i];
      assertEquals(expected[row], gradients[i], 1e-4, "row " + row);
    }
    assertTrue(local.length < 62 && sparse.rows()[sparse.rowsTo() - 2] == 60);
  }

  /** A batch of rows without features and without an intercept still has a loss. */
  @Test
  void rowsOfNothingHaveALoss() {
    RowChunk rows = SampleRows.dense(new byte[] {1, 0}, new float[2][0]);
    Batch batch = SampleRows.batch(rows, 5, false, FeatureScales.NONE);
    assertEquals(0, batch.distinctRows());
    assertEquals(
        2 * StrictMath.log(2),
        new LogisticLoss().gradient(batch, new float[0], new float[0]),
        1e-15);
  }

  @Test
  void extremeMarginsAreExact() {
    RowChunk rows = SampleRows.dense(new byte[] {1, 0}, new float[2][0]);
    Batch batch = oneBatch(rows);
    float[] gradients = new float[1];
    LogisticLoss kernel = new LogisticLoss();
    assertEquals(2 * StrictMath.log(2), kernel.gradient(batch, new float[] {0}, gradients), 1e-15);
    assertEquals(0f, gradients[0]);
    assertEquals(1e30f, (float) kernel.gradient(batch, new float[] {1e30f}, gradients));
    assertEquals(1f, gradients[0]);
    assertEquals(1e30f, (float) kernel.gradient(batch, new float[] {-1e30f}, gradients));
    assertEquals(-1f, gradients[0]);
  }

  @Test
  void divergedValuesShowInTheLoss() {
    Batch batch = oneBatch(SampleRows.random(300, true, 5));
    LogisticLoss kernel = new LogisticLoss();
    float[] gradients = new float[batch.distinctRows()];
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      for (int i : new int[] {0, 20, batch.distinctRows() - 1}) {
        float[] values = new float[batch.distinctRows()];
        assertTrue(Double.isFinite(kernel.gradient(batch, values, gradients)));
        values[i] = bad;
        assertTrue(Double.isNaN(kernel.gradient(batch, values, gradients)), bad + " at " + i);
      }
    }
  }

  @Test
  void emptyBatchAndMissingRoom() {
    Batch empty = oneBatch(SampleRows.random(0, true, 1));
    assertEquals(0, new LogisticLoss().gradient(empty, new float[0], new float[0]));
    Batch batch = oneBatch(SampleRows.random(10, true, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> new LogisticLoss().gradient(batch, new float[0], new float[99]));
  }
}
