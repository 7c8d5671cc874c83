package dev.cairn.spark.shard;

/** Collects the gradients of all logical partitions for one step, then applies them in order. */
@SuppressWarnings("DoNotCallSuggester")
public final class StepAggregator {

  /** The answer to a contribution. */
  public enum Offer {
    /** Taken. */
    ACCEPTED,
    /** This partition has already contributed to this step; ignored. */
    DUPLICATE
  }

  /** Collects for a shard from {@code partitions} logical partitions. */
  public StepAggregator(ParameterShard shard, int partitions) {
    throw new UnsupportedOperationException();
  }

  /**
   * Takes one partition's gradients, by reference: do not change the arrays until {@link #apply()}.
   *
   * @param rows strictly ascending global row ids in {@code [from, to)}, owned by the shard
   * @param gradients the gradients of these rows, one after the other, from {@code gradientOffset}
   */
  public Offer offer(
      int partition, int[] rows, int from, int to, float[] gradients, int gradientOffset) {
    throw new UnsupportedOperationException();
  }

  /** Whether every partition has contributed. */
  public boolean complete() {
    throw new UnsupportedOperationException();
  }

  /** Sums in partition order, applies the optimizer once per touched row, opens the next step. */
  public void apply() {
    throw new UnsupportedOperationException();
  }

  /** Forgets what was offered to the open step. */
  public void reset() {
    throw new UnsupportedOperationException();
  }
}
