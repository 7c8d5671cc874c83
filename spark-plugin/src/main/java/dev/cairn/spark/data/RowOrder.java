package dev.cairn.spark.data;

import java.util.Arrays;

/**
 * The order of a logical partition's rows: a shuffle that depends on the seed and on the rows'
 * content alone.
 *
 * <p>Rows are sorted by a seeded hash of their content. Rows that are the same in every bit would
 * then stand in one clump, so the j-th of them is placed by a hash of (content, j); which of the
 * identical rows is called the j-th makes no difference. Whatever the order in which rows arrive
 * (files, splits, tasks, retries), the result is the same (invariant I5).
 */
final class RowOrder {
  private RowOrder() {}

  /**
   * Returns the row numbers of {@code rows} in training order.
   *
   * @param seed the training seed
   */
  static int[] of(RowChunk rows, long seed) {
    int n = rows.rows();
    long[] keys = new long[n];
    for (int i = 0; i < n; i++) {
      keys[i] = rows.hashes()[i];
    }
    int[] byContent = sorted(keys, rows);
    long[] placed = new long[n];
    int repeats = 0;
    for (int i = 0; i < n; i++) {
      int row = byContent[i];
      repeats = i > 0 && rows.compare(byContent[i - 1], row) == 0 ? repeats + 1 : 0;
      placed[row] = RowHash.mix(RowHash.mix(seed, rows.hashes()[row]), repeats);
    }
    return sorted(placed, rows);
  }

  /**
   * Row numbers sorted by key, ties by content. The sort runs on longs that hold the upper bits of
   * the key and the row number, so no objects are made; the few rows whose upper bits are equal are
   * put right afterwards.
   */
  private static int[] sorted(long[] keys, RowChunk rows) {
    int n = keys.length;
    int bits = n <= 1 ? 1 : 64 - Long.numberOfLeadingZeros(n - 1L);
    long rowMask = (1L << bits) - 1;
    long[] packed = new long[n];
    for (int i = 0; i < n; i++) {
      packed[i] = (keys[i] & ~rowMask) | i;
    }
    Arrays.sort(packed);
    int[] order = new int[n];
    int groupStart = 0;
    for (int i = 0; i < n; i++) {
      order[i] = (int) (packed[i] & rowMask);
      if ((packed[i] & ~rowMask) != (packed[groupStart] & ~rowMask)) {
        groupStart = i;
      }
      int row = order[i];
      int j = i - 1;
      while (j >= groupStart && compare(order[j], row, keys, rows) > 0) {
        order[j + 1] = order[j];
        j--;
      }
      order[j + 1] = row;
    }
    return order;
  }

  private static int compare(int a, int b, long[] keys, RowChunk rows) {
    int order = Long.compare(keys[a], keys[b]);
    return order != 0 ? order : rows.compare(a, b);
  }
}
