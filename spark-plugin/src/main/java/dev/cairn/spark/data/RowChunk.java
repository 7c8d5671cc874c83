package dev.cairn.spark.data;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Labelled sparse rows in primitive arrays, which travel through Spark's shuffle on the way to
 * their logical partition.
 *
 * <p>Row {@code i} has label {@code labels[i]} (as the data has it, so of two classes 0 and 1 or -1
 * and 1), weight {@code weights[i]}, offset {@code offsets[i]}, feature ids {@code ids[starts[i] ..
 * starts[i+1])} in ascending order, and values at the same places of {@code values}; {@code values}
 * is empty when every value is exactly 1, {@code weights} likewise, {@code offsets} when every one
 * is 0. {@code hashes[i]} is the row's {@linkplain RowHash content hash}. Immutable by convention:
 * the arrays are not written to after construction.
 *
 * @param hashes content hash of each row
 * @param labels label of each row
 * @param starts {@code rows + 1} positions in {@code ids}
 * @param ids feature ids, ascending within a row
 * @param values feature values, empty when all are 1
 * @param weights weight of each row, above 0; empty when all are 1
 * @param offsets the number that is added to each row's margin and not trained; empty when all are
 *     0
 */
public record RowChunk(
    long[] hashes,
    float[] labels,
    int[] starts,
    int[] ids,
    float[] values,
    float[] weights,
    float[] offsets)
    implements Serializable {

  /** Checks that the arrays fit each other. */
  public RowChunk {
    if (labels.length != hashes.length || starts.length != hashes.length + 1) {
      throw new IllegalArgumentException(
          "Cannot build a row chunk: expected one label and one start a row and one start more,"
              + " found "
              + hashes.length
              + " hashes, "
              + labels.length
              + " labels, "
              + starts.length
              + " starts");
    }
  }

  /** The number of rows. */
  public int rows() {
    return hashes.length;
  }

  /** The value at place {@code k} of {@link #ids}. */
  float value(int k) {
    return values.length == 0 ? 1f : values[k];
  }

  /** The weight of a row. */
  float weight(int row) {
    return weights.length == 0 ? 1f : weights[row];
  }

  /** The offset of a row. */
  float offset(int row) {
    return offsets.length == 0 ? 0f : offsets[row];
  }

  /** Joins chunks, in the order given, into one. */
  static RowChunk concat(Iterable<RowChunk> chunks) {
    int rows = 0;
    long entries = 0;
    boolean plain = true;
    boolean equal = true;
    boolean offset = false;
    for (RowChunk chunk : chunks) {
      rows = Math.addExact(rows, chunk.rows());
      entries += chunk.ids.length;
      plain &= chunk.values.length == 0;
      equal &= chunk.weights.length == 0;
      offset |= chunk.offsets.length > 0;
    }
    if (entries > Integer.MAX_VALUE - 16) {
      throw new IllegalArgumentException(
          "Cannot pack a logical partition: expected at most "
              + (Integer.MAX_VALUE - 16)
              + " non-zeros in it, found "
              + entries
              + "; raise the number of logical partitions (train.partitions)");
    }
    long[] hashes = new long[rows];
    float[] labels = new float[rows];
    int[] starts = new int[rows + 1];
    int[] ids = new int[(int) entries];
    float[] values = new float[plain ? 0 : (int) entries];
    float[] weights = new float[equal ? 0 : rows];
    float[] offsets = new float[offset ? rows : 0];
    int row = 0;
    int at = 0;
    for (RowChunk chunk : chunks) {
      int n = chunk.rows();
      int length = chunk.ids.length;
      System.arraycopy(chunk.hashes, 0, hashes, row, n);
      System.arraycopy(chunk.labels, 0, labels, row, n);
      for (int i = 0; i < n; i++) {
        starts[row + i] = at + chunk.starts[i];
      }
      System.arraycopy(chunk.ids, 0, ids, at, length);
      copyOrOnes(chunk.values, values, at, length);
      copyOrOnes(chunk.weights, weights, row, n);
      if (chunk.offsets.length > 0) {
        System.arraycopy(chunk.offsets, 0, offsets, row, n);
      }
      row += n;
      at += length;
    }
    starts[rows] = at;
    return new RowChunk(hashes, labels, starts, ids, values, weights, offsets);
  }

  /** Copies numbers, where an empty array stands for ones; copies nothing into an empty array. */
  private static void copyOrOnes(float[] from, float[] to, int at, int length) {
    if (from.length > 0) {
      System.arraycopy(from, 0, to, at, length);
    } else if (to.length > 0) {
      Arrays.fill(to, at, at + length, 1f);
    }
  }

  /** Compares two rows by hash, then by content; 0 means that they are the same in every bit. */
  int compare(int a, int b) {
    int order = Long.compare(hashes[a], hashes[b]);
    if (order == 0) {
      order = Float.compare(labels[a], labels[b]);
    }
    if (order == 0) {
      order = Arrays.compare(ids, starts[a], starts[a + 1], ids, starts[b], starts[b + 1]);
    }
    if (order == 0 && values.length > 0) {
      order = Arrays.compare(values, starts[a], starts[a + 1], values, starts[b], starts[b + 1]);
    }
    if (order == 0) {
      order = Float.compare(weight(a), weight(b));
    }
    if (order == 0) {
      order = Float.compare(offset(a), offset(b));
    }
    return order;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RowChunk that
        && Arrays.equals(hashes, that.hashes)
        && Arrays.equals(labels, that.labels)
        && Arrays.equals(starts, that.starts)
        && Arrays.equals(ids, that.ids)
        && Arrays.equals(values, that.values)
        && Arrays.equals(weights, that.weights)
        && Arrays.equals(offsets, that.offsets);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(hashes);
  }

  @Override
  public String toString() {
    return "RowChunk[rows=" + rows() + ", nonZeros=" + ids.length + "]";
  }
}
