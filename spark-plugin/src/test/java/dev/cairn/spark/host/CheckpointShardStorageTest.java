package dev.cairn.spark.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.PendingCheckpoint;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.optimizer.Optimizer;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.shard.FrozenShard;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterShard;
import dev.cairn.spark.shard.ParameterVariable;
import dev.cairn.spark.shard.StepAggregator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shard is filled from a checkpoint of the same variables and the same state, or not at all. */
class CheckpointShardStorageTest {
  private static final ParameterVariable WEIGHTS = ParameterVariable.table("weights", 5, 2);
  private static final ParameterVariable BIAS = ParameterVariable.scalar("bias");
  private static final int[] ROWS = {0, 1, 2, 3, 4, 5};

  @TempDir Path folder;
  private final CheckpointShardStorage storage = new CheckpointShardStorage();

  private static Optimizer optimizer(String name) {
    return Optimizers.of(name, new TreeMap<>());
  }

  private static ParameterLayout layout(ParameterVariable... variables) {
    return new ParameterLayout(List.of(variables));
  }

  private static float[] values(ParameterShard shard) {
    float[] all = new float[11];
    assertEquals(11, shard.gather(ROWS, 0, ROWS.length, all, 0));
    return all;
  }

  /** A shard after one step. */
  private static ParameterShard trained(Optimizer optimizer) {
    ParameterLayout layout = layout(WEIGHTS, BIAS);
    ParameterShard shard = new ParameterShard(layout, 0, layout.blocks(), optimizer);
    StepAggregator step = new StepAggregator(shard, 1);
    step.offer(0, ROWS, 0, 6, new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 0);
    step.apply(0);
    return shard;
  }

  private String saved(ParameterShard shard) throws IOException {
    String path = folder.resolve("run-" + shard.optimizer().name()).toString();
    try (CheckpointFolder checkpoints = CheckpointFolder.open(path, FolderOptions.defaults());
        FrozenShard frozen = shard.freeze()) {
      PendingCheckpoint pending = checkpoints.begin(1, 2);
      ModelGraph graph = ModelGraph.parameters(shard.layout(), shard.optimizer());
      pending.report(storage.write(graph, frozen, false, pending.target(0), new TreeMap<>()));
      try (ShardWriter writer = pending.writer(1)) {
        writer.write(ModelGraph.at(shard.layout(), shard.optimizer(), 1));
        pending.report(writer.finish());
      }
      CommittedCheckpoint made =
          pending.commit(
              new TrainingState(
                  1,
                  1,
                  new DataPosition(0, 1, 2, 1, 3, "f"),
                  shard.optimizer().spec(),
                  new TreeMap<>(),
                  new TreeMap<>()),
              "t",
              new TreeMap<>());
      return made.path();
    }
  }

  private ParameterShard restored(ParameterLayout layout, String optimizer, String path)
      throws IOException {
    ParameterShard shard = ParameterShard.empty(layout, 0, layout.blocks(), optimizer(optimizer));
    ModelGraph graph = ModelGraph.parameters(layout, shard.optimizer());
    assertTrue(storage.restore(graph, shard, path, new TreeMap<>()) > 0);
    return shard;
  }

  private void assertRefused(String part, ParameterLayout layout, String optimizer, String path) {
    Mismatch e = assertThrows(Mismatch.class, () -> restored(layout, optimizer, path));
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }

  /** An optimizer that keeps no state is no reason to take a checkpoint of something else. */
  @Test
  void withoutStateVariablesMustBeCompleteAllTheSame() throws Exception {
    ParameterShard sgd = trained(optimizer("sgd"));
    String path = saved(sgd);
    assertArrayEquals(values(sgd), values(restored(layout(WEIGHTS, BIAS), "sgd", path)));
    ParameterVariable more = ParameterVariable.table("factors", 2, 2);
    assertRefused("missing model/factors/", layout(WEIGHTS, BIAS, more), "sgd", path);
    // More than is wanted is no error: a model may be seeded from another's file.
    assertEquals(10, restored(layout(WEIGHTS), "sgd", path).layout().totalRows() * 2);
    assertRefused(
        "missing model/weights/.OPTIMIZER_SLOT/optimizer/accumulator",
        layout(WEIGHTS, BIAS),
        "adagrad",
        path);
  }

  /** A warm start: the parameters are another run's, the optimizer begins anew. */
  @Test
  void parametersAloneAreTakenFromAnyOptimizersCheckpoint() throws Exception {
    ParameterShard adam = trained(optimizer("adam"));
    String path = saved(adam);
    ParameterLayout layout = layout(WEIGHTS, BIAS);
    ParameterShard shard = ParameterShard.empty(layout, 0, layout.blocks(), optimizer("adagrad"));
    shard.initialiseSlots();
    ModelGraph values = ModelGraph.variables(layout);
    assertTrue(storage.restore(values, shard, path, new TreeMap<>()) > 0);
    assertArrayEquals(values(adam), values(shard));
    assertEquals(List.of(), shard.missing());
    List<Float> slots = new ArrayList<>();
    try (FrozenShard frozen = shard.freeze()) {
      frozen.forEach(
          block -> {
            if (block.slot().isPresent()) {
              slots.add(block.values()[0]);
            }
          });
    }
    assertEquals(List.of(0.1f, 0.1f), slots);
  }

  @Test
  void stateThatTheOptimizerDoesNotKeepIsRefusedAndAReaderLeavesIt() throws Exception {
    ParameterShard adam = trained(optimizer("adam"));
    String path = saved(adam);
    ParameterLayout layout = layout(WEIGHTS, BIAS);
    assertRefused(
        "unexpected model/weights/.OPTIMIZER_SLOT/optimizer/velocity", layout, "sgd", path);
    assertRefused("accumulator", layout, "adagrad", path);
    assertArrayEquals(values(adam), values(restored(layout, "adamw", path)));
    assertArrayEquals(values(adam), values(restored(layout, Optimizers.NONE, path)));
  }

  /** A row begins as the stored one of its number modulo theirs, state included. */
  @Test
  void moreRowsBeginAsThoseThatAreThere() throws Exception {
    ParameterShard old = trained(optimizer("adagrad"));
    String path = saved(old);
    // Blocks of 32768 rows: the second one begins with row 3 of 5, and there are whole rounds.
    ParameterVariable more = ParameterVariable.table("weights", 70_000, 2);
    ParameterLayout layout = layout(more, BIAS);
    ModelGraph stored = ModelGraph.parameters(layout(WEIGHTS, BIAS), optimizer("adagrad"));
    float[] before = values(old);
    int blocks = layout.blocks();
    assertEquals(4, blocks);
    for (int owner = 0; owner < 2; owner++) {
      ParameterShard shard =
          ParameterShard.empty(layout, owner * 2, owner * 2 + 2, optimizer("adagrad"));
      assertTrue(storage.restore(stored, shard, path, new TreeMap<>()) > 0);
      int[] rows = IntStream.range(shard.firstRow(), shard.endRow()).toArray();
      StepAggregator step = new StepAggregator(shard, 1);
      assertRepeated(before, values(shard, rows), shard.firstRow());
      // One more step on all rows: with the same state it does the same to the same rows.
      int[] known = {0, 1, 2, 3, 4, 5};
      ParameterShard again = restored(layout(WEIGHTS, BIAS), "adagrad", path);
      StepAggregator plain = new StepAggregator(again, 1);
      plain.offer(0, known, 0, 6, filled(11), 0);
      plain.apply(1);
      step.offer(0, rows, 0, rows.length, filled(2 * rows.length), 0);
      step.apply(1);
      assertRepeated(values(again), values(shard, rows), shard.firstRow());
    }
  }

  private static float[] filled(int count) {
    float[] gradients = new float[count];
    Arrays.fill(gradients, 0.5f);
    return gradients;
  }

  private static float[] values(ParameterShard shard, int[] rows) {
    float[] all = new float[2 * rows.length];
    int count = shard.gather(rows, 0, rows.length, all, 0);
    return Arrays.copyOf(all, count);
  }

  /** The rows of weights from one on, and perhaps the bias, which is row 70 000. */
  private static void assertRepeated(float[] of, float[] found, int firstRow) {
    for (int i = 0; i < found.length; i++) {
      int row = firstRow + i / 2;
      assertEquals(row == 70_000 ? of[10] : of[2 * (row % 5) + i % 2], found[i], "number " + i);
    }
  }
}
