package dev.cairn.checkpoint;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Writes the checkpoint that training a logistic regression leaves. */
final class TrainedModels {
  /** The intercept before features are centred. */
  static final float BIAS = 0.25f;

  private TrainedModels() {}

  /** Commits step 7 of a run: a table of this name, one number a row, and {@link #BIAS}. */
  static void write(
      String run,
      String table,
      float[] values,
      FeatureScales scales,
      Optional<FeatureDefinition> definition)
      throws IOException {
    write(run, Map.of(table, values), values.length, scales, definition);
  }

  /** The same of several tables, each of so many rows. */
  static void write(
      String run,
      Map<String, float[]> tables,
      int rows,
      FeatureScales scales,
      Optional<FeatureDefinition> definition)
      throws IOException {
    try (CheckpointFolder folder = CheckpointFolder.open(run, FolderOptions.defaults())) {
      PendingCheckpoint pending = folder.begin(7, 1);
      try (ShardWriter writer = ShardWriter.create(pending.target(0), FolderOptions.defaults())) {
        for (Map.Entry<String, float[]> table : new TreeMap<>(tables).entrySet()) {
          float[] values = table.getValue();
          writer.write(
              variable(table.getKey(), Shape.of(rows, values.length / rows)),
              Slice.rows(0, rows, 2),
              values,
              0,
              values.length);
        }
        writer.write(variable("bias", Shape.scalar()), Slice.full(0), new float[] {BIAS}, 0, 1);
        pending.report(writer.finish());
      }
      TrainingState state =
          new TrainingState(
              7,
              1,
              new DataPosition(1, 0, 7, 1, 10, "f00d"),
              Optional.empty(),
              new OptimizerSpec("adagrad", new TreeMap<>()),
              new TreeMap<>(),
              new TreeMap<>(),
              scales,
              definition,
              Optional.empty());
      pending.commit(state, "app-1", new TreeMap<>());
    }
  }

  private static VariableSpec variable(String name, Shape shape) {
    return new VariableSpec(name + "/.ATTRIBUTES/VARIABLE_VALUE", DType.FLOAT, shape);
  }
}
