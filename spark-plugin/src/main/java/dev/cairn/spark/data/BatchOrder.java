package dev.cairn.spark.data;

import java.util.Locale;

/**
 * The batches that the steps of a run take. Step s is at position {@code s % S} of epoch {@code s /
 * S}, and the S batches of an epoch come in an order that is a pure function of seed and epoch, the
 * same for all partitions: a Fisher-Yates shuffle driven by SplitMix64. It keeps the order of the
 * epoch that was asked for last; not thread-safe.
 */
public final class BatchOrder {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final long seed;
  private final int[] order;
  private long orderedEpoch = -1;

  /** The order of a run with {@code batchesPerEpoch} batches in an epoch, 1 or more. */
  public BatchOrder(long seed, int batchesPerEpoch) {
    if (batchesPerEpoch < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot order batches: expected at least 1 an epoch, found %d",
              batchesPerEpoch));
    }
    this.seed = seed;
    this.order = new int[batchesPerEpoch];
  }

  /**
   * The steps of one epoch for that many samples in all: {@code max(1, ceil(samples / batchRows))}.
   */
  public static int batchesPerEpoch(long samples, long batchRows) {
    if (samples < 0 || batchRows < 1) {
      throw new IllegalArgumentException(
          "Cannot cut an epoch into batches: expected samples >= 0 and batch rows >= 1, found "
              + String.format(Locale.ROOT, "%d and %d", samples, batchRows));
    }
    long whole = samples / batchRows;
    long batches = Math.max(1, samples % batchRows == 0 ? whole : whole + 1);
    if (batches > Integer.MAX_VALUE - 16) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot cut an epoch: expected at most %d batches, found %d; raise train.batch-rows",
              Integer.MAX_VALUE - 16,
              batches));
    }
    return (int) batches;
  }

  /** The packed batch, in {@code [0, S)}, that step {@code step >= 0} of the run takes. */
  public int batch(long step) {
    long epoch = epoch(step);
    if (epoch != orderedEpoch) {
      shuffle(epoch);
      orderedEpoch = epoch;
    }
    return order[position(step)];
  }

  /** The epoch that a step belongs to, from 0. */
  public long epoch(long step) {
    if (step < 0) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "Cannot place step: expected 0 or more, found %d", step));
    }
    return step / order.length;
  }

  /** The number of batches of its epoch that come before a step. */
  public int position(long step) {
    return (int) (step - epoch(step) * order.length);
  }

  /**
   * The step at that position of that epoch: the inverse of {@link #epoch} and {@link #position}.
   * Position S is legal: the first of the next epoch.
   */
  public long step(long epoch, long position) {
    if (epoch < 0 || position < 0 || position > order.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot find step: expected an epoch >= 0 and a position of 0 to %d, found %d and %d",
              order.length,
              epoch,
              position));
    }
    return Math.addExact(Math.multiplyExact(epoch, order.length), position);
  }

  private void shuffle(long epoch) {
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    long state = RowHash.mix(seed, epoch);
    for (int i = order.length - 1; i > 0; i--) {
      state += GOLDEN;
      // The product's high half maps 64 random bits to [0, i]; its bias is below 2^-32.
      int j = (int) multiplyHighUnsigned(RowHash.mix(state), i + 1L);
      int swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
  }

  /**
   * The high half of an unsigned number times a positive one (Math.unsignedMultiplyHigh came with
   * JDK 18).
   */
  private static long multiplyHighUnsigned(long random, long positive) {
    return Math.multiplyHigh(random, positive) + ((random >> 63) & positive);
  }
}
