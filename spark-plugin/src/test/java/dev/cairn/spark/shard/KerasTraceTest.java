package dev.cairn.spark.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.optimizer.Optimizer;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.optimizer.SlotSpec;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * A shard with each optimizer, schedule and clip against Keras itself: 50 steps with the same
 * gradients, as {@code src/test/resources/keras/optimizers.py} has recorded them of Keras 3.15.1
 * with TensorFlow 2.21.0. Names, order and number of slots are Keras's as well.
 *
 * <p>Keras computes in float throughout, we round once a step. The largest differences found are
 * written at each test, of a number to Keras's, in parts of the latter or, below 1, absolutely.
 */
class KerasTraceTest {
  private static final int STEPS = 50;
  private static final JsonNode RECORDED = recorded();

  private static JsonNode recorded() {
    try (InputStream in = KerasTraceTest.class.getResourceAsStream("/keras/optimizers.json")) {
      return new ObjectMapper().readTree(Objects.requireNonNull(in, "optimizers.json"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static float start(int i) {
    return (i * 37 % 19 - 9) / 16f;
  }

  private static float gradient(int step, int i) {
    return ((step * 7919 + i * 104_729 + step * i * 31) % 1009 - 504) / 512f;
  }

  private static int[] touched(int step, int rows) {
    return IntStream.range(0, rows).filter(row -> (step * 5 + row * row * 3) % 7 < 3).toArray();
  }

  /**
   * Every number has a gradient in every step. Found: 9.4e-6, of adamw with rates up to 0.1: Keras
   * rounds {@code 1 - beta_2^t} to float, which in the first steps is off by a part of 1e-5.
   */
  @Test
  void denseGradients() throws IOException {
    double largest = largest("dense", 0, ParameterVariable.table("w", 6, 1));
    assertTrue(largest < 1e-5, "found " + largest);
  }

  /** Steps touch some rows alone, and change them all, as Keras does. Found: 1.6e-6, of ftrl. */
  @Test
  void sparseGradientsWithDenseUpdates() throws IOException {
    double largest = largest("sparse", 1, ParameterVariable.table("w", 4, 2));
    assertTrue(largest < 2e-6, "found " + largest);
  }

  /** Steps touch some rows alone, and leave the others as they are. Found: 8.1e-7, of ftrl. */
  @Test
  void sparseGradientsWithLazyUpdates() throws IOException {
    double largest = largest("lazy", 0, ParameterVariable.table("w", 4, 2));
    assertTrue(largest < 1e-6, "found " + largest);
  }

  /** Clipped by the norm of each variable, and of all. Found: 5.2e-6. */
  @Test
  void clippedByNorm() throws IOException {
    double largest =
        largest(
            "several",
            0,
            ParameterVariable.table("w", 4, 2),
            ParameterVariable.vector("v", 6),
            ParameterVariable.scalar("s"));
    assertTrue(largest < 6e-6, "found " + largest);
  }

  /** The largest difference from what was recorded of all optimizers. */
  private static double largest(String kind, double dense, ParameterVariable... variables)
      throws IOException {
    double largest = 0;
    for (Map.Entry<String, JsonNode> one : RECORDED.get(kind).properties()) {
      largest = Math.max(largest, compare(kind, one.getKey(), one.getValue(), dense, variables));
    }
    return largest;
  }

  private static double compare(
      String kind, String what, JsonNode trace, double dense, ParameterVariable... variables)
      throws IOException {
    Optimizer optimizer = optimizer(what.split(" ", -1)[0], trace.get("arguments"), dense);
    List<String> slots = optimizer.slots().stream().map(SlotSpec::name).toList();
    assertEquals(names(trace.get("slots")), slots, what);
    ParameterLayout layout = new ParameterLayout(List.of(variables));
    ParameterShard shard = started(layout, optimizer);
    boolean sparse = kind.equals("sparse") || kind.equals("lazy");
    StepAggregator aggregator = new StepAggregator(shard, 1);
    double largest = 0;
    int compared = 0;
    for (int step = 0; step < STEPS; step++) {
      int rows = layout.totalRows();
      int[] ids = sparse ? touched(step, rows) : IntStream.range(0, rows).toArray();
      aggregator.offer(0, ids, 0, ids.length, gradients(layout, step, ids), 0);
      if (optimizer.limitsNorm()) {
        aggregator.apply(step, layout.sumsOfVariables(aggregator.squares()));
      } else {
        aggregator.apply(step);
      }
      JsonNode wanted = trace.get("steps").get(Integer.toString(step + 1));
      if (wanted != null) {
        largest = Math.max(largest, difference(what + " " + step, wanted, shard));
        compared++;
      }
    }
    assertEquals(18, compared, what);
    return largest;
  }

  /** A shard with the numbers that Keras started with. */
  private static ParameterShard started(ParameterLayout layout, Optimizer optimizer) {
    ParameterShard shard = new ParameterShard(layout, 0, layout.blocks(), optimizer);
    int at = 0;
    for (int block = 0; block < layout.blocks(); block++) {
      float[] values = new float[layout.block(block).elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = start(at++);
      }
      shard.loadBlock(block, Optional.empty(), values);
    }
    return shard;
  }

  /** The gradients of rows; numbers count on from one variable to the next. */
  private static float[] gradients(ParameterLayout layout, int step, int[] ids) {
    float[] gradients = new float[(int) layout.elements(ids, 0, ids.length)];
    int at = 0;
    for (int row : ids) {
      ParameterLayout.Block block = layout.block(layout.blockOfRow(row));
      int first = (int) layout.elements(0, block.index());
      int width = block.variable().width();
      for (int e = 0; e < width; e++) {
        gradients[at++] = gradient(step, first + (row - block.firstGlobalRow()) * width + e);
      }
    }
    return gradients;
  }

  private static double difference(String what, JsonNode wanted, ParameterShard shard)
      throws IOException {
    double[] largest = {0};
    int[] part = {0};
    try (FrozenShard frozen = shard.freeze()) {
      frozen.forEach(
          block -> {
            JsonNode numbers = wanted.get(part[0]++);
            assertEquals(numbers.size(), block.values().length, what);
            for (int i = 0; i < numbers.size(); i++) {
              double keras = numbers.get(i).doubleValue();
              double away = Math.abs(block.values()[i] - keras) / Math.max(1, Math.abs(keras));
              assertTrue(
                  away < 1e-5,
                  () -> what + " " + block.slot() + ": " + Arrays.toString(block.values()));
              largest[0] = Math.max(largest[0], away);
            }
          });
    }
    assertEquals(wanted.size(), part[0], what);
    return largest[0];
  }

  private static List<String> names(JsonNode array) {
    return IntStream.range(0, array.size()).mapToObj(i -> array.get(i).textValue()).toList();
  }

  /** The optimizer of Keras's arguments; its defaults are ours but for the ones written here. */
  private static Optimizer optimizer(String name, JsonNode arguments, double dense) {
    TreeMap<String, Double> values = new TreeMap<>(Map.of("dense_updates", dense));
    if (name.equals("adagrad")) {
      values.put("epsilon", 1e-7);
    }
    if (name.equals("ftrl")) {
      values.put("beta", 0.0);
    }
    Optional<String> schedule = Optional.empty();
    for (Map.Entry<String, JsonNode> argument : arguments.properties()) {
      JsonNode value = argument.getValue();
      switch (argument.getKey()) {
        case "l1_regularization_strength" -> values.put("l1", value.doubleValue());
        case "l2_regularization_strength" -> values.put("l2", 2 * value.doubleValue());
        case "learning_rate" -> {
          if (value.isObject()) {
            schedule = Optional.of(schedule(value, values));
          } else {
            values.put("learning_rate", value.doubleValue());
          }
        }
        default ->
            values.put(
                argument.getKey(),
                value.isBoolean() ? (value.booleanValue() ? 1.0 : 0.0) : value.doubleValue());
      }
    }
    return Optimizers.of(new OptimizerSpec(name, values, schedule));
  }

  private static String schedule(JsonNode keras, TreeMap<String, Double> values) {
    if (keras.has("initial_learning_rate") && keras.get("initial_learning_rate").asDouble() > 0) {
      values.put("learning_rate", keras.get("initial_learning_rate").doubleValue());
    }
    return switch (keras.get("schedule").textValue()) {
      case "InverseTimeDecay" ->
          String.format(
              Locale.ROOT,
              "inverse-time decay_steps=%s decay_rate=%s staircase=%s",
              keras.get("decay_steps"),
              keras.get("decay_rate"),
              keras.get("staircase"));
      case "CosineDecay" -> {
        String text =
            "cosine decay_steps=" + keras.get("decay_steps") + " alpha=" + keras.get("alpha");
        if (keras.get("warmup_target").isNull()) {
          yield text;
        }
        text += " warmup_steps=" + keras.get("warmup_steps");
        if (values.containsKey("learning_rate")) {
          yield text + " warmup_target=" + keras.get("warmup_target");
        }
        // Keras's warm-up from 0 is ours without a target.
        values.put("learning_rate", keras.get("warmup_target").doubleValue());
        yield text;
      }
      case "PiecewiseConstantDecay" ->
          "piecewise boundaries="
              + joined(keras.get("boundaries"))
              + " values="
              + joined(keras.get("values"));
      default -> throw new AssertionError(keras);
    };
  }

  private static String joined(JsonNode array) {
    return String.join(
        ",", IntStream.range(0, array.size()).mapToObj(i -> array.get(i).asText()).toList());
  }
}
