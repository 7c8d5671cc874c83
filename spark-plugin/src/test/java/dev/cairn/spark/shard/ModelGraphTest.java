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
    assertEquals(
        "model/weights" + VALUE + " FLOAT[5,2]", graph.spec(WEIGHTS, Optional.empty()) + "");
    assertEquals("model/bias" + VALUE + " FLOAT[]", graph.spec(BIAS, Optional.empty()) + "");
    assertEquals(
        "model/weights/.OPTIMIZER_SLOT/optimizer/accumulator" + VALUE,
        graph.spec(WEIGHTS, slot).key());
    ObjectGraph all = ModelGraph.at(layout(WEIGHTS, BIAS), optimizer("adagrad"), 7);
    assertEquals(
        "[model/bias, model/bias/.OPTIMIZER_SLOT/optimizer/accumulator, model/weights,"
            + " model/weights/.OPTIMIZER_SLOT/optimizer/accumulator, optimizer/iterations,"
            + " optimizer/learning_rate, save_counter]",
        new TreeSet<>(all.keys().values()).toString().replace(VALUE, ""));
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
      assertEquals(3, all.size(), name + " " + all);
    }
  }

  @Test
  void namesWithSlashesArePaths() {
    ParameterVariable outer = ParameterVariable.vector("dense", 2);
    ParameterVariable inner = ParameterVariable.table("dense/kernel.0", 3, 1);
    ModelGraph graph = ModelGraph.parameters(layout(inner, outer), optimizer("sgd"));
    assertEquals("model/dense/kernel..0" + VALUE, graph.spec(inner, Optional.empty()).key());
    assertEquals("model/dense" + VALUE, graph.spec(outer, Optional.empty()).key());
    assertEquals(Shape.of(2), graph.spec(outer, Optional.empty()).shape());
  }

  @Test
  void namesThatTensorFlowCannotRestoreAreRefused() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                ModelGraph.parameters(
                    layout(ParameterVariable.vector("x.ATTRIBUTES", 1)), optimizer("sgd")));
    assertTrue(e.getMessage().contains("name"), e.getMessage());
    ModelGraph.parameters(layout(ParameterVariable.vector("optimizer", 1)), optimizer("sgd"));
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
        keys.toString().replace(VALUE, "").replace("model/", ""));
    TreeSet<String> all = new TreeSet<>(ModelGraph.at(layout, optimizer, 1).keys().values());
    assertTrue(all.containsAll(keys));
    all.removeAll(keys);
    assertEquals(
        "[optimizer/iterations, optimizer/learning_rate,"
            + " optimizer_a_factors/iterations, optimizer_a_factors/learning_rate,"
            + " optimizer_bias/iterations, optimizer_bias/learning_rate, save_counter]",
        all.toString().replace(VALUE, ""));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ModelGraph.parameters(layout(WEIGHTS, BIAS), optimizer));
    assertEquals(
        "Cannot set the optimizer of a/factors and other: expected a variable of the model, one of"
            + " weights, bias, found another name",
        e.getMessage());
  }

  /** Keras's layers have no attribute weights of their own, so a second edge leads there. */
  @Test
  void namesThatKerasTakesHaveASecondEdge() {
    ObjectGraph all = ModelGraph.at(layout(WEIGHTS, BIAS), optimizer("sgd"), 1);
    assertEquals("[bias, weights, weights_]", all.edges(List.of("model")).toString());
    assertEquals(all.key(List.of("model", "weights")), all.key(List.of("model", "weights_")));
    ParameterVariable own = ParameterVariable.vector("weights_", 3);
    ObjectGraph taken = ModelGraph.at(layout(WEIGHTS, own), optimizer("sgd"), 1);
    assertEquals("model/weights_" + VALUE, taken.key(List.of("model", "weights_")).orElseThrow());
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
