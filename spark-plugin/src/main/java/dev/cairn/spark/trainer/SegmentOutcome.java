package dev.cairn.spark.trainer;

import java.io.Serializable;

/**
 * The outcome of a segment for one task. A task that cannot go on returns that as a result, not as
 * a Spark task failure: Spark would start it again, alone, and report the last attempt instead of
 * the cause.
 *
 * @param kind the kind of ending
 * @param message the reason; empty when done
 * @param lossUnits the losses of its batches, as {@link TrainingLosses} counts them, by epoch: the
 *     first is that of the segment's first step; none unless done
 * @param computeNanos the time that it computed, in all steps together; 0 unless done
 * @param exchangeNanos the time that it waited for its exchanges with the shards; 0 unless done
 */
record SegmentOutcome(
    Kind kind, String message, long[] lossUnits, long computeNanos, long exchangeNanos)
    implements Serializable {

  /** Makes the outcome of a task that did not take all steps, or had none to take. */
  SegmentOutcome(Kind kind, String message) {
    this(kind, message, new long[0], 0, 0);
  }

  /** The kinds of endings, the more informative ones later. */
  enum Kind {
    /** All steps were taken. */
    DONE,
    /** Another task or the driver gave the segment up. */
    ABANDONED,
    /** A shard refused or is gone, or the task itself failed. */
    FAILED,
    /** The loss or a parameter is not a finite number. */
    DIVERGED,
    /** A partition that was computed again after a loss differs from what it was. */
    DATA_CHANGED
  }
}
