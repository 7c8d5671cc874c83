package dev.cairn.spark.shard;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.spark.shard.GradientSum.Addend;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Collects the gradients of all logical partitions for one step, whenever and in whatever order
 * they arrive, and then applies them: for each row the sum in partition order, in double, and the
 * optimizer once. So the result does not depend on which task computed what, or when.
 *
 * <p>Where the optimizer limits a norm, gradients of other shards decide as well: {@link #squares}
 * gives this shard's part of it, and {@link #apply(long, double[])} takes the norms of all.
 *
 * <p>Thread-safe. The thread whose offer is answered with {@link Offer#COMPLETED} is the one to
 * call {@link #apply} or {@link #squares}. The caller keeps track of the open step: offers do not
 * name theirs.
 */
public final class StepAggregator {

  /** The answer to a contribution. */
  public enum Offer {
    /** The contribution was taken; others are missing. */
    ACCEPTED,
    /** The contribution was taken, and it was the last one missing: apply. */
    COMPLETED,
    /** This partition has already contributed to this step; ignored. */
    DUPLICATE
  }

  private static final int WINDOW_ELEMENTS = 1 << 15;

  private final ParameterShard shard;

  @GuardedBy("this")
  private final @Nullable Addend[] contributions;

  @GuardedBy("this")
  private final GradientSum sum;

  @GuardedBy("this")
  private int missing;

  /** Makes one that collects for a shard from {@code partitions} logical partitions, 1 or more. */
  public StepAggregator(ParameterShard shard, int partitions) {
    if (partitions < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot collect gradients: expected at least 1 partition, found %d",
              partitions));
    }
    this.shard = shard;
    this.contributions = new Addend[partitions];
    this.sum = new GradientSum(shard.layout(), partitions, WINDOW_ELEMENTS);
    this.missing = partitions;
  }

  /**
   * Takes one partition's gradients, by reference: do not change the arrays until {@link #apply} or
   * {@link #reset()}.
   *
   * @param rows strictly ascending global row ids at {@code [from, to)}, owned by the shard
   * @param gradients the gradients of these rows, one after the other, from {@code gradientOffset}
   * @throws IllegalArgumentException when the rows or the gradients are not so; nothing changes
   */
  public synchronized Offer offer(
      int partition, int[] rows, int from, int to, float[] gradients, int gradientOffset) {
    if (partition < 0 || partition >= contributions.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot take gradients: partition, expected 0 to %d, found %d",
              contributions.length - 1,
              partition));
    }
    if (contributions[partition] != null) {
      return Offer.DUPLICATE;
    }
    check(partition, rows, from, to, gradients, gradientOffset);
    contributions[partition] = new Addend(rows, from, to, gradients, gradientOffset);
    return --missing == 0 ? Offer.COMPLETED : Offer.ACCEPTED;
  }

  private void check(
      int partition, int[] rows, int from, int to, float[] gradients, int gradientOffset) {
    int previous = shard.firstRow() - 1;
    for (int k = from; k < to; k++) {
      if (rows[k] <= previous) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Cannot take gradients of partition %d: expected ascending rows from %d, found %d",
                partition,
                previous + 1,
                rows[k]));
      }
      previous = rows[k];
    }
    if (previous >= shard.endRow()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot take gradients of partition %d: expected rows below %d, found %d",
              partition,
              shard.endRow(),
              previous));
    }
    long elements = shard.layout().elements(rows, from, to);
    if (gradientOffset < 0 || elements > gradients.length - gradientOffset) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot take gradients of partition %d: expected %d numbers, found %d",
              partition,
              elements,
              gradients.length - gradientOffset));
    }
  }

  /** Whether every partition has contributed to the open step. */
  public synchronized boolean complete() {
    return missing == 0;
  }

  /**
   * The sums of squares of the open step's gradients, one for the numbers of each block of the
   * shard. They are summed in an order that follows from the contributions alone.
   *
   * @throws IllegalStateException when a partition is missing
   */
  public synchronized double[] squares() {
    double[] squares = new double[shard.endBlock() - shard.firstBlock()];
    sum.touched(
        all(),
        (block, places, count, sums) -> {
          double square = squares[block - shard.firstBlock()];
          for (int i = 0; i < count; i++) {
            square += sums[i] * sums[i];
          }
          squares[block - shard.firstBlock()] = square;
        });
    return squares;
  }

  /**
   * Does the same as {@link #apply(long, double[])}, for an optimizer that limits no norm.
   *
   * @throws IllegalStateException when it limits one, or a partition is missing; nothing changes
   */
  public void apply(long step) {
    if (shard.optimizer().limitsNorm()) {
      throw new IllegalStateException(
          "Cannot apply step: the optimizer limits a norm, expected the sums of squares");
    }
    apply(step, new double[0]);
  }

  /**
   * Sums in partition order, applies the optimizer once per touched row, opens the next step.
   *
   * @param step the number of steps that were applied before this one
   * @param squares the sum of squares of each variable's gradients in all shards, in the order of
   *     the blocks
   * @throws IllegalStateException when a partition is missing; nothing changes
   * @throws NotFiniteException when a number is not finite afterwards; the shard is of no use then
   */
  public synchronized void apply(long step, double[] squares) {
    Addend[] all = all();
    GradientSum adder = sum;
    shard.update(
        table -> {
          BlockTable.Step taker = table.step(step, squares);
          adder.dense(all, shard.firstBlock(), shard.endBlock(), taker::dense, taker);
        });
    reset();
  }

  @GuardedBy("this")
  private Addend[] all() {
    if (missing > 0) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "Cannot apply step: expected gradients of %d partitions, found %d",
              contributions.length,
              contributions.length - missing));
    }
    return Arrays.copyOf(contributions, contributions.length, Addend[].class);
  }

  /** Drops the contributions to the open step. */
  public synchronized void reset() {
    Arrays.fill(contributions, null);
    missing = contributions.length;
  }
}
