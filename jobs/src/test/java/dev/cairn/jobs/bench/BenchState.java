package dev.cairn.jobs.bench;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.PendingCheckpoint;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.ShardReport;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.TreeMap;

/**
 * A model to save: one variable and its slot, each half of the state, in blocks of 1 MiB, cut into
 * shards as executors hold them.
 */
final class BenchState {
  static final int WIDTH = 16;
  static final int BLOCK_ELEMENTS = 1 << 18;
  static final int BLOCK_ROWS = BLOCK_ELEMENTS / WIDTH;
  static final int BLOCK_BYTES = BLOCK_ELEMENTS * Float.BYTES;

  private static final VariableSpec STEP =
      new VariableSpec("global_step/.ATTRIBUTES/VARIABLE_VALUE", DType.INT64, Shape.scalar());
  private static final FolderOptions OPTIONS = FolderOptions.defaults().withApplicationId("bench");

  final int shards;
  final int blocks;
  final VariableSpec[] variables;

  /** The time that the writers took in the last save, without begin and commit. */
  long writeNanos;

  /** Values of each block, first all of the variable, then all of the slot. */
  private final float[][] values;

  /**
   * A state.
   *
   * @param mib its size; two blocks of 1 MiB a shard at least
   * @param filled whether it holds values or only describes them
   */
  BenchState(int mib, int shards, boolean filled) {
    this.shards = shards;
    this.blocks = Math.max(shards, mib / 2);
    Shape shape = Shape.of((long) blocks * BLOCK_ROWS, WIDTH);
    this.variables =
        new VariableSpec[] {
          new VariableSpec("weights/.ATTRIBUTES/VARIABLE_VALUE", DType.FLOAT, shape),
          new VariableSpec(
              "weights/.OPTIMIZER_SLOT/optimizer/accumulator/.ATTRIBUTES/VARIABLE_VALUE",
              DType.FLOAT,
              shape)
        };
    this.values = new float[2 * blocks][];
    for (int b = 0; b < values.length && filled; b++) {
      values[b] = new float[BLOCK_ELEMENTS];
      int state = b * 0x9e3779b9 + 1;
      for (int i = 0; i < BLOCK_ELEMENTS; i++) {
        state = state * 1_664_525 + 1_013_904_223;
        values[b][i] = (state >> 8) * 0x1p-24f;
      }
    }
  }

  long bytes() {
    return (long) values.length * BLOCK_BYTES;
  }

  int firstBlock(int shard) {
    return blocks * shard / shards;
  }

  float[] block(int variable, int block) {
    return values[variable * blocks + block];
  }

  /** Blocks that a shard holds, variable and slot together. */
  int blocksOf(int shard) {
    return 2 * (firstBlock(shard + 1) - firstBlock(shard));
  }

  /** Saves it as a job does, with one writer a shard; returns when it is committed. */
  String save(CheckpointFolder folder, long step) throws Exception {
    PendingCheckpoint pending = folder.begin(step, shards);
    long start = System.nanoTime();
    InParallel.run(shards, shard -> pending.report(write(pending, shard)));
    writeNanos = System.nanoTime() - start;
    TrainingState training =
        new TrainingState(
            step,
            1,
            new DataPosition(0, 0, 1, shards, 1, "bench"),
            new OptimizerSpec("adagrad", new TreeMap<>()),
            new TreeMap<>(),
            new TreeMap<>());
    return pending.commit(training, "bench", new TreeMap<>()).path();
  }

  private ShardReport write(PendingCheckpoint pending, int shard) throws IOException {
    try (ShardWriter writer = ShardWriter.create(pending.target(shard), OPTIONS)) {
      if (shard == 0) {
        ByteBuffer step = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        writer.write(STEP, Slice.full(0), step.putLong(0, pending.step()));
      }
      for (int v = 0; v < variables.length; v++) {
        for (int b = firstBlock(shard); b < firstBlock(shard + 1); b++) {
          writer.write(
              variables[v],
              Slice.rows((long) b * BLOCK_ROWS, BLOCK_ROWS, 2),
              block(v, b),
              0,
              BLOCK_ELEMENTS);
        }
      }
      return writer.finish();
    }
  }
}
