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
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.Models;
import dev.cairn.spark.reading.ReadableModel;
import java.io.IOException;
import java.util.Optional;
import org.apache.spark.SparkContext;

/**
 * A model on storage: all that its checkpoint said of it when it was found, weights apart. It is
 * one commit, not whatever comes to lie in the same place later.
 *
 * @param weights what is read to score with it
 * @param model which model it is
 * @param scales how features were standardised
 * @param definition how features are made; empty if they came ready made
 */
public record FoundModel(
    ReadableModel weights,
    Model model,
    FeatureScales scales,
    Optional<FeatureDefinition> definition) {

  /**
   * Finds the model that a path means: a run's result, or a checkpoint.
   *
   * @throws Mismatch if there are no weights in it
   */
  public static FoundModel at(String path, SparkContext context) throws IOException {
    try (CoefficientReader found = CoefficientReader.open(path, HadoopSettings.options(context))) {
      Optional<Model> model = Models.in(found.manifest(), found.path());
      return of(
          found.path(),
          // Of what TensorFlow wrote, or an older Cairn, the variables alone are known.
          model.orElseGet(() -> new LinearModel(found.features(), true, new LogisticLoss())),
          found.manifest());
    }
  }

  /**
   * The model of a committed checkpoint that says which it is.
   *
   * @throws Mismatch if it does not say, or it is none of Cairn's
   */
  public static FoundModel of(Checkpoint checkpoint) throws Mismatch {
    Model model =
        Models.in(Optional.of(checkpoint.manifest()), checkpoint.path())
            .orElseThrow(
                () ->
                    new Mismatch(
                        "Cannot load a model: expected a manifest that says which it is, found"
                            + " none of that (path="
                            + checkpoint.path()
                            + "); save the model again"));
    return of(checkpoint, model);
  }

  /** The model of a committed checkpoint, of which nothing is read again. */
  public static FoundModel of(Checkpoint checkpoint, Model model) {
    return of(checkpoint.path(), model, Optional.of(checkpoint.manifest()));
  }

  private static FoundModel of(String checkpoint, Model model, Optional<Manifest> manifest) {
    Optional<TrainingState> training = manifest.flatMap(Manifest::training);
    return new FoundModel(
        ReadableModel.of(checkpoint, manifest, model.layout()),
        model,
        training.map(TrainingState::scales).orElse(FeatureScales.NONE),
        training.flatMap(TrainingState::features));
  }

  /** The same commit in another place. */
  FoundModel movedTo(String checkpoint) {
    return new FoundModel(
        new ReadableModel(checkpoint, weights.commit(), weights.layout()),
        model,
        scales,
        definition);
  }

  /** Size of the feature space. */
  public int features() {
    return model.features();
  }

  /** Path of the checkpoint. */
  public String checkpoint() {
    return weights.checkpoint();
  }
}
