package dev.cairn.spark.transport;

import java.util.Arrays;

/**
 * Rows that the answer to an {@linkplain ShardMessage.Exchange exchange} brings once, before all
 * others: several partitions of the sender need them, such as a whole dense layer. They are left
 * out of the rows that a contribution wants; both ends find them by {@link #cuts}. Immutable by
 * convention: the array is not written to after construction.
 *
 * @param bounds the first global row of each range and the one after its last; ascending
 */
public record SharedRows(int[] bounds) {
  /** No shared rows: every contribution is answered with all rows that it wants. */
  public static final SharedRows NONE = new SharedRows(new int[0]);

  /** Checks the ranges. */
  public SharedRows {
    int previous = 0;
    for (int i = 0; i < bounds.length; i++) {
      if (bounds[i] < previous || (i % 2 == 1 && bounds[i] == previous)) {
        throw refused(bounds);
      }
      previous = bounds[i];
    }
    if (bounds.length % 2 != 0) {
      throw refused(bounds);
    }
  }

  private static IllegalArgumentException refused(int[] bounds) {
    return new IllegalArgumentException(
        "Cannot share rows: expected ascending ranges of rows from 0 on, found "
            + Arrays.toString(bounds));
  }

  /** All of these rows, ascending. */
  public int[] rows() {
    int count = 0;
    for (int i = 0; i < bounds.length; i += 2) {
      count = Math.addExact(count, bounds[i + 1] - bounds[i]);
    }
    int[] rows = new int[count];
    int at = 0;
    for (int i = 0; i < bounds.length; i += 2) {
      for (int row = bounds[i]; row < bounds[i + 1]; row++) {
        rows[at++] = row;
      }
    }
    return rows;
  }

  /**
   * The places of the rows that are not shared: pairs of a place from which on they are not, and
   * one from which on they are again.
   *
   * @param rows the rows, ascending at {@code [from, to)}
   */
  public int[] cuts(int[] rows, int from, int to) {
    int[] cuts = new int[bounds.length + 2];
    cuts[0] = from;
    for (int i = 0; i < bounds.length; i++) {
      int found = Arrays.binarySearch(rows, cuts[i], to, bounds[i]);
      cuts[i + 1] = found < 0 ? -found - 1 : found;
    }
    cuts[bounds.length + 1] = to;
    return cuts;
  }
}
