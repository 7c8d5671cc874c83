package dev.cairn.spark.simulation;

import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.shard.FrozenShard;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterShard;
import dev.cairn.spark.shard.ParameterVariable;
import dev.cairn.spark.shard.StepAggregator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A tiny model and its data, and what undisturbed training makes of them. Gradients are a pure
 * function of partition, batch and the rows that were pulled, and depend on each of these, so that
 * no mistake cancels out. The variable {@code count} has a row for each partition, whose gradient
 * is always 1: with Adagrad its slot counts how often the partition was consumed.
 *
 * @param batches for each partition and batch the rows that it touches, ascending
 * @param truth for each step all values and slots, by key
 */
record Workload(
    ParameterLayout layout,
    OptimizerSpec optimizer,
    int partitions,
    int[][][] batches,
    List<Map<String, float[]>> truth) {
  static final int STEPS = 25;
  private static final int VARIANTS = 12;
  private static final Workload[] ALL = new Workload[VARIANTS];

  /** One of a few, made when first asked for. */
  static synchronized Workload of(int number) {
    int n = Math.floorMod(number, VARIANTS);
    if (ALL[n] == null) {
      ALL[n] = make(n);
    }
    return ALL[n];
  }

  private static Workload make(int number) {
    SplittableRandom random = new SplittableRandom(77 + number);
    int partitions = 2 + number % 3;
    List<ParameterVariable> variables = new ArrayList<>();
    variables.add(ParameterVariable.table("count", partitions, 1));
    int tables = 3 + random.nextInt(4);
    for (int t = 0; t < tables; t++) {
      variables.add(ParameterVariable.table("w" + t, 1 + random.nextInt(5), 1 + random.nextInt(3)));
    }
    if (number % 4 == 3) {
      variables.add(ParameterVariable.table("none", 0, 2));
    }
    variables.add(ParameterVariable.scalar("bias"));
    ParameterLayout layout = new ParameterLayout(variables);
    OptimizerSpec optimizer = optimizer(number);
    int[][][] batches = new int[partitions][STEPS + 2][];
    for (int p = 0; p < partitions; p++) {
      for (int b = 0; b < batches[p].length; b++) {
        int partition = p;
        batches[p][b] =
            java.util.stream.IntStream.range(0, layout.totalRows())
                .filter(row -> row < partitions ? row == partition : random.nextInt(3) > 0)
                .toArray();
      }
    }
    Workload bare = new Workload(layout, optimizer, partitions, batches, new ArrayList<>());
    bare.train();
    return bare;
  }

  /**
   * The optimizer of a number: with many slots and with none, by the step and not, of the rows
   * touched and of all, with and without a limit of the norm, and with another one for some
   * variables.
   */
  private static OptimizerSpec optimizer(int number) {
    return switch (number % 7) {
      case 0 -> new OptimizerSpec("adagrad", new TreeMap<>(Map.of("learning_rate", 0.3)));
      case 1 -> new OptimizerSpec("ftrl", new TreeMap<>(Map.of("learning_rate", 0.3, "l1", 0.01)));
      case 2 ->
          new OptimizerSpec(
              "adam",
              new TreeMap<>(Map.of("learning_rate", 0.3, "amsgrad", 1.0)),
              Optional.of("cosine decay_steps=12 alpha=0.1 warmup_steps=5"));
      case 3 -> new OptimizerSpec("sgd", new TreeMap<>(Map.of("learning_rate", 0.3)));
      case 4 ->
          new OptimizerSpec(
              "sgd", new TreeMap<>(Map.of("learning_rate", 0.3, "global_clipnorm", 0.7)));
      case 5 ->
          new OptimizerSpec("adagrad", new TreeMap<>(Map.of("learning_rate", 0.3, "clipnorm", 0.4)))
              .withForVariables(
                  new TreeMap<>(
                      Map.of(
                          "w0",
                          new OptimizerSpec("adam", new TreeMap<>(Map.of("dense_updates", 1.0))),
                          "w1",
                          new OptimizerSpec("sgd", new TreeMap<>(Map.of("learning_rate", 0.2))))));
      default ->
          new OptimizerSpec(
              "rmsprop",
              new TreeMap<>(
                  Map.of("learning_rate", 0.1, "momentum", 0.5, "dense_updates", 1.0, "l2", 0.1)));
    };
  }

  /** Whether a step takes two rounds of messages. */
  boolean norms() {
    return Optimizers.of(optimizer).limitsNorm();
  }

  /** The gradients of one partition's batch; values and gradients lie row after row. */
  float[] gradients(int partition, int batch, float[] values) {
    int[] rows = batches[partition][batch];
    float[] gradients = new float[values.length];
    int at = 0;
    for (int row : rows) {
      int width = layout.variables().get(layout.variableOfRow(row)).width();
      for (int e = 0; e < width; e++) {
        long mixed = (((partition * 131L + batch) * 131L + row) * 131L + e) * 0x9E3779B97F4A7C15L;
        float noise = ((mixed >>> 40) & 0xFFFF) / 65536f - 0.5f;
        gradients[at] = row < partitions ? 1 : noise + 0.25f * values[at];
        at++;
      }
    }
    return gradients;
  }

  private void train() {
    ParameterShard shard = new ParameterShard(layout, 0, layout.blocks(), Optimizers.of(optimizer));
    StepAggregator steps = new StepAggregator(shard, partitions);
    truth.add(state(shard));
    for (int step = 0; step < STEPS; step++) {
      for (int p = 0; p < partitions; p++) {
        int[] rows = batches[p][step];
        float[] values = new float[(int) layout.elements(rows, 0, rows.length)];
        shard.gather(rows, 0, rows.length, values, 0);
        steps.offer(p, rows, 0, rows.length, gradients(p, step, values), 0);
      }
      if (norms()) {
        steps.apply(step, layout.sumsOfVariables(steps.squares()));
      } else {
        steps.apply(step);
      }
      truth.add(state(shard));
    }
  }

  /** All that a checkpoint of a step has. */
  ObjectGraph graph(long step) {
    return ModelGraph.at(layout, Optimizers.of(optimizer), step);
  }

  private static Map<String, float[]> state(ParameterShard shard) {
    ModelGraph graph = ModelGraph.parameters(shard.layout(), shard.optimizer());
    Map<String, float[]> state = new HashMap<>();
    try (FrozenShard frozen = shard.freeze()) {
      frozen.forEach(
          block ->
              state.merge(
                  graph.spec(block.variable(), block.slot()).key(),
                  Arrays.copyOf(block.values(), block.rows() * block.variable().width()),
                  (a, b) -> {
                    float[] both = Arrays.copyOf(a, a.length + b.length);
                    System.arraycopy(b, 0, both, a.length, b.length);
                    return both;
                  }));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return state;
  }
}
