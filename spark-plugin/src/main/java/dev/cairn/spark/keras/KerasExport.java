package dev.cairn.spark.keras;

import dev.cairn.checkpoint.BundleCopy;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.RunFile;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.Models;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Writes a checkpoint's model for Keras: {@value #PROGRAM}, the checkpoint's files, and {@value
 * #SCALES} if features are standardised. Nothing as large as the model comes into memory.
 * Stateless.
 */
public final class KerasExport {
  /** The Python file. */
  public static final String PROGRAM = "model.py";

  /** What features are divided by and centred at. */
  public static final String SCALES = "scales.csv";

  /**
   * What was written.
   *
   * @param checkpoint of which
   * @param folder with scheme
   * @param step that the model was trained up to
   * @param bytes of the checkpoint's files
   * @param linked whether these are the checkpoint's own files, under a second name
   * @param optimizers names in Keras of the optimizers that come with it, by their edges; more than
   *     one if a variable has its own
   */
  public record Exported(
      String checkpoint,
      String folder,
      long step,
      long bytes,
      boolean linked,
      List<String> optimizers) {}

  private KerasExport() {}

  /**
   * Exports the model of a checkpoint.
   *
   * @param path a checkpoint's folder
   * @param folder that is not there yet, or has no files of these names
   * @throws Mismatch if it is a model that Keras is not told how to build: one of a program's own,
   *     or of TensorFlow's
   * @throws Conflict if there is something in the way, before anything is written
   */
  public static Exported write(String path, String folder, FolderOptions options)
      throws IOException {
    TrainingState training;
    long step;
    KerasProgram program;
    List<String> optimizers;
    try (CheckpointReader reader = CheckpointReader.open(path, options)) {
      Manifest manifest = reader.manifest().orElseThrow(() -> unknown("no manifest", path));
      step = manifest.step();
      training =
          manifest.training().orElseThrow(() -> unknown("a manifest without training", path));
      Model model = model(training, path);
      ObjectGraph graph = reader.graph().orElseThrow(() -> unknown("no object graph", path));
      Set<String> edges = graph.edges(List.of());
      Optional<OptimizerSpec> optimizer =
          edges.contains(KerasOptimizers.EDGE)
              ? Optional.of(training.optimizer())
              : Optional.empty();
      KerasOptimizers built = KerasOptimizers.of(optimizer, model);
      optimizers = built.names();
      program = new KerasProgram(model, training, built, step);
    }
    String target = Folders.qualify(folder, options);
    for (String name : List.of(PROGRAM, SCALES)) {
      if (Folders.exists(Folders.child(target, name), options)) {
        throw new Conflict(
            "Cannot export the model: expected no file "
                + name
                + " (path="
                + target
                + "); name another folder, or remove what is there");
      }
    }
    BundleCopy.Copied copied = BundleCopy.into(path, target, options);
    FeatureScales scales = training.scales();
    if (!scales.isEmpty()) {
      put(target, SCALES, scales.csv(), options);
    }
    put(target, PROGRAM, program.text(), options);
    return new Exported(path, target, step, copied.bytes(), copied.linked(), optimizers);
  }

  private static void put(String folder, String name, String text, FolderOptions options)
      throws IOException {
    RunFile.at(Folders.child(folder, name), options).replace(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Model model(TrainingState training, String path) throws Mismatch {
    ModelDefinition definition =
        training.model().orElseThrow(() -> unknown("a manifest that does not say which", path));
    try {
      return Models.of(definition)
          .orElseThrow(() -> unknown(definition.kind() + ", which is a program's own model", path));
    } catch (IllegalArgumentException e) {
      throw unknown(String.valueOf(e.getMessage()), path);
    }
  }

  private static Mismatch unknown(String found, String path) {
    return new Mismatch(
        "Cannot export the model for Keras: expected a checkpoint of a kind of model that Cairn"
            + " has, found "
            + found
            + " (path="
            + path
            + "); write the model in Keras, its variables in attributes of their names, and restore"
            + " them with tf.train.Checkpoint(model=.., optimizer=..): docs/format.md");
  }
}
