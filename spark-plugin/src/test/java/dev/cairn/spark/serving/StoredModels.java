package dev.cairn.spark.serving;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.PendingCheckpoint;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterVariable;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** Writes the checkpoint that training a model leaves. */
public final class StoredModels {
  private StoredModels() {}

  /** Random numbers for all variables of a model, from -0.5 to 0.5. */
  public static float[][] random(Model model, long seed) {
    Random random = new Random(seed);
    List<ParameterVariable> variables = model.variables();
    float[][] numbers = new float[variables.size()][];
    for (int v = 0; v < numbers.length; v++) {
      numbers[v] = new float[(int) variables.get(v).rows() * variables.get(v).width()];
      for (int i = 0; i < numbers[v].length; i++) {
        numbers[v][i] = random.nextFloat() - 0.5f;
      }
    }
    return numbers;
  }

  /**
   * Commits step 7 of a run.
   *
   * @param said what the manifest says which model it is
   */
  public static void write(
      String run,
      Model model,
      Optional<Model> said,
      float[][] numbers,
      FeatureScales scales,
      Optional<FeatureDefinition> definition)
      throws IOException {
    write(run, model, said, numbers, scales, definition, false);
  }

  /**
   * Does the same.
   *
   * @param objects whether the checkpoint has the graph of objects, as those of real runs
   */
  public static void write(
      String run,
      Model model,
      Optional<Model> said,
      float[][] numbers,
      FeatureScales scales,
      Optional<FeatureDefinition> definition,
      boolean objects)
      throws IOException {
    try (CheckpointFolder folder = CheckpointFolder.open(run, FolderOptions.defaults())) {
      PendingCheckpoint pending = folder.begin(7, 1);
      ModelGraph graph = ModelGraph.variables(model.layout());
      try (ShardWriter writer = ShardWriter.create(pending.target(0), FolderOptions.defaults())) {
        for (int v = 0; v < numbers.length; v++) {
          ParameterVariable variable = model.variables().get(v);
          writer.write(
              graph.spec(variable, Optional.empty()),
              Slice.full(variable.rank()),
              numbers[v],
              0,
              numbers[v].length);
        }
        if (objects) {
          writer.write(graph.graph());
        }
        pending.report(writer.finish());
      }
      TrainingState state =
          new TrainingState(
              7,
              1,
              new DataPosition(1, 0, 7, 1, 10, "f00d"),
              said.map(Model::definition),
              new OptimizerSpec("adagrad", new TreeMap<>()),
              new TreeMap<>(),
              new TreeMap<>(),
              scales,
              definition,
              Optional.empty());
      pending.commit(state, "app-1", new TreeMap<>());
    }
  }
}
