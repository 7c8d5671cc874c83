package dev.cairn.spark.data;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Collects rows of one logical partition until a chunk is worth sending. Not thread-safe. */
final class RowChunkBuilder {
  private long[] hashes = new long[64];
  private float[] labels = new float[64];
  private int[] starts = new int[65];
  private int[] ids = new int[1024];
  private float @Nullable [] values;
  private float @Nullable [] weights;
  private float @Nullable [] offsets;
  private int rows;
  private int entries;

  /** Adds a row of weight 1 without an offset. */
  void add(long hash, float label, int[] rowIds, float @Nullable [] rowValues, int count) {
    add(hash, label, 1f, 0f, rowIds, rowValues, count);
  }

  /**
   * Adds a row whose ids are ascending.
   *
   * @param rowValues null when every value is 1
   */
  void add(
      long hash,
      float label,
      float weight,
      float offset,
      int[] rowIds,
      float @Nullable [] rowValues,
      int count) {
    if (rows == hashes.length) {
      growRows();
    }
    if (weight != 1f && weights == null) {
      weights = new float[hashes.length];
      Arrays.fill(weights, 0, rows, 1f);
    }
    if (weights != null) {
      weights[rows] = weight;
    }
    if (offset != 0f && offsets == null) {
      offsets = new float[hashes.length];
    }
    if (offsets != null) {
      offsets[rows] = offset;
    }
    if (entries + count > ids.length) {
      int capacity = Math.max(ids.length * 2, entries + count);
      ids = Arrays.copyOf(ids, capacity);
      if (values != null) {
        values = Arrays.copyOf(values, capacity);
      }
    }
    if (rowValues != null && values == null) {
      values = new float[ids.length];
      Arrays.fill(values, 0, entries, 1f);
    }
    System.arraycopy(rowIds, 0, ids, entries, count);
    if (values != null) {
      if (rowValues == null) {
        Arrays.fill(values, entries, entries + count, 1f);
      } else {
        System.arraycopy(rowValues, 0, values, entries, count);
      }
    }
    hashes[rows] = hash;
    labels[rows] = label;
    entries += count;
    starts[++rows] = entries;
  }

  private void growRows() {
    hashes = Arrays.copyOf(hashes, rows * 2);
    labels = Arrays.copyOf(labels, rows * 2);
    starts = Arrays.copyOf(starts, rows * 2 + 1);
    if (weights != null) {
      weights = Arrays.copyOf(weights, rows * 2);
    }
    if (offsets != null) {
      offsets = Arrays.copyOf(offsets, rows * 2);
    }
  }

  /** The bytes, about, that the rows held so far take. */
  int bytes() {
    int row = 16 + (weights == null ? 0 : 4) + (offsets == null ? 0 : 4);
    return rows * row + entries * (values == null ? 4 : 8);
  }

  boolean isEmpty() {
    return rows == 0;
  }

  /** Returns the collected rows and starts over. */
  RowChunk drain() {
    RowChunk chunk =
        new RowChunk(
            Arrays.copyOf(hashes, rows),
            Arrays.copyOf(labels, rows),
            Arrays.copyOf(starts, rows + 1),
            Arrays.copyOf(ids, entries),
            values == null ? new float[0] : Arrays.copyOf(values, entries),
            weights == null ? new float[0] : Arrays.copyOf(weights, rows),
            offsets == null ? new float[0] : Arrays.copyOf(offsets, rows));
    rows = 0;
    entries = 0;
    values = null;
    weights = null;
    offsets = null;
    return chunk;
  }
}
