package dev.cairn.spark.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.spark.optimizer.Optimizer;
import dev.cairn.spark.optimizer.Optimizers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The keys of what is trained: other programs know them. */
class ModelGraphTest {
  private static final String VALUE = "/.ATTRIBUTES/VARIABLE_VALUE";
  private static final ParameterVariable WEIGHTS = ParameterVariable.table("weights", 5, 2);
  private static final ParameterVariable BIAS = ParameterVariable.scalar("bias");

  private static Optimizer optimizer(String name) {
    return Optimizers.of(name, new TreeMap<>());
  }

  private static ParameterLayout layout(ParameterVariable... variables) {
    return new ParameterLayout(List.of(variables));
  }

  @Test
  void keysArePinned() {
    ModelGraph graph = ModelGraph.parameters(layout(WEIGHTS, BIAS), optimizer("adagrad"));
    Optional<String> slot = Optional.of("accumulator");
    assertEquals("weights" + VALUE + " FLOAT[5,2]", graph.spec(WEIGHTS, Optional.empty()) + "");
    assertEquals("bias" + VALUE + " FLOAT[]", graph.spec(BIAS, Optional.empty()) + "");
    assertEquals(
        "weights/.OPTIMIZER_SLOT/optimizer/accumulator" + VALUE, graph.spec(WEIGHTS, slot).key());
    ObjectGraph all = ModelGraph.at(layout(WEIGHTS, BIAS), optimizer("adagrad"), 7);
    assertEquals(
        "[bias"
            + VALUE
            + ", bias/.OPTIMIZER_SLOT/optimizer/accumulator"
            + VALUE
            + ", global_step"
            + VALUE
            + ", optimizer/iterations"
            + VALUE
            + ", optimizer/learning_rate"
            + VALUE
            + ", save_counter"
            + VALUE
            + ", weights"
            + VALUE
            + ", weights/.OPTIMIZER_SLOT/optimizer/accumulator"
            + VALUE
            + "]",
        new TreeSet<>(all.keys().values()).toString());
  }

  /** Executors and driver name the same things alike, whatever else the driver's graph has. */
  @Test
  void driverAndExecutorsAgree() {
    for (String name : Optimizers.names()) {
      ParameterLayout layout = layout(WEIGHTS, BIAS, ParameterVariable.vector("a.b/c", 3));
      ModelGraph here = ModelGraph.parameters(layout, optimizer(name));
      TreeSet<String> keys = new TreeSet<>(here.graph().keys().values());
      TreeSet<String> all =
          new TreeSet<>(ModelGraph.at(layout, optimizer(name), 1).keys().values());
      assertTrue(all.containsAll(keys), name);
      keys.forEach(all::remove);
      assertEquals(4, all.size(), name + " " + all);
    }
  }

  @Test
  void namesWithSlashesArePaths() {
    ParameterVariable outer = ParameterVariable.vector("dense", 2);
    ParameterVariable inner = ParameterVariable.table("dense/kernel.0", 3, 1);
    ModelGraph graph = ModelGraph.parameters(layout(inner, outer), optimizer("sgd"));
    assertEquals("dense/kernel..0" + VALUE, graph.spec(inner, Optional.empty()).key());
    assertEquals("dense" + VALUE, graph.spec(outer, Optional.empty()).key());
    assertEquals(Shape.of(2), graph.spec(outer, Optional.empty()).shape());
  }

  @Test
  void namesThatACheckpointHasForSomethingElseAreRefused() {
    for (String name : List.of("optimizer", "global_step", "save_counter/x", "x.ATTRIBUTES")) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  ModelGraph.parameters(
                      layout(ParameterVariable.vector(name, 1)), optimizer("sgd")));
      assertTrue(e.getMessage().contains("name"), e.getMessage());
    }
    ModelGraph graph = ModelGraph.parameters(layout(WEIGHTS), optimizer("sgd"));
    assertThrows(IllegalArgumentException.class, () -> graph.spec(BIAS, Optional.empty()));
  }

  /** Variables with the same choice share an optimizer, which is called after the first of them. */
  @Test
  void optimizersOfVariablesStandBesideThatOfAll() {
    ParameterVariable factors = ParameterVariable.table("a/factors", 4, 2);
    ParameterVariable other = ParameterVariable.vector("other", 3);
    ParameterLayout layout = layout(WEIGHTS, factors, BIAS, other);
    OptimizerSpec ftrl = new OptimizerSpec("ftrl", new TreeMap<>());
    OptimizerSpec sgd = new OptimizerSpec("sgd", new TreeMap<>());
    Optimizer optimizer =
        Optimizers.of(
            new OptimizerSpec("adagrad", new TreeMap<>())
                .withForVariables(
                    new TreeMap<>(Map.of("a/factors", ftrl, "other", ftrl, "bias", sgd))));
    ModelGraph here = ModelGraph.parameters(layout, optimizer);
    TreeSet<String> keys = new TreeSet<>(here.graph().keys().values());
    assertEquals(
        "[a/factors, a/factors/.OPTIMIZER_SLOT/optimizer_a_factors/accumulator,"
            + " a/factors/.OPTIMIZER_SLOT/optimizer_a_factors/linear, bias,"
            + " other, other/.OPTIMIZER_SLOT/optimizer_a_factors/accumulator,"
            + " other/.OPTIMIZER_SLOT/optimizer_a_factors/linear,"
            + " weights, weights/.OPTIMIZER_SLOT/optimizer/accumulator]",
        keys.toString().replace(VALUE, ""));
    TreeSet<String> all = new TreeSet<>(ModelGraph.at(layout, optimizer, 1).keys().values());
    assertTrue(all.containsAll(keys));
    all.removeAll(keys);
    assertEquals(
        "[global_step, optimizer/iterations, optimizer/learning_rate,"
            + " optimizer_a_factors/iterations, optimizer_a_factors/learning_rate,"
            + " optimizer_bias/iterations, optimizer_bias/learning_rate, save_counter]",
        all.toString().replace(VALUE, ""));
    ParameterVariable taken = ParameterVariable.vector("optimizer_bias/x", 1);
    assertThrows(
        IllegalArgumentException.class,
        () -> ModelGraph.parameters(layout(WEIGHTS, factors, BIAS, other, taken), optimizer));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ModelGraph.parameters(layout(WEIGHTS, BIAS), optimizer));
    assertEquals(
        "Cannot set the optimizer of a/factors and other: expected a variable of the model, one of"
            + " weights, bias, found another name",
        e.getMessage());
  }

  /** A rate that a schedule gives is no variable, as Keras has it. */
  @Test
  void aScheduledRateIsNotStored() {
    Optimizer scheduled =
        Optimizers.of(
            new OptimizerSpec(
                "sgd",
                new TreeMap<>(Map.of("learning_rate", 0.1)),
                Optional.of("cosine decay_steps=10")));
    assertTrue(
        ModelGraph.at(layout(WEIGHTS), scheduled, 1).keys().values().stream()
            .noneMatch(key -> key.contains("learning_rate")));
  }
}
