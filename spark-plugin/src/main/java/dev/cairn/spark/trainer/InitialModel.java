package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.RunResult;
import dev.cairn.checkpoint.graph.Restoration;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureGrowth;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.Models;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.shard.Initializer;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.SparkContext;

/**
 * A model whose parameters a run begins with, when its folder holds nothing yet: a warm start. Its
 * features keep the scales that they have. Its features may be a part of those of the run: then it
 * grows, as {@link FeatureGrowth} describes it. It may be one that TensorFlow saved: then nothing
 * but variables is known of it, and features are standardised by the data of this run.
 *
 * @param path of the checkpoint that holds it, or its TensorFlow prefix
 * @param step of the run that trained it; 0 where only parameters are taken and none is known
 * @param manifest what the checkpoint says of itself; empty if TensorFlow saved it
 * @param commit tells it from other ones
 * @param optimizerState whether the optimizer goes on, too, and with it the count of steps; else
 *     both begin anew
 * @param growth how its features grow; empty if they stay as they are
 * @param grown the variables that have fewer rows in the checkpoint, with the number of these
 */
public record InitialModel(
    String path,
    long step,
    Optional<Manifest> manifest,
    String commit,
    boolean optimizerState,
    Optional<FeatureGrowth> growth,
    SortedMap<String, Long> grown) {

  private static final String OTHER_FEATURES = "features are made otherwise: ";

  /** Copies the map. */
  public InitialModel {
    grown = Collections.unmodifiableSortedMap(new TreeMap<>(grown));
  }

  /**
   * What of an initial model is taken.
   *
   * @param optimizerState whether the optimizer goes on, too
   * @param growth whether the features may be more than the model's: it has more places for them
   *     then, or more columns
   */
  public record Taken(boolean optimizerState, boolean growth) {}

  /**
   * The scales of its features, grown if these are; empty if they are not known.
   *
   * @param ofData those of the run's data
   */
  Optional<FeatureScales> scales(FeatureScales ofData) {
    return manifest
        .flatMap(Manifest::training)
        .map(TrainingState::scales)
        .map(old -> growth.map(one -> one.scales(old, ofData)).orElse(old));
  }

  /**
   * Finds an initial model and checks that it is of the kind and shape that is to be trained.
   *
   * @param path a checkpoint, one of TensorFlow's included, or a run's folder, whose result is
   *     meant
   * @param taken what is taken of it
   * @param model what is to be trained
   * @param settings of the run that it begins
   * @throws Mismatch listing every difference
   */
  public static InitialModel find(
      String path, Taken taken, Model model, TrainingSettings settings, SparkContext context)
      throws IOException {
    FolderOptions options = HadoopSettings.options(context);
    String found = RunResult.find(path, options);
    try (CheckpointReader reader = CheckpointReader.open(found, options)) {
      Optional<Manifest> manifest = reader.manifest();
      Optional<TrainingState> training = manifest.flatMap(Manifest::training);
      List<String> differences = new ArrayList<>();
      Optional<FeatureGrowth> growth =
          taken.growth() ? growth(training, settings) : Optional.empty();
      training
          .flatMap(TrainingState::model)
          .ifPresent(
              other ->
                  differences.addAll(differences(other, model.definition(), growth.isPresent())));
      if (growth.isPresent()) {
        differences.addAll(growth.get().hindrances());
      } else {
        features(training, settings, differences);
      }
      SortedMap<String, Long> grown =
          growth.isPresent() && differences.isEmpty()
              ? grown(model, growth.get())
              : Collections.emptySortedMap();
      ParameterLayout there = model.layout().withRows(grown);
      boolean optimizerState = taken.optimizerState();
      ModelGraph wanted =
          optimizerState
              ? ModelGraph.parameters(there, Optimizers.of(settings.optimizer()))
              : ModelGraph.variables(there);
      differences.addAll(differences(wanted, reader));
      if (growth.isPresent() && differences.isEmpty()) {
        taken(growth.get(), model, wanted, reader, differences);
      }
      OptionalLong step =
          manifest.isPresent()
              ? OptionalLong.of(manifest.get().step())
              : optimizerState ? TensorFlowModel.iterations(reader) : OptionalLong.of(0);
      if (step.isEmpty()) {
        differences.add("missing how many steps the optimizer has done, optimizer/iterations");
      }
      if (!differences.isEmpty()) {
        throw refused(differences, found, taken);
      }
      return new InitialModel(
          manifest.isPresent() ? found : reader.prefix(),
          step.orElse(0),
          manifest,
          manifest.isPresent() ? manifest.get().attempt() : TensorFlowModel.checksum(reader),
          optimizerState,
          growth,
          grown);
    }
  }

  private static Mismatch refused(List<String> differences, String path, Taken taken) {
    boolean grows =
        differences.stream()
            .anyMatch(
                one ->
                    one.startsWith(OTHER_FEATURES) || one.startsWith("model." + Models.FEATURES));
    return new Mismatch(
        "Cannot begin with the initial model: it is another one. "
            + String.join("; ", differences)
            + " (path="
            + path
            + "); begin with a model of the same kind and shape, or without one"
            + (taken.growth() || !grows
                ? ""
                : "; more features are let in by initialGrowth (model.initial-growth=true)"));
  }

  /** How the features grow; empty if they are the same, or not known. */
  private static Optional<FeatureGrowth> growth(
      Optional<TrainingState> training, TrainingSettings settings) {
    Optional<FeatureDefinition> theirs =
        training.flatMap(TrainingState::features).map(InitialModel::withoutOffset);
    Optional<FeatureDefinition> ours = settings.features().map(InitialModel::withoutOffset);
    return theirs.isPresent() && ours.isPresent() && !theirs.equals(ours)
        ? Optional.of(new FeatureGrowth(theirs.get(), ours.get()))
        : Optional.empty();
  }

  /** The variables with a row for each feature, where there are more features now. */
  private static SortedMap<String, Long> grown(Model model, FeatureGrowth growth) {
    SortedMap<String, Long> rows = new TreeMap<>();
    if (growth.from().size() < growth.to().size()) {
      for (ParameterVariable variable : model.variables()) {
        if (variable.rank() == 2 && variable.rows() == model.features()) {
          rows.put(variable.name(), (long) growth.from().size());
        }
      }
    }
    return rows;
  }

  /** Refuses a new numeric column whose place has a weight: its scale would change that feature. */
  private static void taken(
      FeatureGrowth growth,
      Model model,
      ModelGraph wanted,
      CheckpointReader reader,
      List<String> differences)
      throws IOException {
    ModelGraph.Stored stored = wanted.stored(wanted.match(reader).matches());
    for (ParameterVariable variable : model.variables()) {
      boolean ofFeatures = variable.rank() == 2 && variable.rows() == model.features();
      if (!ofFeatures || !variable.initial().equals(Initializer.ZEROS)) {
        continue;
      }
      for (Map.Entry<String, Integer> column : growth.newNumeric().entrySet()) {
        int place = column.getValue() % growth.from().size();
        float[] row = new float[variable.width()];
        reader.readRows(stored.key(variable, Optional.empty()), place, 1, row, 0);
        for (float number : row) {
          if (number != 0) {
            differences.add(
                "numeric column "
                    + column.getKey()
                    + ": expected a place without a weight, found "
                    + variable.name()
                    + " of "
                    + number
                    + " at place "
                    + place
                    + ", which other features have and its scale would change; derive it under"
                    + " another name");
            break;
          }
        }
      }
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
  private static List<String> differences(
      ModelDefinition saved, ModelDefinition now, boolean grows) {
    return Difference.between(Difference.settings(now), Difference.settings(saved)).stream()
        .filter(
            one -> !one.name().startsWith("model.factors-") && !one.name().startsWith("model.fit-"))
        .filter(one -> !grows || !one.name().equals("model." + Models.FEATURES))
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
      boolean alike = theirs.get().rules().equals(ours.get().rules());
      differences.add(
          alike && theirs.get().label().equals(ours.get().label())
              ? "columns have other types, so that a value may be another feature: expected "
                  + types(theirs.get())
                  + ", found "
                  + types(ours.get())
                  + "; make features by the model's featureEncoder"
              : OTHER_FEATURES + "expected " + ours.get() + ", found " + theirs.get());
    }
  }

  private static SortedMap<String, String> types(FeatureDefinition features) {
    SortedMap<String, String> types = new TreeMap<>();
    features.types().forEach((name, type) -> types.put(name, type.name()));
    features
        .derived()
        .forEach(one -> one.type().ifPresent(type -> types.put(one.name(), type.name())));
    return types;
  }

  /** The definition without its offset, which does not change any feature. */
  private static FeatureDefinition withoutOffset(FeatureDefinition features) {
    return features.withOffset(Optional.empty());
  }
}
