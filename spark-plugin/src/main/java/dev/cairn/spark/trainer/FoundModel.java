package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.Checkpoint;
import dev.cairn.checkpoint.CoefficientReader;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.reading.ReadableModel;
import java.io.IOException;
import java.util.Optional;
import org.apache.spark.SparkContext;

/**
 * A model on storage: all that its checkpoint said of it when it was found, weights apart. It is
 * one commit, not whatever comes to lie in the same place later.
 *
 * @param weights what is read to score with it
 * @param features size of the feature space
 * @param scales how features were standardised
 * @param definition how features are made; empty if they came ready made
 */
public record FoundModel(
    ReadableModel weights,
    int features,
    FeatureScales scales,
    Optional<FeatureDefinition> definition) {

  /**
   * Finds the model that a path means: a run's result, or a checkpoint.
   *
   * @throws Mismatch if there are no weights in it
   */
  public static FoundModel at(String path, SparkContext context) throws IOException {
    try (CoefficientReader found = CoefficientReader.open(path, HadoopSettings.options(context))) {
      return of(found.path(), found.features(), found.manifest());
    }
  }

  /** The model of a committed checkpoint, of which nothing is read again. */
  public static FoundModel of(Checkpoint checkpoint, int features) {
    return of(checkpoint.path(), features, Optional.of(checkpoint.manifest()));
  }

  private static FoundModel of(String checkpoint, int features, Optional<Manifest> manifest) {
    Optional<TrainingState> training = manifest.flatMap(Manifest::training);
    return new FoundModel(
        ReadableModel.of(
            checkpoint, manifest, new LinearModel(features, true, new LogisticLoss()).layout()),
        features,
        training.map(TrainingState::scales).orElse(FeatureScales.NONE),
        training.flatMap(TrainingState::features));
  }

  /** The same commit in another place. */
  FoundModel movedTo(String checkpoint) {
    return new FoundModel(
        new ReadableModel(checkpoint, weights.commit(), weights.layout()),
        features,
        scales,
        definition);
  }

  /** Path of the checkpoint. */
  public String checkpoint() {
    return weights.checkpoint();
  }
}
