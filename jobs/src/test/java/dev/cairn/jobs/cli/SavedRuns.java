package dev.cairn.jobs.cli;

import dev.cairn.checkpoint.CheckpointFolder;
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
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterVariable;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Folders of runs as training leaves them, without training. */
final class SavedRuns {
  private static final int SIZE = 64;

  private SavedRuns() {}

  /** What the model of these runs is. */
  static ModelDefinition logistic() {
    return model().definition();
  }

  private static Model model() {
    return new LinearModel(SIZE, true, new LogisticLoss());
  }

  /**
   * Commits a checkpoint.
   *
   * @param said the model that its manifest names
   * @param value of all parameters
   */
  static void commit(String folder, long step, ModelDefinition said, float value)
      throws IOException {
    Model model = model();
    FeatureDefinition features =
        new FeatureDefinition(
            List.of(),
            List.of("origin"),
            List.of("minute of day"),
            List.of(),
            SIZE,
            Optional.empty(),
            FeatureDefinition.Nulls.ABSENT);
    try (CheckpointFolder checkpoints = CheckpointFolder.open(folder, FolderOptions.defaults())) {
      PendingCheckpoint pending = checkpoints.begin(step, 1);
      ModelGraph graph = ModelGraph.variables(model.layout());
      try (ShardWriter writer = ShardWriter.create(pending.target(0), FolderOptions.defaults())) {
        for (ParameterVariable variable : model.variables()) {
          float[] values = new float[(int) variable.rows() * variable.width()];
          Arrays.fill(values, value);
          writer.write(
              graph.spec(variable, Optional.empty()),
              Slice.full(variable.rank()),
              values,
              0,
              values.length);
        }
        writer.write(graph.graph());
        pending.report(writer.finish());
      }
      TrainingState state =
          new TrainingState(
              step,
              1,
              new DataPosition(1, 0, step, 1, 10, "f00d"),
              Optional.of(said),
              new OptimizerSpec("adagrad", new TreeMap<>()),
              new TreeMap<>(),
              new TreeMap<>(),
              FeatureScales.NONE,
              Optional.of(features),
              Optional.empty());
      pending.commit(state, "app-1", new TreeMap<>());
    }
  }
}
