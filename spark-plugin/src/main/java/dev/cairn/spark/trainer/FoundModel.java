package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.CoefficientReader;
import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.RunResult;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.Models;
import dev.cairn.spark.reading.ReadableModel;
import java.io.IOException;
import java.util.Optional;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;

/**
 * A model on storage, as its checkpoint described it when it was found, without the weights. It is
 * one commit, and none that comes to the same place later.
 *
 * @param weights the variables that are read to score with it
 * @param model the model
 * @param scales the scales of its features
 * @param definition the definition of its features; empty if they came ready made
 */
public record FoundModel(
    ReadableModel weights,
    Model model,
    FeatureScales scales,
    Optional<FeatureDefinition> definition) {

  /** Finds one of Cairn's models that a path means. */
  public static FoundModel at(String path, SparkContext context) throws IOException {
    return at(path, null, context);
  }

  /**
   * Finds the model that a path means: a run's result, or a checkpoint.
   *
   * @param own the model if it is a program's own; null for one of Cairn's
   * @throws Mismatch if it is not there, or another one
   */
  public static FoundModel at(String path, @Nullable Model own, SparkContext context)
      throws IOException {
    FolderOptions options = HadoopSettings.options(context);
    String found = RunResult.find(path, options);
    Optional<Manifest> manifest;
    try (CheckpointReader reader = CheckpointReader.open(found, options)) {
      manifest = reader.manifest();
    }
    Optional<Model> model = model(manifest, own, found);
    return of(found, model.isPresent() ? model.get() : logistic(found, options), manifest);
  }

  /** The model of a checkpoint of TensorFlow's, of which only the variables are known. */
  private static Model logistic(String path, FolderOptions options) throws IOException {
    try (CoefficientReader reader = CoefficientReader.open(path, options)) {
      return new LinearModel(reader.features(), true, new LogisticLoss());
    }
  }

  /** The model that a manifest defines; empty if it defines none. */
  private static Optional<Model> model(
      Optional<Manifest> manifest, @Nullable Model own, String path) throws Mismatch {
    if (own == null) {
      return Models.in(manifest, path);
    }
    Optional<ModelDefinition> known =
        manifest.flatMap(Manifest::training).flatMap(TrainingState::model);
    if (known.isPresent() && !known.get().equals(own.definition())) {
      throw new Mismatch(
          "Cannot load a model: expected "
              + own.definition()
              + ", found "
              + known.get()
              + " (path="
              + path
              + ")");
    }
    return Optional.of(own);
  }

  /**
   * The model of a committed checkpoint that defines it.
   *
   * @param own the model if it is a program's own; null for one of Cairn's
   * @throws Mismatch if it defines none, or one that is not Cairn's
   */
  public static FoundModel of(CommittedCheckpoint checkpoint, @Nullable Model own) throws Mismatch {
    Model model =
        model(Optional.of(checkpoint.manifest()), own, checkpoint.path())
            .orElseThrow(
                () ->
                    new Mismatch(
                        "Cannot load a model: expected a manifest that says which it is, found"
                            + " none of that (path="
                            + checkpoint.path()
                            + "); save the model again"));
    return made(checkpoint, model);
  }

  /** The model of a committed checkpoint, of which nothing is read again. */
  public static FoundModel made(CommittedCheckpoint checkpoint, Model model) {
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

  /** The size of the feature space. */
  public int features() {
    return model.features();
  }

  /** The path of the checkpoint. */
  public String checkpoint() {
    return weights.checkpoint();
  }
}
