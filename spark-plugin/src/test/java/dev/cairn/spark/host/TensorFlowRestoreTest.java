package dev.cairn.spark.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.PendingCheckpoint;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import dev.cairn.spark.optimizer.Optimizer;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.shard.FrozenShard;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterShard;
import dev.cairn.spark.shard.ParameterVariable;
import dev.cairn.spark.shard.ShardAssignment;
import dev.cairn.spark.shard.StepAggregator;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * TensorFlow restores a trained model through its object graph: model, Keras 3's optimizer of the
 * same name, and counters, with assert_consumed and every bit.
 */
class TensorFlowRestoreTest {
  private static final int SHARDS = 3;
  private static final int STEPS = 4;
  private static final ParameterVariable WEIGHTS = ParameterVariable.table("weights", 70_000, 2);
  private static final ParameterVariable BIAS = ParameterVariable.scalar("bias");
  private static final ParameterLayout LAYOUT = new ParameterLayout(List.of(WEIGHTS, BIAS));

  /**
   * An optimizer here and there.
   *
   * @param arguments of Keras's class, as JSON
   * @param ofBias Keras's class for the bias, empty if it is the same one
   */
  private record Case(
      String name, OptimizerSpec spec, String keras, String arguments, String ofBias) {

    /** The edge that leads to the optimizer of a variable. */
    String edge(String variable) {
      return ofBias.isEmpty() || variable.equals("weights") ? "optimizer" : "optimizer_bias";
    }

    List<String> edges() {
      return ofBias.isEmpty() ? List.of("optimizer") : List.of("optimizer", "optimizer_bias");
    }
  }

  private static Case of(String name, String keras, String arguments, Object... settings) {
    SortedMap<String, Double> numbers = new TreeMap<>();
    for (int i = 0; i < settings.length; i += 2) {
      numbers.put((String) settings[i], (Double) settings[i + 1]);
    }
    return new Case(
        keras + arguments,
        new OptimizerSpec(name, numbers, Optional.empty()),
        keras,
        arguments,
        "");
  }

  private static final List<Case> CASES =
      List.of(
          of("sgd", "SGD", "{}"),
          of("sgd", "SGD", "{\"momentum\": 0.5}", "momentum", 0.5),
          of("adagrad", "Adagrad", "{}"),
          of(
              "rmsprop",
              "RMSprop",
              "{\"momentum\": 0.5, \"centered\": true}",
              "momentum",
              0.5,
              "centered",
              1.0),
          of("adam", "Adam", "{\"amsgrad\": true}", "amsgrad", 1.0),
          of("adamw", "AdamW", "{}"),
          of("ftrl", "Ftrl", "{}"),
          new Case(
              "scheduled",
              new OptimizerSpec(
                  "adam",
                  new TreeMap<>(Map.of("learning_rate", 0.1)),
                  Optional.of("cosine decay_steps=10")),
              "Adam",
              "{\"decay_steps\": 10}",
              ""),
          new Case(
              "one for each variable",
              new OptimizerSpec("adagrad", new TreeMap<>())
                  .withForVariables(
                      new TreeMap<>(Map.of("bias", new OptimizerSpec("adam", new TreeMap<>())))),
              "Adagrad",
              "{}",
              "Adam"));

  @TempDir Path folder;

  /** Each shard after some steps. */
  private static List<ParameterShard> trained(ShardAssignment assignment, Optimizer optimizer) {
    return java.util.stream.IntStream.range(0, SHARDS)
        .mapToObj(
            s -> {
              ParameterShard shard =
                  new ParameterShard(
                      LAYOUT, assignment.firstBlock(s), assignment.endBlock(s), optimizer);
              int from = assignment.firstRow(s);
              int to = assignment.endRow(s);
              int[] rows = java.util.stream.IntStream.range(from, to).toArray();
              float[] gradients = new float[(int) LAYOUT.elements(rows, 0, rows.length)];
              for (int step = 0; step < STEPS; step++) {
                for (int i = 0; i < gradients.length; i++) {
                  gradients[i] = ((from + i) % 7 - 3) * (step + 1) * 0.125f;
                }
                StepAggregator steps = new StepAggregator(shard, 1);
                steps.offer(0, rows, 0, rows.length, gradients, 0);
                steps.apply(step);
              }
              return shard;
            })
        .toList();
  }

  private String saved(int number, Optimizer optimizer) throws IOException {
    ShardAssignment assignment = ShardAssignment.balanced(LAYOUT, 1, SHARDS);
    ModelGraph graph = ModelGraph.parameters(LAYOUT, optimizer);
    CheckpointShardStorage storage = new CheckpointShardStorage();
    String run = folder.resolve("run" + number).toString();
    try (CheckpointFolder checkpoints = CheckpointFolder.open(run, FolderOptions.defaults())) {
      PendingCheckpoint pending = checkpoints.begin(STEPS, SHARDS + 1);
      List<ParameterShard> shards = trained(assignment, optimizer);
      for (int s = 0; s < SHARDS; s++) {
        try (FrozenShard frozen = shards.get(s).freeze()) {
          pending.report(storage.write(graph, frozen, false, pending.target(s), new TreeMap<>()));
        }
      }
      try (ShardWriter writer = pending.writer(SHARDS)) {
        writer.write(ModelGraph.at(LAYOUT, optimizer, STEPS));
        writer.write(new DataPosition(1, 0, STEPS, 1, 10, "f00d"));
        pending.report(writer.finish());
      }
      return pending.commit(null, "t", new TreeMap<>()).path();
    }
  }

  private static String line(Case of, String variable, String type, String shape, ByteBuffer bytes)
      throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes.array());
    return String.join("\t", of.name(), variable, type, shape, HexFormat.of().formatHex(digest));
  }

  private static String stored(Case of, CheckpointReader reader, String key, String variable)
      throws Exception {
    boolean weights = key.startsWith("model/weights");
    ByteBuffer bytes = ByteBuffer.allocate(weights ? 4 * 140_000 : 4);
    reader.read(key + "/.ATTRIBUTES/VARIABLE_VALUE", Slice.full(weights ? 2 : 0), bytes);
    return line(of, variable, "float32", weights ? "[70000, 2]" : "[]", bytes);
  }

  private static String counter(Case of, String variable) throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, STEPS);
    return line(of, variable, "int64", "[]", bytes);
  }

  private static String rate(Case of, String edge, Optimizer optimizer) throws Exception {
    float rate = (float) optimizer.rate(0);
    ByteBuffer bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, rate);
    return line(of, edge + "/learning_rate", "float32", "[]", bytes);
  }

  private static void expect(List<String> lines, Case of, String path, Optimizer optimizer)
      throws Exception {
    try (CheckpointReader reader = CheckpointReader.open(path, FolderOptions.defaults())) {
      for (String variable : List.of("weights", "bias")) {
        lines.add(stored(of, reader, "model/" + variable, variable));
        String edge = of.edge(variable);
        for (var slot : optimizer.of(variable).slots()) {
          String key = "model/" + variable + "/.OPTIMIZER_SLOT/" + edge + "/" + slot.name();
          lines.add(stored(of, reader, key, edge + "/" + variable + "_" + slot.name()));
        }
      }
      if (of.keras().equals("Adagrad")) {
        String key = "model/weights/.OPTIMIZER_SLOT/optimizer/accumulator";
        lines.add(stored(of, reader, key, "legacy/weights_accumulator"));
      }
    }
    for (String edge : of.edges()) {
      Optimizer own = edge.equals("optimizer") ? optimizer : optimizer.of("bias");
      if (own.spec().schedule().isEmpty()) {
        lines.add(rate(of, edge, own));
      }
      lines.add(counter(of, edge + "/iteration"));
    }
    lines.add(counter(of, "save_counter"));
  }

  @Test
  void kerasGoesOnFromWhatWasTrained() throws Exception {
    TensorFlowEnvironment tensorFlow = TensorFlowEnvironment.get();
    List<String> expected = new java.util.ArrayList<>();
    StringBuilder plan = new StringBuilder();
    for (int i = 0; i < CASES.size(); i++) {
      Case of = CASES.get(i);
      Optimizer optimizer = Optimizers.of(of.spec());
      String path = saved(i, optimizer);
      Path prefix = Path.of(URI.create(path)).resolve("variables");
      plan.append(
          String.join(
              "\t",
              of.name(),
              prefix.toString(),
              of.keras(),
              of.arguments(),
              "70000",
              "2",
              of.ofBias() + "\n"));
      expect(expected, of, path, optimizer);
    }
    Path file = Files.writeString(folder.resolve("plan"), plan);
    String printed = tensorFlow.run("restore_trained.py", file);
    assertEquals(
        String.join("\n", expected.stream().sorted().toList()),
        String.join("\n", printed.lines().sorted().toList()));
  }
}
