package dev.cairn.checkpoint.train;

import java.util.Locale;

/**
 * Which checkpoints of a manager stay. The first two rules are those of {@code
 * tf.train.CheckpointManager}, in its words.
 *
 * @param maxToKeep how many stay in the list; 0 for all
 * @param everyHours of those that leave the list because of their number, one is kept for good
 *     whenever so many hours lie between its save and that of the last one kept so; 0 for none
 * @param everySteps whoever leaves the list at a step that this divides is kept for good; 0 for
 *     none
 * @param best so many with the best metric stay as long as they are the best; 0 for none
 * @param goal what "best" means
 * @param secondsToLive what is older leaves the list; infinite for never
 * @param bytes when all take more, the oldest go; {@code Long.MAX_VALUE} for no limit
 */
record KeepRules(
    int maxToKeep,
    double everyHours,
    long everySteps,
    int best,
    MetricGoal goal,
    double secondsToLive,
    long bytes) {

  static final KeepRules ALL =
      new KeepRules(0, 0, 0, 0, MetricGoal.MIN, Double.POSITIVE_INFINITY, Long.MAX_VALUE);

  KeepRules {
    check(maxToKeep >= 0, "maxToKeep", "a positive number", maxToKeep);
    check(
        everyHours >= 0 && everyHours < Double.POSITIVE_INFINITY,
        "keepCheckpointEveryNHours",
        "a number of hours",
        everyHours);
    check(everySteps >= 0, "keepEveryNSteps", "a positive number", everySteps);
    check(best >= 0, "keepBest", "a positive number", best);
    check(secondsToLive > 0, "timeToLive", "a positive duration", secondsToLive);
    check(bytes > 0, "byteBudget", "a positive number of bytes", bytes);
  }

  private static void check(boolean good, String what, String expected, Number found) {
    if (!good) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot manage checkpoints: expected %s for %s, found %s",
              expected,
              what,
              found));
    }
  }

  KeepRules withMaxToKeep(int count) {
    return new KeepRules(count, everyHours, everySteps, best, goal, secondsToLive, bytes);
  }

  KeepRules withEveryHours(double hours) {
    return new KeepRules(maxToKeep, hours, everySteps, best, goal, secondsToLive, bytes);
  }

  KeepRules withEverySteps(long steps) {
    return new KeepRules(maxToKeep, everyHours, steps, best, goal, secondsToLive, bytes);
  }

  KeepRules withBest(int count, MetricGoal what) {
    return new KeepRules(maxToKeep, everyHours, everySteps, count, what, secondsToLive, bytes);
  }

  KeepRules withSecondsToLive(double seconds) {
    return new KeepRules(maxToKeep, everyHours, everySteps, best, goal, seconds, bytes);
  }

  KeepRules withBytes(long count) {
    return new KeepRules(maxToKeep, everyHours, everySteps, best, goal, secondsToLive, count);
  }

  /** Whether one that leaves the list now is kept for good because of the time that has passed. */
  boolean keepsForTime(double seconds, double lastPreserved) {
    return everyHours > 0 && seconds - everyHours * 3600 >= lastPreserved;
  }

  /** Whether one is kept for good because of its step, or because somebody said so. */
  boolean keepsForGood(ManagedCheckpoint checkpoint) {
    long step = checkpoint.step();
    return checkpoint.keep() || (everySteps > 0 && step >= 0 && step % everySteps == 0);
  }
}
