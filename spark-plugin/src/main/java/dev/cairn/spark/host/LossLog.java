package dev.cairn.spark.host;

import dev.cairn.spark.transport.ShardReply;

/** A ring of the losses of the last steps. Not thread-safe. */
final class LossLog {
  static final int STEPS = 1 << 12;

  private final double[] sums = new double[STEPS];
  private final long[] rows = new long[STEPS];
  private long last;
  private int size;

  /** Starts anew after a step. */
  void startAfter(long step) {
    last = step;
    size = 0;
  }

  /** Adds the losses of the step after the last one. */
  void add(double sum, long count) {
    last++;
    int at = (int) (last % STEPS);
    sums[at] = sum;
    rows[at] = count;
    size = Math.min(size + 1, STEPS);
  }

  /** A status with the losses of the steps after {@code since}, as far as they are still here. */
  ShardReply.Status status(
      long since, long segment, long ownedRows, long bytes, long copiedBytes, int waiting) {
    long first = Math.max(since + 1, last - size + 1);
    int count = (int) Math.max(0, last - first + 1);
    double[] wantedSums = new double[count];
    long[] wantedRows = new long[count];
    for (int i = 0; i < count; i++) {
      int at = (int) ((first + i) % STEPS);
      wantedSums[i] = sums[at];
      wantedRows[i] = rows[at];
    }
    return new ShardReply.Status(
        last, segment, ownedRows, bytes, copiedBytes, waiting, first, wantedSums, wantedRows);
  }
}
