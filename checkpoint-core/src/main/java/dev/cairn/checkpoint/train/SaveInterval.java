package dev.cairn.checkpoint.train;

import java.util.function.LongSupplier;

/**
 * Whether it is time for the next checkpoint: at most one of a step, and so many steps between two.
 * Not thread-safe.
 */
final class SaveInterval {
  private final long interval;
  private final LongSupplier counter;
  private boolean any;
  private long last;

  /**
   * An interval after which nothing was saved yet.
   *
   * @param interval in steps, at least 1
   * @param counter the step that training has reached
   */
  SaveInterval(long interval, LongSupplier counter) {
    if (interval < 1) {
      throw new IllegalArgumentException(
          "Cannot manage checkpoints: expected a checkpointInterval of at least 1 step, found "
              + interval);
    }
    this.interval = interval;
    this.counter = counter;
  }

  long interval() {
    return interval;
  }

  long step() {
    return counter.getAsLong();
  }

  /**
   * Whether a save at this step is due.
   *
   * @param checkInterval whether the interval counts; else only whether the step was saved already
   */
  boolean due(long step, boolean checkInterval) {
    if (!any) {
      return true;
    }
    return step != last && (!checkInterval || (step > last && step - last >= interval));
  }

  /** The step was saved, or is the one that was restored. */
  void saved(long step) {
    any = true;
    last = step;
  }
}
