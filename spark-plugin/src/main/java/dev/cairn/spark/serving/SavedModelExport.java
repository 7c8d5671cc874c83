package dev.cairn.spark.serving;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.RunResult;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.RowHasher;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.savedmodel.RowFeatures;
import dev.cairn.checkpoint.savedmodel.SavedModelProgram;
import dev.cairn.checkpoint.savedmodel.SavedModelWriter;
import dev.cairn.checkpoint.savedmodel.Signature;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.Models;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Makes a TensorFlow SavedModel of a trained model: {@code tf.saved_model.load}, TensorFlow Serving
 * and {@code saved_model_cli} take it, and its answers are those of {@code predict}.
 *
 * <p>It has the signature {@code sparse}, of places of features and their values, and {@code
 * serving_default}, which takes rows as they were trained on: columns, where the checkpoint says
 * how features are made of them; else vectors, up to {@link RowFeatures#MOST_DENSE} features; else
 * what {@code sparse} takes. Derived columns are SQL, which TensorFlow does not compute: the caller
 * gives them, under their names. Stateless, hence thread-safe; memory: one slice of a variable.
 */
public final class SavedModelExport {
  /** The signature that takes places of features and their values. */
  public static final String SPARSE = "sparse";

  /** Up to so many features of a row, those in one place are added up at little cost. */
  private static final int FEW = 32;

  /**
   * A signature that can be called.
   *
   * @param name of the signature
   * @param inputs its names, in order
   * @param outputs its names, in order
   */
  public record Call(String name, List<String> inputs, List<String> outputs) {
    /** Copies the lists. */
    public Call {
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
    }
  }

  /**
   * A SavedModel that was written.
   *
   * @param folder the SavedModel's, with its scheme
   * @param checkpoint whose model it is
   * @param kind of the model
   * @param calls the signatures, {@code serving_default} first
   */
  public record Written(String folder, String checkpoint, String kind, List<Call> calls) {
    /** Copies the list. */
    public Written {
      calls = List.copyOf(calls);
    }
  }

  private SavedModelExport() {}

  /**
   * Exports a model that Cairn has.
   *
   * @param path a checkpoint, or a run's folder, whose result is meant
   * @param target a folder that does not exist yet
   * @throws Mismatch if the checkpoint does not say which model it holds, or that is a program's
   *     own
   */
  public static Written write(String path, String target, FolderOptions options)
      throws IOException {
    String found = RunResult.find(path, options);
    try (CheckpointReader reader = CheckpointReader.open(found, options)) {
      Model model = model(reader, found);
      ForwardPass pass =
          ForwardPasses.of(model).orElseThrow(() -> unknown(model.definition(), found));
      return write(reader, found, target, model, pass, options);
    }
  }

  /**
   * Exports a model of one's own.
   *
   * @param path a checkpoint, or a run's folder, whose result is meant
   * @param target a folder that does not exist yet
   * @param model whose variables the checkpoint holds
   * @param pass what it computes
   */
  public static Written write(
      String path, String target, Model model, ForwardPass pass, FolderOptions options)
      throws IOException {
    String found = RunResult.find(path, options);
    try (CheckpointReader reader = CheckpointReader.open(found, options)) {
      return write(reader, found, target, model, pass, options);
    }
  }

  private static Optional<TrainingState> training(CheckpointReader reader) {
    return reader.manifest().flatMap(Manifest::training);
  }

  private static Model model(CheckpointReader reader, String path) throws Mismatch {
    Optional<TrainingState> training = training(reader);
    Optional<ModelDefinition> known = training.flatMap(TrainingState::model);
    if (known.isPresent() && !Models.has(known.get().kind())) {
      throw unknown(known.get(), path);
    }
    Optional<Model> model = Models.in(reader.manifest(), path);
    if (model.isPresent()) {
      return model.get();
    }
    // An older Cairn knew one model only, and did not say which.
    return training
        .flatMap(TrainingState::features)
        .map(features -> new LinearModel(features.size(), true, new LogisticLoss()))
        .orElseThrow(
            () ->
                new Mismatch(
                    "Cannot export a model: expected a checkpoint that says which model it holds,"
                        + " found none of that (path="
                        + path
                        + "); export one that Cairn has trained"));
  }

  private static Mismatch unknown(ModelDefinition model, String path) {
    return new Mismatch(
        "Cannot export a model: expected a kind whose forward pass is known, found "
            + model.kind()
            + ", which is a program's own (path="
            + path
            + "); call SavedModelExport.write with the model and its ForwardPass");
  }

  /**
   * What a model is to servers besides its variables.
   *
   * @param program of keys that the checkpoint's own bundle has
   * @param calls the signatures, {@code serving_default} first
   */
  public record Program(SavedModelProgram program, List<Call> calls) {
    /** Copies the list. */
    public Program {
      calls = List.copyOf(calls);
    }
  }

  /**
   * The program of a checkpoint's model, to be put beside the checkpoint's own files.
   *
   * @param path a checkpoint's folder
   * @throws Mismatch if the checkpoint does not say which model it holds, or that is a program's
   *     own, or it has the variables under other keys than Cairn's
   */
  public static Program program(String path, FolderOptions options) throws IOException {
    try (CheckpointReader reader = CheckpointReader.open(path, options)) {
      Model model = model(reader, path);
      ForwardPass pass =
          ForwardPasses.of(model).orElseThrow(() -> unknown(model.definition(), path));
      Parts parts = Parts.of(reader, path, model, pass);
      for (Map.Entry<String, String> key : parts.keys().entrySet()) {
        if (!key.getKey().equals(key.getValue())) {
          throw new Mismatch(
              "Cannot serve a checkpoint as it is: expected a variable of the key "
                  + key.getKey()
                  + ", found it as "
                  + key.getValue()
                  + " (path="
                  + path
                  + "); train on from it, and publish what comes of it");
        }
      }
      return new Program(
          SavedModelProgram.of(parts.graph(), parts.signatures()), calls(parts.signatures()));
    }
  }

  private static List<Call> calls(List<Signature> signatures) {
    return signatures.stream()
        .map(one -> new Call(one.name(), one.inputNames(), one.outputNames()))
        .toList();
  }

  private static Written write(
      CheckpointReader reader,
      String path,
      String target,
      Model model,
      ForwardPass pass,
      FolderOptions options)
      throws IOException {
    Parts parts = Parts.of(reader, path, model, pass);
    SavedModelWriter.write(
        target, reader, parts.graph(), parts.keys(), parts.signatures(), options);
    return new Written(
        Folders.qualify(target, options),
        path,
        model.definition().kind(),
        calls(parts.signatures()));
  }

  /**
   * What a SavedModel is made of.
   *
   * @param keys of each of the graph's variables, by its own key, the key in the checkpoint
   */
  private record Parts(ObjectGraph graph, Map<String, String> keys, List<Signature> signatures) {
    static Parts of(CheckpointReader reader, String path, Model model, ForwardPass pass)
        throws IOException {
      ParameterLayout layout = model.layout();
      ModelGraph graph = ModelGraph.variables(layout);
      ModelGraph.Stored stored = graph.stored(reader.match(graph.graph()).matches());
      Map<String, VariableSpec> variables = new LinkedHashMap<>();
      Map<String, String> keys = new LinkedHashMap<>();
      for (ParameterVariable variable : layout.variables()) {
        VariableSpec spec = graph.spec(variable, Optional.empty());
        variables.put(variable.name(), spec);
        keys.put(spec.key(), stored.key(variable, Optional.empty()));
      }
      Optional<TrainingState> training = training(reader);
      List<Signature> signatures =
          SavedModelExport.signatures(
              model,
              pass,
              training.map(TrainingState::scales).orElse(FeatureScales.NONE),
              training.flatMap(TrainingState::features),
              path,
              name -> known(variables, name));
      return new Parts(graph.graph(), keys, signatures);
    }
  }

  private static VariableSpec known(Map<String, VariableSpec> variables, String name) {
    VariableSpec found = variables.get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "Cannot export a model: its forward pass reads variable "
              + name
              + ", expected one of "
              + variables.keySet());
    }
    return found;
  }

  private static List<Signature> signatures(
      Model model,
      ForwardPass pass,
      FeatureScales scales,
      Optional<FeatureDefinition> definition,
      String path,
      Function<String, VariableSpec> variables)
      throws Mismatch {
    if (definition.isPresent() && definition.get().size() != model.features()) {
      throw new Mismatch(
          "Cannot export a model: expected one of the "
              + definition.get().size()
              + " features that rows are made into, found one of "
              + model.features()
              + " (path="
              + path
              + ")");
    }
    boolean offsets = definition.flatMap(FeatureDefinition::offset).isPresent();
    List<Signature> signatures = new ArrayList<>();
    for (String name : List.of(Signature.DEFAULT, SPARSE)) {
      Signature signature = new Signature(name);
      RowFeatures rows;
      if (name.equals(Signature.DEFAULT) && definition.isPresent()) {
        int count = new RowHasher(definition.get()).features();
        rows =
            RowFeatures.ofColumns(
                signature, definition.get(), scales, pass.pairs() || count <= FEW);
      } else if (name.equals(Signature.DEFAULT) && model.features() <= RowFeatures.MOST_DENSE) {
        rows = RowFeatures.ofVectors(signature, model.features(), scales, offsets);
      } else {
        rows = RowFeatures.ofIndices(signature, scales, offsets);
      }
      pass.add(signature, rows, variables);
      signatures.add(signature);
    }
    return signatures;
  }
}
