package dev.cairn.spark.shard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.optimizer.Optimizer;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.shard.StepAggregator.Offer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Sums in partition order, once a partition, whoever arrives first and whoever owns the rows (I5).
 */
class StepAggregatorTest {
  private static final ParameterLayout LAYOUT =
      new ParameterLayout(
          List.of(
              ParameterVariable.table("weights", 150_000, 1),
              ParameterVariable.table("factors", 30_000, 5),
              ParameterVariable.table("wide", 3, 20_000),
              ParameterVariable.scalar("bias")));

  /** The message of a partition for a step. */
  record Part(int[] rows, float[] gradients) {}

  private static ParameterShard whole(Optimizer optimizer) {
    return new ParameterShard(LAYOUT, 0, LAYOUT.blocks(), optimizer);
  }

  private static Optimizer adagrad() {
    return Optimizers.of("adagrad", new TreeMap<>());
  }

  private static Part random(SplittableRandom random, int count) {
    TreeSet<Integer> rows = new TreeSet<>(List.of(0, 149_999, 150_000, 180_001, 180_003));
    while (rows.size() < count) {
      rows.add(random.nextInt(LAYOUT.totalRows()));
    }
    int[] ids = rows.stream().mapToInt(i -> i).toArray();
    float[] gradients = new float[(int) LAYOUT.elements(ids, 0, ids.length)];
    for (int i = 0; i < gradients.length; i++) {
      gradients[i] = (float) (random.nextDouble(-1, 1) * Math.scalb(1.0, random.nextInt(-20, 20)));
    }
    return new Part(ids, gradients);
  }

  private static float[] all(ParameterShard shard) {
    int[] rows = new int[shard.endRow() - shard.firstRow()];
    Arrays.setAll(rows, i -> shard.firstRow() + i);
    float[] out = new float[(int) LAYOUT.elements(rows, 0, rows.length)];
    assertEquals(out.length, shard.gather(rows, 0, rows.length, out, 0));
    return out;
  }

  /** Against sums in a plain double array, one row after the other. */
  @Test
  void equalsThePlainSum() {
    SplittableRandom random = new SplittableRandom(1);
    ParameterShard shard = whole(adagrad());
    StepAggregator aggregator = new StepAggregator(shard, 4);
    int elements = all(shard).length;
    float[] wanted = new float[elements];
    float[][] slots = new float[1][elements];
    Arrays.fill(slots[0], adagrad().slots().get(0).initial());
    for (int step = 0; step < 3; step++) {
      double[] sums = new double[elements];
      boolean[] touched = new boolean[elements];
      for (int p = 0; p < 4; p++) {
        Part part = random(random, 3000);
        aggregator.offer(p, part.rows, 0, part.rows.length, part.gradients, 0);
        int g = 0;
        for (int row : part.rows) {
          int v = LAYOUT.variableOfRow(row);
          int width = LAYOUT.variables().get(v).width();
          int[] before = {0, 150_000, 300_000, 360_000};
          int at = before[v] + (row - LAYOUT.firstRow(v)) * width;
          for (int e = 0; e < width; e++) {
            sums[at + e] += part.gradients[g++];
            touched[at + e] = true;
          }
        }
      }
      aggregator.apply(step);
      for (int e = 0; e < elements; e++) {
        if (touched[e]) {
          adagrad().at(step, true).apply(wanted, slots, new int[] {e}, 1, new double[] {sums[e]});
        }
      }
      assertArrayEquals(wanted, all(shard));
    }
  }

  /** The order of arrival and the owners of the blocks do not change a bit. */
  @Test
  void pureInArrivalAndOwners() {
    Map<String, Double> dense = Map.of("dense_updates", 1.0, "l1", 1e-6, "clipvalue", 0.5);
    for (OptimizerSpec spec :
        List.of(
            new OptimizerSpec("adagrad", new TreeMap<>()),
            new OptimizerSpec("ftrl", new TreeMap<>()),
            new OptimizerSpec(
                "adam", new TreeMap<>(), Optional.of("cosine decay_steps=2 warmup_steps=1")),
            new OptimizerSpec("adamw", new TreeMap<>(dense)),
            new OptimizerSpec("sgd", new TreeMap<>(Map.of("clipnorm", 0.5))),
            mixed(),
            new OptimizerSpec(
                "adam", new TreeMap<>(Map.of("global_clipnorm", 2.0, "dense_updates", 1.0))))) {
      float[] wanted = trained(spec, 1, 0);
      for (int shards : new int[] {2, 3, 7, 12}) {
        assertArrayEquals(wanted, trained(spec, shards, shards), spec + " on " + shards);
      }
    }
  }

  /** A step changes every row of the shard, those that nobody touches by a gradient of 0. */
  @Test
  void denseStepsChangeEveryRow() {
    for (int shards : new int[] {1, 5}) {
      ShardAssignment owners = ShardAssignment.balanced(LAYOUT, 0, shards);
      Optimizer decaying =
          Optimizers.of(
              "sgd",
              new TreeMap<>(
                  Map.of("learning_rate", 0.5, "weight_decay", 0.5, "dense_updates", 1.0)));
      int at = 0;
      for (int s = 0; s < shards; s++) {
        ParameterShard shard =
            new ParameterShard(LAYOUT, owners.firstBlock(s), owners.endBlock(s), decaying);
        for (int b = owners.firstBlock(s); b < owners.endBlock(s); b++) {
          float[] ones = new float[LAYOUT.block(b).elements()];
          Arrays.fill(ones, 1);
          shard.loadBlock(b, Optional.empty(), ones);
        }
        StepAggregator aggregator = new StepAggregator(shard, 2);
        aggregator.offer(0, new int[0], 0, 0, new float[0], 0);
        int[] last = {shard.endRow() - 1};
        float[] gradients = new float[(int) LAYOUT.elements(last, 0, 1)];
        Arrays.fill(gradients, 2);
        aggregator.offer(1, last, 0, 1, gradients, 0);
        aggregator.apply(0);
        float[] found = all(shard);
        for (int i = 0; i < found.length; i++) {
          boolean touched = i >= found.length - gradients.length;
          boolean bias = at + i == 360_000; // no weight decay
          assertEquals((bias ? 1 : 0.75f) - (touched ? 1 : 0), found[i], "number " + (at + i));
        }
        at += found.length;
      }
      assertEquals(360_001, at);
    }
  }

  /** Slots here and there, of all rows and of the touched ones, two variables with one norm. */
  private static OptimizerSpec mixed() {
    OptimizerSpec both = new OptimizerSpec("sgd", new TreeMap<>(Map.of("global_clipnorm", 0.25)));
    OptimizerSpec adam =
        new OptimizerSpec("adam", new TreeMap<>(Map.of("dense_updates", 1.0, "l2", 0.5)));
    return new OptimizerSpec("adagrad", new TreeMap<>())
        .withForVariables(new TreeMap<>(Map.of("factors", adam, "wide", both, "bias", both)));
  }

  /** Each variable is changed as if its optimizer were that of all. */
  @Test
  void aVariableHasItsOwnOptimizer() {
    Part[] parts = {random(new SplittableRandom(7), 3000)};
    float[] found = all(step(parts, mixed()));
    int[] first = {0, 150_000, 300_000, 360_000, 360_001};
    List<String> names = LAYOUT.variables().stream().map(ParameterVariable::name).toList();
    for (int v : new int[] {0, 1}) {
      String name = names.get(v);
      OptimizerSpec own = Optimizers.of(mixed()).of(name).spec();
      float[] alone = all(step(parts, own.withForVariables(new TreeMap<>())));
      assertArrayEquals(
          Arrays.copyOfRange(alone, first[v], first[v + 1]),
          Arrays.copyOfRange(found, first[v], first[v + 1]),
          name);
    }
    // Only the gradients of wide and bias count for their norm.
    double norm = 0;
    for (int i = first[2]; i < first[4]; i++) {
      norm += (double) found[i] * found[i];
    }
    assertEquals(0.25 * 0.0001, Math.sqrt(norm), 1e-10);
    assertEquals(
        4L * (2 * 150_000 + 3 * 150_000 + 60_000 + 1),
        ParameterShard.stateBytes(LAYOUT, 0, LAYOUT.blocks(), Optimizers.of(mixed())));
  }

  /** A shard after one step from zeros. */
  private static ParameterShard step(Part[] parts, OptimizerSpec optimizer) {
    ParameterShard shard = whole(Optimizers.of(optimizer));
    StepAggregator aggregator = new StepAggregator(shard, parts.length);
    for (int p = 0; p < parts.length; p++) {
      aggregator.offer(p, parts[p].rows, 0, parts[p].rows.length, parts[p].gradients, 0);
    }
    apply(0, List.of(shard), List.of(aggregator));
    return shard;
  }

  private static float[] trained(OptimizerSpec optimizer, int shards, int arrivalSeed) {
    ShardAssignment owners = ShardAssignment.balanced(LAYOUT, 0, shards);
    List<ParameterShard> all = new ArrayList<>();
    List<StepAggregator> aggregators = new ArrayList<>();
    for (int s = 0; s < shards; s++) {
      Optimizer rule = Optimizers.of(optimizer);
      all.add(new ParameterShard(LAYOUT, owners.firstBlock(s), owners.endBlock(s), rule));
      aggregators.add(new StepAggregator(all.get(s), 5));
    }
    SplittableRandom data = new SplittableRandom(2);
    Random arrival = new Random(arrivalSeed);
    for (int step = 0; step < 3; step++) {
      List<Part> parts = new ArrayList<>();
      List<Integer> order = new ArrayList<>();
      for (int p = 0; p < 5; p++) {
        parts.add(random(data, 2000));
        order.add(p);
      }
      for (int s = 0; s < shards; s++) {
        Collections.shuffle(order, arrival);
        for (int p : order) {
          Part part = parts.get(p);
          int[] cut = owners.split(part.rows, 0, part.rows.length);
          int offset = (int) LAYOUT.elements(part.rows, 0, cut[s]);
          aggregators.get(s).offer(p, part.rows, cut[s], cut[s + 1], part.gradients, offset);
        }
      }
      apply(step, all, aggregators);
    }
    float[] result = new float[360_001];
    int at = 0;
    for (ParameterShard shard : all) {
      float[] part = all(shard);
      System.arraycopy(part, 0, result, at, part.length);
      at += part.length;
    }
    assertEquals(result.length, at);
    return result;
  }

  /** A step of all shards, with the norms of all where a norm is limited. */
  private static void apply(long step, List<ParameterShard> all, List<StepAggregator> aggregators) {
    if (!all.get(0).optimizer().limitsNorm()) {
      aggregators.forEach(aggregator -> aggregator.apply(step));
      return;
    }
    double[] squares =
        aggregators.stream().flatMapToDouble(a -> Arrays.stream(a.squares())).toArray();
    double[] sums = LAYOUT.sumsOfVariables(squares);
    aggregators.forEach(aggregator -> aggregator.apply(step, sums));
  }

  /** Against a norm in plain double, of each variable and of all; within the limit no bit moves. */
  @Test
  void clipsByTheNormOfTheSums() {
    Part[] parts = {random(new SplittableRandom(7), 3000), random(new SplittableRandom(8), 3000)};
    float[] unclipped = step(parts, Map.of());
    double[] squares = new double[4];
    int[] first = {0, 150_000, 300_000, 360_000, 360_001};
    for (int v = 0; v < 4; v++) {
      for (int e = first[v]; e < first[v + 1]; e++) {
        squares[v] += (double) unclipped[e] * unclipped[e];
      }
    }
    double all = Math.sqrt(Arrays.stream(squares).sum());
    assertArrayEquals(unclipped, step(parts, Map.of("global_clipnorm", all * 1.001)));
    float[] global = step(parts, Map.of("global_clipnorm", all / 8));
    double limit = Math.sqrt(squares[1]) / 2;
    float[] each = step(parts, Map.of("clipnorm", limit));
    int v = 0;
    for (int e = 0; e < unclipped.length; e++) {
      while (e == first[v + 1]) {
        v++;
      }
      assertEquals(unclipped[e] / 8, global[e], Math.abs(unclipped[e]) * 1e-5, "number " + e);
      double left = Math.min(1, limit / Math.sqrt(squares[v]));
      assertEquals(unclipped[e] * left, each[e], Math.abs(unclipped[e]) * 1e-5, "number " + e);
    }
  }

  /** The result of a step with a rate of 1 on zeros: the gradients' sums, clipped. */
  private static float[] step(Part[] parts, Map<String, Double> limit) {
    TreeMap<String, Double> settings = new TreeMap<>(limit);
    settings.put("learning_rate", 1.0);
    return all(step(parts, new OptimizerSpec("sgd", settings)));
  }

  @Test
  void aLimitedNormIsNeeded() {
    for (OptimizerSpec spec :
        List.of(new OptimizerSpec("sgd", new TreeMap<>(Map.of("clipnorm", 1.0))), mixed())) {
      StepAggregator aggregator = new StepAggregator(whole(Optimizers.of(spec)), 1);
      aggregator.offer(0, new int[0], 0, 0, new float[0], 0);
      assertThrows(IllegalStateException.class, () -> aggregator.apply(0));
      aggregator.apply(0, LAYOUT.sumsOfVariables(aggregator.squares()));
    }
  }

  /**
   * 1e17 + 1 - 1e17 is 0 in this order and 1 in another: partition order is what is summed, in
   * whatever order they arrive.
   */
  @Test
  void partitionOrderCounts() {
    float[] sums = {1e17f, 1, -1e17f};
    float inOrder = stepWith(sums, 0, 1, 2);
    assertEquals(0f, inOrder);
    assertEquals(inOrder, stepWith(sums, 2, 0, 1));
    assertEquals(inOrder, stepWith(sums, 1, 2, 0));
    assertNotEquals(inOrder, stepWith(new float[] {1e17f, -1e17f, 1}, 0, 1, 2));
  }

  private static float stepWith(float[] gradients, int... arrival) {
    ParameterShard shard = whole(adagrad());
    StepAggregator aggregator = new StepAggregator(shard, 3);
    for (int p : arrival) {
      aggregator.offer(p, new int[] {42}, 0, 1, gradients, p);
    }
    aggregator.apply(0);
    return all(shard)[42];
  }

  @Test
  void countsAPartitionOnce() {
    ParameterShard shard = whole(adagrad());
    StepAggregator aggregator = new StepAggregator(shard, 2);
    assertEquals(Offer.ACCEPTED, aggregator.offer(1, new int[] {7}, 0, 1, new float[] {1}, 0));
    assertEquals(Offer.DUPLICATE, aggregator.offer(1, new int[] {8}, 0, 1, new float[] {5}, 0));
    assertThrows(IllegalStateException.class, () -> aggregator.apply(0));
    assertFalse(aggregator.complete());
    assertEquals(Offer.COMPLETED, aggregator.offer(0, new int[0], 0, 0, new float[0], 0));
    assertEquals(Offer.DUPLICATE, aggregator.offer(0, new int[] {8}, 0, 1, new float[] {5}, 0));
    aggregator.apply(0);
    float[] values = all(shard);
    assertEquals((float) (-0.1 / Math.sqrt(1.1f)), values[7]);
    assertEquals(0f, values[8]);
    assertEquals(Offer.ACCEPTED, aggregator.offer(1, new int[] {7}, 0, 1, new float[] {1}, 0));
    aggregator.reset();
    assertEquals(Offer.ACCEPTED, aggregator.offer(1, new int[] {7}, 0, 1, new float[] {1}, 0));
  }

  /** L1 and L2 leave the intercept alone. */
  @Test
  void scalarsAreNotRegularized() {
    Optimizer strong = Optimizers.of("adagrad", new TreeMap<>(Map.of("l1", 100.0)));
    ParameterShard shard = whole(strong);
    StepAggregator aggregator = new StepAggregator(shard, 1);
    aggregator.offer(0, new int[] {7, 180_003}, 0, 2, new float[] {1, 1}, 0);
    aggregator.apply(0);
    float[] values = all(shard);
    assertEquals(0f, values[7]);
    assertEquals((float) (-0.1 / Math.sqrt(1.1f)), values[360_000]);
  }

  @Test
  void refusesRowsThatAreNotAsPromised() {
    ParameterShard second = new ParameterShard(LAYOUT, 1, 2, adagrad());
    StepAggregator aggregator = new StepAggregator(second, 2);
    float[] g = {1, 1, 1};
    for (int[] rows :
        new int[][] {{65_535}, {131_072}, {70_000, 70_000}, {70_001, 70_000}, {65_536, 131_072}}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> aggregator.offer(0, rows, 0, rows.length, g, 0),
          Arrays.toString(rows));
    }
    int[] good = {65_536, 131_071};
    assertThrows(IllegalArgumentException.class, () -> aggregator.offer(2, good, 0, 2, g, 0));
    assertThrows(IllegalArgumentException.class, () -> aggregator.offer(0, good, 0, 2, g, 2));
    assertEquals(Offer.ACCEPTED, aggregator.offer(0, good, 0, 2, g, 1));
  }
}
