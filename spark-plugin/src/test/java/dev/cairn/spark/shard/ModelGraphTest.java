package dev.cairn.spark.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.graph.ObjectGraph;
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

  /** A rate that a schedule gives is no variable, as Keras has it. */
  @Test
  void aScheduledRateIsNotStored() {
    Optimizer scheduled =
        Optimizers.of(
            new dev.cairn.checkpoint.model.OptimizerSpec(
                "sgd",
                new TreeMap<>(Map.of("learning_rate", 0.1)),
                Optional.of("cosine decay_steps=10")));
    assertTrue(
        ModelGraph.at(layout(WEIGHTS), scheduled, 1).keys().values().stream()
            .noneMatch(key -> key.contains("learning_rate")));
  }
}
