package dev.cairn.spark.listener;

import dev.cairn.checkpoint.model.TestFigures;
import java.util.List;
import java.util.Locale;

/**
 * Listens to the events of a training run. It is called from one thread at a time, not always the
 * same; an implementation returns quickly.
 */
public interface TrainingListener {

  /**
   * The progress of training.
   *
   * @param step the number of steps applied
   * @param endStep the last step
   * @param epoch epoch of the next batch, from 0
   * @param epochs the number of epochs of the run
   * @param samplesPerSecond the rate over about the last second of training; 0 if not known yet
   * @param loss mean loss of the samples of the steps since the last call; NaN if there were none
   * @param durableStep step of the newest committed checkpoint, -1 if there is none
   */
  record Progress(
      long step,
      long endStep,
      long epoch,
      int epochs,
      double samplesPerSecond,
      double loss,
      long durableStep) {}

  /**
   * Called when training begins or goes on; {@code from} is empty for a fresh start, else a
   * checkpoint.
   */
  default void started(String from, Progress progress) {}

  /** Called every half second or so while steps run. */
  default void progress(Progress progress) {}

  /**
   * Called when a pass over the data is done. After a recovery it may be called again, with the
   * same loss.
   *
   * @param epochs the number of passes that are done
   * @param step the step at which this one ended
   * @param loss mean loss of its rows, each batch's taken before its step
   */
  default void epochTrained(long epochs, long step, double loss) {}

  /**
   * Called when a checkpoint is in place.
   *
   * @param bytes the bytes of its data files
   * @param capturedMillis the time for which training stood still
   * @param durableMillis the time from its cut until it was committed
   */
  default void committed(
      String path, long step, long bytes, long capturedMillis, long durableMillis) {}

  /**
   * The parameters' figures on the held-out rows.
   *
   * @param step the number of steps applied
   * @param epochs the number of passes over the data that are done, whole or in part
   * @param loss mean loss of the held-out rows
   * @param bestStep the step with the lowest loss at the end of an epoch, -1 if none has ended
   * @param bestLoss that loss
   */
  record Validation(long step, double epochs, double loss, long bestStep, double bestLoss) {}

  /**
   * Called when the parameters were judged on the held-out rows, at the end of an epoch or of
   * training.
   */
  default void validated(Validation validation) {}

  /**
   * Called when parameters that may be the result were judged on the test rows: at the end of
   * training and, if the best are kept, whenever they are the best so far.
   *
   * @param step the number of steps applied
   */
  default void tested(long step, TestFigures figures) {}

  /** Called when a damaged checkpoint is passed over; an older one is tried. */
  default void checkpointSkipped(String path, String why) {}

  /** Called when a save failed; training goes on if that many failures are tolerated. */
  default void saveFailed(long step, String why) {}

  /**
   * A return of training to a committed step, or a change of the shards' owners at a cut.
   *
   * @param losses the lost executors, each with how that was noticed and after how long
   * @param cause the reason
   * @param fromStep the committed step that training goes on from
   * @param stepsRedone steps that had been taken after it, as far as is known
   * @param executors the number of executors that own shards now
   * @param generation number of the membership
   * @param memoryBytes bytes that came from copies in the executors' memory
   * @param storageBytes bytes that were read from storage
   * @param millisToNextStep the time from when training stood still until the next step was done;
   *     -1 if none followed
   */
  record Recovery(
      List<String> losses,
      String cause,
      long fromStep,
      long stepsRedone,
      int executors,
      long generation,
      long memoryBytes,
      long storageBytes,
      long millisToNextStep) {

    /** Describes this in one plain paragraph. */
    public String describe() {
      String what =
          losses.isEmpty()
              ? "Shards changed hands: " + cause
              : "Lost " + String.join(" and ", losses);
      return String.format(
          Locale.ROOT,
          "%s. Training went on from step %d (%d steps redone) on %d executors as generation %d:"
              + " %,d bytes came from memory, %,d from storage; %s.",
          what,
          fromStep,
          stepsRedone,
          executors,
          generation,
          memoryBytes,
          storageBytes,
          millisToNextStep < 0
              ? "no step followed"
              : String.format(
                  Locale.ROOT, "the next step was done after %.1f s", millisToNextStep / 1e3));
    }
  }

  /**
   * Called when an executor was lost or could not go on: training goes back to the last committed
   * step.
   */
  default void recovering(String why) {}

  /**
   * Called when the first step after a recovery, or after shards changed hands, is done, or when
   * the run ends without one.
   */
  default void recovered(Recovery recovery) {}
}
