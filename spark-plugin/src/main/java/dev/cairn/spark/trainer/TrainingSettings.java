package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.TrainingState;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a training run.
 *
 * @param partitions the number of logical data partitions
 * @param batchRows the rows of one step over all partitions
 * @param seed the seed of everything random
 * @param maxEpochs the number of passes over the data
 * @param maxSteps no more steps than this on this data, 0 for no limit
 * @param everySteps steps between checkpoints, 0 for one at the end only
 * @param optimizer the optimizer and its settings
 * @param configuration everything that decides the trained bits, by the names that users set; kept
 *     in every checkpoint and compared on resume
 * @param resume whether, and from what, the run goes on
 * @param stopping the conditions of an end before its last epoch, and the choice of its result
 * @param features the definition of the features, kept in every checkpoint; empty where that is not
 *     known
 */
public record TrainingSettings(
    int partitions,
    int batchRows,
    long seed,
    int maxEpochs,
    long maxSteps,
    long everySteps,
    OptimizerSpec optimizer,
    SortedMap<String, String> configuration,
    ResumeSettings resume,
    StoppingSettings stopping,
    Optional<FeatureDefinition> features) {

  /** Copies the collections and checks the numbers. */
  public TrainingSettings {
    configuration = Collections.unmodifiableSortedMap(new TreeMap<>(configuration));
    if (maxEpochs < 0 || maxSteps < 0 || everySteps < 0) {
      throw new IllegalArgumentException(
          "Cannot train: expected epochs, steps and checkpoint interval from 0 on, found "
              + maxEpochs
              + ", "
              + maxSteps
              + ", "
              + everySteps);
    }
  }

  /** The same for a run that begins with a model, which decides the trained bits, too. */
  public TrainingSettings beginningWith(InitialModel model) {
    SortedMap<String, String> all = new TreeMap<>(configuration);
    all.put(
        TrainingState.INITIAL_MODEL,
        model.commit() + (model.optimizerState() ? " with optimizer" : ""));
    return new TrainingSettings(
        partitions,
        batchRows,
        seed,
        maxEpochs,
        maxSteps,
        everySteps,
        optimizer,
        all,
        new ResumeSettings(resume.on(), resume.from(), resume.accepted(), Optional.of(model)),
        stopping,
        features);
  }

  /** The steps of a run that begins at {@code firstStep}. */
  Schedule schedule(long firstStep, long epochStart, long batchesPerEpoch) {
    return new Schedule(firstStep, epochStart, batchesPerEpoch, maxEpochs, maxSteps, everySteps);
  }

  /**
   * The settings with everything that decides the end of training, and so the resulting parameters,
   * among the configuration.
   *
   * @param heldOut the fingerprint of the held-out rows; null for none
   */
  TrainingSettings complete(@Nullable String heldOut) {
    SortedMap<String, String> all = new TreeMap<>(configuration);
    if (stopping.tol() > 0) {
      all.put("train.tol", Double.toString(stopping.tol()));
    }
    if (heldOut != null) {
      all.put(EpochEnds.DATA, heldOut);
      all.put("validation.result", stopping.restoreBest() ? "best" : "last");
      if (stopping.patience() > 0) {
        all.put("validation.patience", Integer.toString(stopping.patience()));
        all.put("validation.tol", Double.toString(stopping.validationTol()));
      }
    }
    return new TrainingSettings(
        partitions,
        batchRows,
        seed,
        maxEpochs,
        maxSteps,
        everySteps,
        optimizer,
        all,
        resume,
        stopping,
        features);
  }
}
