package dev.cairn.spark.trainer;

/**
 * Which batch each step of a run takes. Step s is batch {@code s % S} of epoch {@code s / S}, and
 * the batches of an epoch come in an order that is a pure function of seed and epoch, the same for
 * all partitions. Keeps the order of the epoch asked for last; not thread-safe.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class BatchOrder {

  /** The order of a run with {@code batchesPerEpoch} batches in an epoch. */
  public BatchOrder(long seed, int batchesPerEpoch) {
    throw new UnsupportedOperationException();
  }

  /** Steps of one epoch for that many samples in all: {@code max(1, ceil(samples / batchRows))}. */
  public static int batchesPerEpoch(long samples, long batchRows) {
    throw new UnsupportedOperationException();
  }

  /** The packed batch, in {@code [0, S)}, that step {@code step >= 0} of the run takes. */
  public int batch(long step) {
    throw new UnsupportedOperationException();
  }

  /** The epoch that a step belongs to, from 0. */
  public long epoch(long step) {
    throw new UnsupportedOperationException();
  }

  /** How many batches of its epoch come before a step. */
  public int position(long step) {
    throw new UnsupportedOperationException();
  }

  /**
   * The step at that position of that epoch: the inverse of {@link #epoch} and {@link #position}.
   */
  public long step(long epoch, long position) {
    throw new UnsupportedOperationException();
  }
}
