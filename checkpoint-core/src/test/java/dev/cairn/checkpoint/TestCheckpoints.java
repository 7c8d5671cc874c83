package dev.cairn.checkpoint;

import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.store.CheckpointStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** A small model with all the odd shapes, written and read back by any number of shards. */
final class TestCheckpoints {

  static final FolderOptions OPTIONS =
      FolderOptions.defaults().withApplicationId("test-application");

  static final VariableSpec WEIGHTS = variable("w", DType.FLOAT, Shape.of(37, 5));
  static final VariableSpec SLOT =
      new VariableSpec(
          "w/.OPTIMIZER_SLOT/optimizer/accumulator/.ATTRIBUTES/VARIABLE_VALUE",
          DType.FLOAT,
          Shape.of(37, 5));
  static final VariableSpec FEW = variable("few", DType.FLOAT, Shape.of(3));
  static final VariableSpec NONE = variable("none", DType.FLOAT, Shape.of(0, 4));
  static final VariableSpec BIAS = variable("bias", DType.FLOAT, Shape.scalar());
  static final VariableSpec STEP = variable("global_step", DType.INT64, Shape.scalar());
  static final VariableSpec NOTES = variable("notes", DType.STRING, Shape.of(2));
  static final List<VariableSpec> FLOATS = List.of(WEIGHTS, SLOT, FEW, NONE, BIAS);
  static final int BLOCK_ROWS = 4;

  private TestCheckpoints() {}

  static VariableSpec variable(String path, DType dtype, Shape shape) {
    return new VariableSpec(path + "/.ATTRIBUTES/VARIABLE_VALUE", dtype, shape);
  }

  /** The values of a variable at a step: seeded, so that nobody has to remember them. */
  static float[] values(VariableSpec variable, long step) {
    Random random = new Random(variable.key().hashCode() * 31L + step);
    float[] values = new float[(int) variable.shape().elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  static TrainingState state(long step) {
    return new TrainingState(
        step,
        42,
        new DataPosition(1, 2, 10, 4, 1000, "f00d"),
        new OptimizerSpec("ftrl", new TreeMap<>(Map.of("alpha", 0.1, "beta", 1.0))),
        new TreeMap<>(Map.of("loss", 0.25, "odd", Double.NaN)),
        new TreeMap<>(Map.of("train.seed", "42")));
  }

  /** Saves the model of a step with {@code shards} writers, one after the other. */
  static CommittedCheckpoint save(
      CheckpointFolder folder, CheckpointStore store, long step, int shards) throws IOException {
    return save(folder, store, step, shards, false);
  }

  static CommittedCheckpoint save(
      CheckpointFolder folder, CheckpointStore store, long step, int shards, boolean replace)
      throws IOException {
    return save(folder, store, step, shards, replace, Optional.empty());
  }

  /** Saves the model and, in a file of its own, what lies in no shard. */
  static CommittedCheckpoint save(
      CheckpointFolder folder,
      CheckpointStore store,
      long step,
      int shards,
      boolean replace,
      Optional<ObjectGraph> graph)
      throws IOException {
    PendingCheckpoint pending = folder.begin(step, shards + (graph.isPresent() ? 1 : 0), replace);
    try {
      if (graph.isPresent()) {
        try (ShardWriter writer = pending.writer(shards)) {
          writer.write(graph.get());
          pending.report(writer.finish());
        }
      }
      for (int shard = 0; shard < shards; shard++) {
        try (ShardWriter writer = ShardWriter.create(store, pending.target(shard))) {
          write(writer, step, shard, shards);
          pending.report(writer.finish());
        }
      }
    } catch (IOException e) {
      try {
        pending.abort();
      } catch (IOException late) {
        e.addSuppressed(late);
      }
      throw e;
    }
    return pending.commit(state(step), "test-application", new TreeMap<>(Map.of("write", 1L)));
  }

  static void write(ShardWriter writer, long step, int shard, int shards) throws IOException {
    for (VariableSpec variable : FLOATS) {
      float[] values = values(variable, step);
      int rank = variable.shape().rank();
      long rows = variable.shape().rows();
      if (rank == 0 || rows <= BLOCK_ROWS) {
        if (shard == 0) {
          writer.write(variable, Slice.full(rank), values, 0, values.length);
        }
        continue;
      }
      int width = (int) variable.shape().rowElements();
      long blocks = (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
      for (long block = blocks * shard / shards; block < blocks * (shard + 1) / shards; block++) {
        long first = block * BLOCK_ROWS;
        long count = Math.min(BLOCK_ROWS, rows - first);
        writer.write(
            variable,
            Slice.rows(first, count, rank),
            values,
            (int) first * width,
            (int) count * width);
      }
    }
    if (shard == 0) {
      writer.write(
          STEP,
          Slice.full(0),
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, step));
      writer.writeStrings(NOTES, List.of("a".getBytes(StandardCharsets.UTF_8), new byte[200]));
    }
  }
}
