package dev.cairn.spark.data;

import dev.cairn.checkpoint.model.FeatureScales;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Rows for tests of what is computed from packed ones. */
public final class SampleRows {
  /** Features of {@link #random} rows. */
  public static final int FEATURES = 50;

  private SampleRows() {}

  /**
   * Random samples of 0 to 7 features.
   *
   * @param plain whether all values are 1
   */
  public static RowChunk random(int count, boolean plain, long seed) {
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

  /** Samples in which every value is written out: those of sample i are {@code values[i]}. */
  public static RowChunk dense(float[] labels, float[][] values) {
    RowChunkBuilder builder = new RowChunkBuilder();
    for (int i = 0; i < labels.length; i++) {
      int[] ids = new int[values[i].length];
      Arrays.setAll(ids, k -> k);
      builder.add(i, labels[i], ids, values[i], ids.length);
    }
    return builder.drain();
  }

  /** Samples of some features each. */
  public static RowChunk sparse(float[] labels, int[][] ids, float[][] values) {
    RowChunkBuilder builder = new RowChunkBuilder();
    for (int i = 0; i < labels.length; i++) {
      builder.add(i, labels[i], ids[i], values[i], ids[i].length);
    }
    return builder.drain();
  }

  /** All samples, in the order in which they are, as one batch. */
  public static Batch batch(RowChunk rows, int features, FeatureScales scales) {
    return batch(rows, LabelKind.BINARY, features, scales);
  }

  /** Likewise with labels of any kind. */
  public static Batch batch(RowChunk rows, LabelKind labels, int features, FeatureScales scales) {
    return batches(rows, labels, features, scales, 1).get(0);
  }

  /** All samples, in the order in which they are, as some batches of one partition. */
  public static List<Batch> batches(
      RowChunk rows, LabelKind labels, int features, FeatureScales scales, int count) {
    int[] order = new int[rows.rows()];
    Arrays.setAll(order, i -> i);
    PackRules rules = new PackRules(labels, features, count, scales, 1);
    PackedPartition packed = PackedPartition.pack(0, rows, order, rules);
    return IntStream.range(0, count).mapToObj(packed::batch).toList();
  }

  /** The value at a place of the ids. */
  public static float value(RowChunk rows, int k) {
    return rows.value(k);
  }

  /** The offset of a sample. */
  public static float offset(RowChunk rows, int row) {
    return rows.offset(row);
  }

  /** The weight of a sample. */
  public static float weight(RowChunk rows, int row) {
    return rows.weight(row);
  }
}
