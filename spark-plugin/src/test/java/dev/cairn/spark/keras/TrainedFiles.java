package dev.cairn.spark.keras;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.PendingCheckpoint;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.optimizer.Optimizer;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.optimizer.SlotSpec;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterVariable;
import java.io.IOException;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** The checkpoint that training leaves, with random numbers. */
final class TrainedFiles {
  static final long STEP = 7;

  private TrainedFiles() {}

  /**
   * Commits step 7 of a run.
   *
   * @param said what the manifest says which model it is
   * @return its folder
   */
  static String write(
      String run,
      Model model,
      ModelDefinition said,
      OptimizerSpec spec,
      FeatureScales scales,
      Optional<FeatureDefinition> definition)
      throws IOException {
    Optimizer optimizer = Optimizers.of(spec);
    ModelGraph graph = ModelGraph.parameters(model.layout(), optimizer);
    Random random = new Random(5);
    try (CheckpointFolder folder = CheckpointFolder.open(run, FolderOptions.defaults())) {
      PendingCheckpoint pending = folder.begin(STEP, 2);
      try (ShardWriter writer = pending.writer(0)) {
        for (ParameterVariable variable : model.variables()) {
          write(writer, graph, variable, Optional.empty(), random, -0.5f);
          if (optimizer.trains()) {
            for (SlotSpec slot : optimizer.of(variable.name()).slots()) {
              write(writer, graph, variable, Optional.of(slot.name()), random, 0.25f);
            }
          }
        }
        pending.report(writer.finish());
      }
      DataPosition position = new DataPosition(1, 0, 7, 1, 10, "f00d");
      try (ShardWriter writer = pending.writer(1)) {
        writer.write(ModelGraph.at(model.layout(), optimizer, STEP));
        writer.write(position);
        pending.report(writer.finish());
      }
      TrainingState state =
          new TrainingState(
              STEP,
              1,
              position,
              Optional.of(said),
              optimizer.spec(),
              new TreeMap<>(),
              new TreeMap<>(),
              scales,
              definition,
              Optional.empty());
      CommittedCheckpoint made = pending.commit(state, "app-1", new TreeMap<>());
      return made.path();
    }
  }

  private static void write(
      ShardWriter writer,
      ModelGraph graph,
      ParameterVariable variable,
      Optional<String> slot,
      Random random,
      float least)
      throws IOException {
    float[] numbers = new float[(int) variable.rows() * variable.width()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = random.nextFloat() + least;
    }
    writer.write(
        graph.spec(variable, slot), Slice.full(variable.rank()), numbers, 0, numbers.length);
  }
}
