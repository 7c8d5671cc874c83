package dev.cairn.spark.data;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * The samples of one logical partition in training order, cut into the batches of an epoch: batch b
 * of S has the samples {@code [n*b/S, n*(b+1)/S)}. Immutable, thread-safe; a plain class of plain
 * arrays, so that Spark can cache it with Kryo.
 */
public final class PackedPartition implements Serializable {
  private static final long serialVersionUID = 1;

  private final int partition;
  private final long fingerprint;
  private final float[] labels;
  private final int[] starts;
  private final int[] columns;
  private final float @Nullable [] values;
  private final float @Nullable [] weights;
  private final float @Nullable [] offsets;
  private final int[] rows;
  private final int[] rowsStart;
  private final int[] centredPlaces;
  private final double[] shifts;

  /** Takes the arrays as they are. */
  PackedPartition(
      int partition,
      long fingerprint,
      float[] labels,
      int[] starts,
      int[] columns,
      float @Nullable [] values,
      float @Nullable [] weights,
      float @Nullable [] offsets,
      int[] rows,
      int[] rowsStart,
      int[] centredPlaces,
      double[] shifts) {
    this.partition = partition;
    this.fingerprint = fingerprint;
    this.labels = labels;
    this.starts = starts;
    this.columns = columns;
    this.values = values;
    this.weights = weights;
    this.offsets = offsets;
    this.rows = rows;
    this.rowsStart = rowsStart;
    this.centredPlaces = centredPlaces;
    this.shifts = shifts;
  }

  /**
   * Packs samples.
   *
   * @param partition the logical partition
   * @param rows the samples; ids are below {@code features}
   * @param order numbers of the samples in training order, each once
   * @throws IllegalArgumentException when an id is not below {@code features}
   */
  static PackedPartition pack(int partition, RowChunk rows, int[] order, PackRules rules) {
    return new Packer(rows, order, rules).pack(partition);
  }

  /** The first sample of a batch; {@code batch == batches} gives the number of samples. */
  static int firstSample(int samples, int batch, int batches) {
    return (int) ((long) samples * batch / batches);
  }

  /** The logical partition. */
  public int partition() {
    return partition;
  }

  /**
   * A hash of the samples as a multiset, which with the packing's settings decides everything in
   * here: a partition that is recomputed after a loss must have the same.
   */
  public long fingerprint() {
    return fingerprint;
  }

  /** The number of batches of an epoch, the same for all partitions. */
  public int batches() {
    return rowsStart.length - 1;
  }

  /** The number of samples of this partition. */
  public int samples() {
    return labels.length;
  }

  /** The number of stored features of this partition. */
  public int nonZeros() {
    return columns.length;
  }

  /** Batch {@code index}, {@code 0 <= index < batches()}: a view, nothing is copied. */
  public Batch batch(int index) {
    int first = firstSample(labels.length, index, batches());
    int end = firstSample(labels.length, index + 1, batches());
    return new Batch(
        end - first,
        first,
        labels,
        starts,
        columns,
        values,
        weights,
        offsets,
        rows,
        rowsStart[index],
        rowsStart[index + 1],
        centredPlaces,
        index * shifts.length,
        shifts);
  }

  /** The bytes of all arrays. */
  public long bytes() {
    long numbers = (long) starts.length + columns.length + rows.length + rowsStart.length;
    numbers += centredPlaces.length + 2L * shifts.length;
    long floats = length(values) + length(weights) + length(offsets);
    return Integer.BYTES * (labels.length + numbers + floats);
  }

  private static long length(float @Nullable [] numbers) {
    return numbers == null ? 0 : numbers.length;
  }
}
