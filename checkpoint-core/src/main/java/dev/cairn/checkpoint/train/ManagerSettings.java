package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.train.CheckpointManager.InitFn;
import java.time.Clock;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link CheckpointManager} saves and keeps.
 *
 * @param rules what stays
 * @param folderOptions of which the Hadoop settings count
 * @param name what stands before the number; may lie in a folder below the manager's
 * @param stepCounter the step that training has reached; null if nobody counts
 * @param interval steps between two checkpoints; 0 for any
 * @param lastStep the step of the last checkpoint, for the interval; null if none is known
 * @param metric how good the model is at the moment; null if nobody says
 * @param initFn fills the program in when there is no checkpoint; null for nothing
 * @param verify whether a checkpoint is read back before others are deleted
 * @param clock when a checkpoint was saved
 */
record ManagerSettings(
    KeepRules rules,
    FolderOptions folderOptions,
    String name,
    @Nullable LongSupplier stepCounter,
    long interval,
    @Nullable Long lastStep,
    @Nullable DoubleSupplier metric,
    @Nullable InitFn initFn,
    boolean verify,
    Clock clock) {

  ManagerSettings {
    if (interval != 0 && stepCounter == null) {
      throw new IllegalArgumentException(
          "Cannot manage checkpoints: expected a stepCounter with checkpointInterval, found none");
    }
    if (rules.best() > 0 && metric == null) {
      throw new IllegalArgumentException(
          "Cannot manage checkpoints: expected a metric with keepBest, found none");
    }
    String plain = "/" + name + "/";
    if (name.isBlank()
        || name.contains(":")
        || plain.contains("//")
        || plain.contains("/./")
        || plain.contains("/../")) {
      throw new IllegalArgumentException(
          "Cannot manage checkpoints: expected a checkpointName within the folder, such as ckpt or"
              + " sub/ckpt, found \""
              + name
              + "\"");
    }
  }

  /** Whether more must be remembered than TensorFlow's state file has room for. */
  boolean needsNotes() {
    return rules.everySteps() > 0 || metric != null;
  }

  /** The gate of the interval; null if there is none. */
  @Nullable SaveInterval gate() {
    LongSupplier counter = stepCounter;
    if (interval == 0 || counter == null) {
      return null;
    }
    SaveInterval gate = new SaveInterval(interval, counter);
    if (lastStep != null) {
      gate.saved(lastStep);
    }
    return gate;
  }
}
