package dev.cairn.spark.shard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.spark.optimizer.Optimizer;
import dev.cairn.spark.optimizer.Optimizers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A frozen shard is the shard at one instant, whatever training does afterwards (S15). */
class FrozenShardTest {
  private static final int ROWS = 200_000;
  private static final ParameterLayout LAYOUT =
      new ParameterLayout(
          List.of(
              ParameterVariable.table("weights", ROWS, 1),
              ParameterVariable.table("none", 0, 2),
              ParameterVariable.table("factors", 40_000, 3),
              ParameterVariable.scalar("bias")));

  private static ParameterShard shard() {
    Optimizer adagrad = Optimizers.of("adagrad", new TreeMap<>());
    return new ParameterShard(LAYOUT, 0, LAYOUT.blocks(), adagrad);
  }

  private static void step(ParameterShard shard, int... rows) {
    StepAggregator aggregator = new StepAggregator(shard, 1);
    float[] gradients = new float[(int) LAYOUT.elements(rows, 0, rows.length)];
    Arrays.fill(gradients, 1);
    aggregator.offer(0, rows, 0, rows.length, gradients, 0);
    aggregator.apply(0);
  }

  private static List<String> contents(FrozenShard frozen) throws IOException {
    List<String> blocks = new ArrayList<>();
    frozen.drain(
        block ->
            blocks.add(
                block.variable().name()
                    + block.slot().map(slot -> "/" + slot).orElse("")
                    + " "
                    + block.firstRow()
                    + "+"
                    + block.rows()
                    + " "
                    + Arrays.hashCode(block.values())));
    return blocks;
  }

  private static int[] everyRow() {
    return range(0, LAYOUT.totalRows());
  }

  @Test
  void handsBlocksOverInDiskOrder() throws IOException {
    List<String> places = new ArrayList<>();
    FrozenShard frozen = shard().freeze();
    long[] bytes = new long[1];
    frozen.drain(
        block -> {
          places.add(block.variable().name() + block.slot().orElse("") + block.firstRow());
          assertEquals(block.rows() * block.variable().width(), block.values().length);
          bytes[0] += 4L * block.values().length;
        });
    assertEquals(frozen.bytes(), bytes[0]);
    assertEquals(8L * (ROWS + 3 * 40_000 + 1), bytes[0]);
    assertEquals(
        List.of(
            "weights0",
            "weights65536",
            "weights131072",
            "weights196608",
            "weightsaccumulator0",
            "weightsaccumulator65536",
            "weightsaccumulator131072",
            "weightsaccumulator196608",
            "none0",
            "noneaccumulator0",
            "factors0",
            "factors16384",
            "factors32768",
            "factorsaccumulator0",
            "factorsaccumulator16384",
            "factorsaccumulator32768",
            "bias0",
            "biasaccumulator0"),
        places);
  }

  @Test
  void changedTheInstantFreezeReturns() throws IOException {
    ParameterShard shard = shard();
    step(shard, 3, 70_000, 240_000);
    List<String> wanted = contents(shard.freeze());
    FrozenShard frozen = shard.freeze();
    step(shard, everyRow());
    step(shard, everyRow());
    assertEquals(wanted, contents(frozen));
    assertTrue(!wanted.equals(contents(shard.freeze())));
  }

  @Test
  void keepsOnlyWhatIsChangedWhileHeld() throws IOException {
    ParameterShard shard = shard();
    step(shard, everyRow());
    assertEquals(0, shard.copiedBytes());
    FrozenShard frozen = shard.freeze();
    step(shard, 5, 6);
    step(shard, 5, 7);
    long few = 3 * 3 * 4; // of three rows their place, value and slot
    assertEquals(few, shard.copiedBytes());
    frozen.drain(
        b -> {
          if (b.variable().name().equals("factors") && b.slot().isEmpty() && b.firstRow() == 0) {
            // All of weights is released by now.
            step(shard, everyRow());
          }
        });
    long factors = 2 * 4 * 3 * 40_000;
    assertEquals(few + factors + 2 * 4, shard.copiedBytes());
    step(shard, everyRow());
    assertEquals(few + factors + 2 * 4, shard.copiedBytes());
    FrozenShard closed = shard.freeze();
    closed.close();
    closed.close();
    step(shard, everyRow());
    assertEquals(few + factors + 2 * 4, shard.copiedBytes());
  }

  /** Few rows are logged one by one; many give the view a copy of its own. */
  @Test
  void manyChangesKeepTheWholeBlockOnce() throws IOException {
    ParameterShard shard = shard();
    step(shard, everyRow());
    List<String> wanted = contents(shard.freeze());
    FrozenShard frozen = shard.freeze();
    long before = shard.copiedBytes();
    for (int round = 0; round < 3; round++) {
      for (int first = 0; first < 65_536; first += 1_024) {
        step(shard, range(first, first + 1_024));
      }
    }
    long kept = shard.copiedBytes() - before;
    long logged = 65_536 / 4 * 3 * 4;
    long whole = 65_536 * 2 * 4;
    assertEquals(logged + whole, kept);
    assertEquals(wanted, contents(frozen));
  }

  private static int[] range(int from, int to) {
    int[] rows = new int[to - from];
    Arrays.setAll(rows, i -> from + i);
    return rows;
  }

  /** The frozen shard's blocks are turned back and become another shard's, as in recovery. */
  @Test
  void adoptedAsItWasFrozen() throws IOException {
    ParameterShard old = shard();
    step(old, everyRow());
    List<String> wanted = contents(old.freeze());
    FrozenShard committed = old.freeze();
    step(old, 1, 2, 3, 70_000);
    List<String> later = contents(old.freeze());
    FrozenShard uncommitted = old.freeze();
    step(old, range(131_072, 196_608)); // a block of which both have a copy
    step(old, 2, 3, 4, 240_000);
    ParameterShard half = ParameterShard.empty(LAYOUT, 0, 3, old.optimizer());
    assertEquals(3 * 65_536 * 2 * 4, half.adopt(committed));
    assertEquals(List.of(), half.missing());
    // That attempt is given up and the next one adopts once more, and more.
    ParameterShard next = ParameterShard.empty(LAYOUT, 0, LAYOUT.blocks(), old.optimizer());
    assertEquals(committed.bytes(), next.adopt(committed));
    assertEquals(List.of(), next.missing());
    FrozenShard again = next.freeze();
    committed.close();
    step(next, everyRow());
    assertEquals(wanted, contents(again));
    assertEquals(later, contents(uncommitted));
  }

  @Test
  void whatIsReleasedIsNotAdopted() throws IOException {
    ParameterShard old = shard();
    FrozenShard drained = old.freeze();
    FrozenShard closed = old.freeze();
    contents(drained);
    closed.close();
    ParameterShard next = ParameterShard.empty(LAYOUT, 0, LAYOUT.blocks(), old.optimizer());
    assertEquals(0, next.adopt(drained));
    assertEquals(0, next.adopt(closed));
    assertEquals(2 * LAYOUT.blocks(), next.missing().size());
  }

  @Test
  void severalFrozenAtOnce() throws IOException {
    ParameterShard shard = shard();
    FrozenShard first = shard.freeze();
    step(shard, everyRow());
    FrozenShard second = shard.freeze();
    FrozenShard secondAgain = shard.freeze();
    step(shard, everyRow());
    List<String> wanted = contents(shard().freeze());
    assertEquals(contents(secondAgain), contents(second));
    assertEquals(wanted, contents(first));
    assertThrows(IllegalStateException.class, () -> contents(first));
  }

  /** Frozen after each of many steps and read by other threads while the steps go on. */
  @Test
  void neverTornUnderConcurrentSteps() throws Exception {
    ParameterShard shard = shard();
    int[] rows = everyRow();
    ExecutorService readers = Executors.newFixedThreadPool(2);
    AtomicBoolean gathering = new AtomicBoolean(true);
    try {
      List<Future<Boolean>> results = new ArrayList<>();
      Future<Boolean> gatherer =
          readers.submit(
              () -> {
                float[] out = new float[2];
                boolean whole = true;
                while (gathering.get()) {
                  shard.gather(new int[] {1, 199_999}, 0, 2, out, 0);
                  whole &= out[0] == out[1];
                }
                return whole;
              });
      for (int i = 0; i < 40; i++) {
        float[] now = new float[1];
        shard.gather(rows, 0, 1, now, 0);
        FrozenShard frozen = shard.freeze();
        results.add(readers.submit(() -> uniform(frozen, now[0])));
        step(shard, rows);
      }
      gathering.set(false);
      assertTrue(gatherer.get(), "a gather saw half a step");
      for (Future<Boolean> result : results) {
        assertTrue(result.get(), "a frozen shard changed");
      }
    } finally {
      gathering.set(false);
      readers.shutdownNow();
    }
  }

  /** All gradients are equal, so all values of one step are. */
  private static boolean uniform(FrozenShard frozen, float wanted) throws IOException {
    boolean[] same = {true};
    frozen.drain(
        block -> {
          if (block.slot().isEmpty()) {
            for (float value : block.values()) {
              same[0] &= value == wanted;
            }
          }
        });
    return same[0];
  }

  @Test
  void closedInTheMiddleIsLoudAndHarmless() {
    ParameterShard shard = shard();
    FrozenShard frozen = shard.freeze();
    Exception e =
        assertThrows(IllegalStateException.class, () -> frozen.drain(block -> frozen.close()));
    assertTrue(e.getMessage().contains("block 1 of 18"), e.getMessage());
    step(shard, everyRow());
    assertEquals(0, shard.copiedBytes());
    FrozenShard failing = shard.freeze();
    assertThrows(
        IOException.class,
        () ->
            failing.drain(
                block -> {
                  throw new IOException("disk full");
                }));
    failing.close();
    step(shard, everyRow());
    assertEquals(0, shard.copiedBytes());
  }

  @Test
  void loadsWhatWasFrozen() throws IOException {
    ParameterShard shard = shard();
    step(shard, 1, 2, 3, 199_999, 200_001, 240_000);
    ParameterShard other = shard();
    FrozenShard held = other.freeze();
    shard
        .freeze()
        .drain(
            b -> {
              int v = b.variable().name().equals("weights") ? 0 : 2;
              v = b.variable().name().equals("none") ? 1 : v;
              v = b.variable().rank() == 0 ? 3 : v;
              int perBlock =
                  ParameterLayout.rowsPerBlock(b.variable().rows(), b.variable().width());
              int block = LAYOUT.firstBlock(v) + (int) (b.firstRow() / perBlock);
              other.loadBlock(block, b.slot(), b.values().clone());
            });
    assertEquals(contents(shard.freeze()), contents(other.freeze()));
    assertEquals(contents(shard().freeze()), contents(held));
    assertThrows(
        IllegalArgumentException.class,
        () -> other.loadBlock(0, Optional.of("linear"), new float[65_536]));
    assertThrows(
        IllegalArgumentException.class, () -> other.loadBlock(0, Optional.empty(), new float[1]));
  }

  @Test
  void gathersRowsOfAllWidths() {
    ParameterShard shard = shard();
    for (int b = 0; b < LAYOUT.blocks(); b++) {
      ParameterLayout.Block block = LAYOUT.block(b);
      float[] values = new float[block.elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = block.firstGlobalRow() + i / block.variable().width();
      }
      shard.loadBlock(b, Optional.empty(), values);
    }
    int[] rows = {-1, 5, 65_535, 65_536, 199_999, 200_000, 216_384, 240_000};
    float[] out = new float[13];
    assertEquals(12, shard.gather(rows, 1, 8, out, 1));
    assertArrayEquals(
        new float[] {
          0, 5, 65_535, 65_536, 199_999, 200_000, 200_000, 200_000, 216_384, 216_384, 216_384,
          240_000, 0
        },
        out);
    ParameterShard part = new ParameterShard(LAYOUT, 1, 2, shard.optimizer());
    assertThrows(IllegalArgumentException.class, () -> part.gather(rows, 1, 2, out, 0));
    assertThrows(IllegalArgumentException.class, () -> part.gather(rows, 3, 5, out, 0));
  }
}
