package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.RunResult;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.util.Optional;
import org.apache.spark.SparkContext;

/**
 * A model on storage, by what its checkpoint says of it.
 *
 * @param checkpoint path of the checkpoint
 * @param features size of the feature space
 * @param definition how features are made; empty if they came ready made
 */
public record FoundModel(String checkpoint, int features, Optional<FeatureDefinition> definition) {
  private static final String WEIGHTS = "weights/.ATTRIBUTES/VARIABLE_VALUE";

  /**
   * Finds the model that a path means: a run's result, or a checkpoint.
   *
   * @throws Mismatch if there are no weights in it
   */
  public static FoundModel at(String path, SparkContext context) throws IOException {
    String found = RunResult.find(path, HadoopSettings.options(context));
    try (CheckpointReader reader = CheckpointReader.open(found, HadoopSettings.options(context))) {
      VariableSpec weights =
          reader
              .variable(WEIGHTS)
              .orElseThrow(
                  () ->
                      new Mismatch(
                          "Cannot load a model: expected variable "
                              + WEIGHTS
                              + ", found none (path="
                              + found
                              + ")"));
      return new FoundModel(
          found,
          Math.toIntExact(weights.shape().elements()),
          reader.manifest().flatMap(Manifest::training).flatMap(TrainingState::features));
    }
  }
}
