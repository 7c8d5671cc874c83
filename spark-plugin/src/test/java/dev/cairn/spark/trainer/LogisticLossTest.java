package dev.cairn.spark.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.FeatureScales;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Loss and gradient against their definition and against finite differences. */
class LogisticLossTest {
  private static final int FEATURES = 50;

  /** Random samples of 0 to 7 features. */
  static RowChunk samples(int count, boolean plain, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RowChunkBuilder builder = new RowChunkBuilder();
    for (int i = 0; i < count; i++) {
      int[] ids = random.ints(random.nextInt(8), 0, FEATURES).distinct().sorted().toArray();
      float[] values = new float[ids.length];
      for (int k = 0; k < ids.length; k++) {
        values[k] = (float) random.nextDouble(-2, 2);
      }
      byte label = (byte) random.nextInt(2);
      builder.add(random.nextLong(), label, ids, plain ? null : values, ids.length);
    }
    return builder.drain();
  }

  static Batch oneBatch(RowChunk rows) {
    return oneBatch(rows, PackRules.plain(FEATURES, 1));
  }

  private static Batch oneBatch(RowChunk rows, PackRules rules) {
    int[] order = new int[rows.rows()];
    java.util.Arrays.setAll(order, i -> i);
    return PackedPartition.pack(0, rows, order, rules).batch(0);
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
        margin += rows.value(k) * w[rows.ids()[k]];
      }
      loss +=
          rows.weight(i)
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
    RowChunk samples = samples(1500, plain, 3);
    RowChunk rows = weighted ? weighted(samples) : samples;
    Batch batch = oneBatch(rows, new PackRules(FEATURES, 1, intercept, FeatureScales.NONE, 1));
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
    RowChunk rows = samples(200, false, 6);
    FeatureScales scales =
        new FeatureScales(
            new int[] {2, 5, 60}, new double[] {0.5, 2, 4}, new double[] {0.25, -1, 3});
    Batch sparse = oneBatch(rows, new PackRules(61, 1, true, scales, 1));
    RowChunkBuilder builder = new RowChunkBuilder();
    int[] all = new int[61];
    java.util.Arrays.setAll(all, i -> i);
    for (int i = 0; i < 200; i++) {
      float[] values = new float[61];
      for (int k = rows.starts()[i]; k < rows.starts()[i + 1]; k++) {
        values[rows.ids()[k]] = (float) (rows.value(k) / scales.scale(rows.ids()[k]));
      }
      values[2] -= 0.5f;
      values[5] += 0.5f;
      values[60] -= 0.75f;
      builder.add(i, rows.labels()[i], all, values, 61);
    }
    Batch written = oneBatch(builder.drain(), PackRules.plain(61, 1));
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

  /** Where every sample counts the same, it is as if there were no weights. */
  @Test
  void equalWeightsAreNone() {
    RowChunk rows = samples(10, true, 1);
    float[] weights = new float[10];
    java.util.Arrays.fill(weights, 0.1f);
    RowChunk equal =
        new RowChunk(
            rows.hashes(), rows.labels(), rows.starts(), rows.ids(), rows.values(), weights);
    PackRules rules = new PackRules(FEATURES, 1, true, FeatureScales.NONE, 1 / (double) 0.1f);
    assertNull(oneBatch(equal, rules).weights());
  }

  /** A batch of rows without features and without an intercept still has a loss. */
  @Test
  void rowsOfNothingHaveALoss() {
    RowChunkBuilder builder = new RowChunkBuilder();
    builder.add(0, (byte) 1, new int[0], null, 0);
    builder.add(0, (byte) 0, new int[0], null, 0);
    Batch batch = oneBatch(builder.drain(), new PackRules(5, 1, false, FeatureScales.NONE, 1));
    assertEquals(0, batch.distinctRows());
    assertEquals(
        2 * StrictMath.log(2),
        new LogisticLoss().gradient(batch, new float[0], new float[0]),
        1e-15);
  }

  @Test
  void extremeMarginsAreExact() {
    RowChunkBuilder builder = new RowChunkBuilder();
    builder.add(0, (byte) 1, new int[0], null, 0);
    builder.add(0, (byte) 0, new int[0], null, 0);
    Batch batch = oneBatch(builder.drain());
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
    Batch batch = oneBatch(samples(300, true, 5));
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
    Batch empty = oneBatch(samples(0, true, 1));
    assertEquals(0, new LogisticLoss().gradient(empty, new float[0], new float[0]));
    Batch batch = oneBatch(samples(10, true, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> new LogisticLoss().gradient(batch, new float[0], new float[99]));
  }
}
