package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.train.CheckpointManager.InitFn;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link CheckpointManager} saves and what it keeps. The first part has the names and the
 * meaning of {@code tf.train.CheckpointManager}'s arguments; the second is beyond it. Not
 * thread-safe.
 */
public final class CheckpointManagerBuilder {
  private final Checkpoint checkpoint;
  private final String directory;
  private KeepRules rules = KeepRules.ALL;
  private FolderOptions folderOptions = FolderOptions.defaults();
  private String name = "ckpt";
  private @Nullable LongSupplier stepCounter;
  private long interval;
  private @Nullable Long lastStep;
  private @Nullable DoubleSupplier metric;
  private @Nullable InitFn initFn;
  private boolean verify = true;
  private Clock clock = Clock.systemUTC();

  CheckpointManagerBuilder(Checkpoint checkpoint, String directory) {
    this.checkpoint = Objects.requireNonNull(checkpoint, "checkpoint");
    this.directory = Objects.requireNonNull(directory, "directory");
  }

  /** So many stay in the list, at least 1; the oldest saves go. Without this all stay. */
  public CheckpointManagerBuilder maxToKeep(int count) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "Cannot manage checkpoints: expected a maxToKeep of at least 1, found "
              + count
              + "; leave it out to keep all");
    }
    rules = rules.withMaxToKeep(count);
    return this;
  }

  /**
   * Of those that would go because of their number, one stays for good whenever it was saved so
   * many hours after the last one that stayed so. Nobody deletes those.
   */
  public CheckpointManagerBuilder keepCheckpointEveryNHours(double hours) {
    rules = rules.withEveryHours(hours);
    return this;
  }

  /**
   * What stands before the number: {@code ckpt} unless another is chosen. Checkpoints of the name
   * {@code sub/ck} lie in a folder below; the state file stays where it is.
   */
  public CheckpointManagerBuilder checkpointName(String checkpointName) {
    name = checkpointName;
    return this;
  }

  /** Tells the step that training has reached. */
  public CheckpointManagerBuilder stepCounter(LongSupplier counter) {
    stepCounter = counter;
    return this;
  }

  /** A save is passed over until so many steps have gone by since the last one; at least 1. */
  public CheckpointManagerBuilder checkpointInterval(long steps) {
    if (steps < 1) {
      throw new IllegalArgumentException(
          "Cannot manage checkpoints: expected a checkpointInterval of at least 1 step, found "
              + steps);
    }
    interval = steps;
    return this;
  }

  /** The step of the last checkpoint, from which the interval counts. */
  public CheckpointManagerBuilder lastCheckpointStep(long step) {
    lastStep = step;
    return this;
  }

  /** Fills the program in where {@link CheckpointManager#restoreOrInitialize} finds nothing. */
  public CheckpointManagerBuilder initFn(InitFn function) {
    initFn = function;
    return this;
  }

  /** Those saved at a multiple of so many steps stay for good; at least 1. */
  public CheckpointManagerBuilder keepEveryNSteps(long steps) {
    rules = rules.withEverySteps(steps);
    return this;
  }

  /**
   * Those with the best metric stay as long as they are the best, beside {@link #maxToKeep}.
   *
   * @param current asked at each save how good the model is; NaN is never the best
   * @param goal which is better
   * @param count how many stay, at least 1
   */
  public CheckpointManagerBuilder keepBest(DoubleSupplier current, MetricGoal goal, int count) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "Cannot manage checkpoints: expected to keep at least 1 of the best, found " + count);
    }
    metric = current;
    rules = rules.withBest(count, goal);
    return this;
  }

  /** Older ones go at the next save, however few there are; the newest and the best stay. */
  public CheckpointManagerBuilder timeToLive(Duration time) {
    rules = rules.withSecondsToLive(time.toSeconds() + time.toNanosPart() / 1e9);
    return this;
  }

  /**
   * The oldest go at a save until all that are listed or held take no more bytes; the newest, the
   * best and what is read stay. What stays for good does not count.
   */
  public CheckpointManagerBuilder byteBudget(long bytes) {
    rules = rules.withBytes(bytes);
    return this;
  }

  /**
   * Whether each new checkpoint is read back, every byte, before older ones are deleted; so it is
   * unless this says no. Whoever says no may lose the last good one to a disk that lies.
   */
  public CheckpointManagerBuilder verifyBeforeDeleting(boolean reads) {
    verify = reads;
    return this;
  }

  /** Of these the Hadoop settings count, for a folder that is not local. */
  public CheckpointManagerBuilder folderOptions(FolderOptions options) {
    folderOptions = options;
    return this;
  }

  /** Where the times of saves come from; that of this machine unless another is chosen. */
  public CheckpointManagerBuilder clock(Clock other) {
    clock = other;
    return this;
  }

  /**
   * Opens the folder: reads its state file, if there is one, and changes nothing.
   *
   * @throws IllegalArgumentException for settings that do not go together
   * @throws dev.cairn.checkpoint.model.CheckpointException.Corrupt if the state file is damaged, or
   *     has a field that TensorFlow does not know: a manager that passed over it would begin anew
   */
  public CheckpointManager build() throws IOException {
    return new CheckpointManager(
        checkpoint,
        directory,
        new ManagerSettings(
            rules,
            folderOptions,
            name,
            stepCounter,
            interval,
            lastStep,
            metric,
            initFn,
            verify,
            clock));
  }
}
