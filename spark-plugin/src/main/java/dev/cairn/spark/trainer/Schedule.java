package dev.cairn.spark.trainer;

/**
 * The steps and cuts of a run: plain arithmetic on the step clock.
 *
 * @param firstStep the number of steps applied before this run
 * @param epochStart the step at which epoch 0 of the present data began
 * @param batchesPerEpoch steps of an epoch
 * @param maxEpochs passes over the data
 * @param maxSteps no more steps than this from {@code epochStart} on, 0 for no limit
 * @param everySteps a checkpoint falls due at each multiple of this, 0 for never
 */
record Schedule(
    long firstStep,
    long epochStart,
    long batchesPerEpoch,
    int maxEpochs,
    long maxSteps,
    long everySteps) {

  /** The step after which training ends; never before {@code firstStep}. */
  long endStep() {
    return Math.max(firstStep, askedStep());
  }

  /** The step that was asked for; before {@code firstStep} if more steps were taken already. */
  long askedStep() {
    long steps = Math.multiplyExact(batchesPerEpoch, (long) maxEpochs);
    if (maxSteps > 0) {
      steps = Math.min(steps, maxSteps);
    }
    return Math.addExact(epochStart, steps);
  }

  /** The next step after {@code step} at which a checkpoint falls due, or the end. */
  long nextCut(long step) {
    if (everySteps == 0) {
      return endStep();
    }
    long due = (step / everySteps + 1) * everySteps;
    return Math.min(due, endStep());
  }

  /** Whether a checkpoint falls due after {@code step}. */
  boolean checkpointDue(long step) {
    return step == endStep() || (everySteps > 0 && step % everySteps == 0);
  }

  /** The epoch of the next batch after {@code step} steps, from 0. */
  long epoch(long step) {
    return (step - epochStart) / batchesPerEpoch;
  }

  /** The number of batches of its epoch that come before the next batch. */
  long batch(long step) {
    return (step - epochStart) % batchesPerEpoch;
  }

  /** The step at which so many epochs have ended. */
  long step(long epochs) {
    return epochStart + epochs * batchesPerEpoch;
  }

  /** The next step after {@code step} at which an epoch ends, or the end. */
  long epochEnd(long step) {
    return Math.min(step + batchesPerEpoch - batch(step), endStep());
  }
}
