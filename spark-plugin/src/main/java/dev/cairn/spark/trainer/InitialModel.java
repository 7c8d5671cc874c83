package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.RunResult;
import dev.cairn.checkpoint.graph.Restoration;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.shard.ModelGraph;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.SparkContext;

/**
 * A model whose parameters a run begins with, when its folder holds nothing yet: a warm start. Its
 * features keep the scales that they have. It may be one that TensorFlow saved: then nothing but
 * variables is known of it, and features are standardised by the data of this run.
 *
 * @param path of the checkpoint that holds it, or its TensorFlow prefix
 * @param step of the run that trained it; 0 where only parameters are taken and none is known
 * @param manifest what the checkpoint says of itself; empty if TensorFlow saved it
 * @param commit tells it from other ones
 * @param optimizerState whether the optimizer goes on, too, and with it the count of steps; else
 *     both begin anew
 */
public record InitialModel(
    String path, long step, Optional<Manifest> manifest, String commit, boolean optimizerState) {

  /**
   * Finds an initial model and checks that it is of the kind and shape that is to be trained.
   *
   * @param path a checkpoint, one of TensorFlow's included, or a run's folder, whose result is
   *     meant
   * @param model what is to be trained
   * @param settings of the run that it begins
   * @throws Mismatch listing every difference
   */
  public static InitialModel find(
      String path,
      boolean optimizerState,
      Model model,
      TrainingSettings settings,
      SparkContext context)
      throws IOException {
    FolderOptions options = HadoopSettings.options(context);
    String found = RunResult.find(path, options);
    try (CheckpointReader reader = CheckpointReader.open(found, options)) {
      Optional<Manifest> manifest = reader.manifest();
      Optional<TrainingState> training = manifest.flatMap(Manifest::training);
      List<String> differences = new ArrayList<>();
      training
          .flatMap(TrainingState::model)
          .ifPresent(other -> differences.addAll(differences(other, model.definition())));
      features(training, settings, differences);
      ModelGraph wanted =
          optimizerState
              ? ModelGraph.parameters(model.layout(), Optimizers.of(settings.optimizer()))
              : ModelGraph.variables(model.layout());
      differences.addAll(differences(wanted, reader));
      OptionalLong step =
          manifest.isPresent()
              ? OptionalLong.of(manifest.get().step())
              : optimizerState ? TensorFlowModel.iterations(reader) : OptionalLong.of(0);
      if (step.isEmpty()) {
        differences.add("missing how many steps the optimizer has done, optimizer/iterations");
      }
      if (!differences.isEmpty()) {
        throw new Mismatch(
            "Cannot begin with the initial model: it is another one. "
                + String.join("; ", differences)
                + " (path="
                + found
                + "); begin with a model of the same kind and shape, or without one");
      }
      return new InitialModel(
          manifest.isPresent() ? found : reader.prefix(),
          step.orElse(0),
          manifest,
          manifest.isPresent() ? manifest.get().attempt() : TensorFlowModel.checksum(reader),
          optimizerState);
    }
  }

  /** What of the parameters, and of the optimizer if it goes on, is not there or is otherwise. */
  private static List<String> differences(ModelGraph wanted, CheckpointReader reader)
      throws IOException {
    Restoration.Report report = wanted.match(reader).report();
    List<String> differences = new ArrayList<>();
    report.missing().forEach(one -> differences.add("missing " + one));
    differences.addAll(report.mismatched());
    differences.addAll(report.shared());
    report.otherSlots().forEach(one -> differences.add("unexpected " + one));
    reader
        .graph()
        .map(graph -> wanted.otherOptimizers(graph, report.matched()))
        .ifPresent(differences::addAll);
    return differences;
  }

  /** Compares definitions but for the model's own start, which its parameters replace. */
  private static List<String> differences(ModelDefinition saved, ModelDefinition now) {
    return Difference.between(Difference.settings(now), Difference.settings(saved)).stream()
        .filter(
            one -> !one.name().startsWith("model.factors-") && !one.name().startsWith("model.fit-"))
        .map(Difference::told)
        .toList();
  }

  /** Compares features: the same place among the weights must mean the same feature. */
  private static void features(
      Optional<TrainingState> training, TrainingSettings settings, List<String> differences) {
    Optional<FeatureDefinition> theirs =
        training.flatMap(TrainingState::features).map(InitialModel::withoutOffset);
    Optional<FeatureDefinition> ours = settings.features().map(InitialModel::withoutOffset);
    if (theirs.isPresent() && ours.isPresent() && !theirs.equals(ours)) {
      differences.add(
          "features are made otherwise: expected " + ours.get() + ", found " + theirs.get());
    }
  }

  /** The definition without its offset, which does not change any feature. */
  private static FeatureDefinition withoutOffset(FeatureDefinition features) {
    return features.withOffset(Optional.empty());
  }
}
