package dev.cairn.spark.coordinator;

import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterShard;

/**
 * What is trained.
 *
 * @param model id, distinct among the models of the application
 * @param layout its variables
 * @param optimizer how they are changed
 * @param partitions how many logical partitions contribute to each step
 */
public record ModelSpec(
    String model, ParameterLayout layout, OptimizerSpec optimizer, int partitions) {

  /** Checks that a checkpoint can hold all variables. */
  public ModelSpec {
    var unused = ModelGraph.parameters(layout, Optimizers.of(optimizer));
  }

  /** All that a checkpoint of a step has, with the counters' values. */
  ObjectGraph graph(long step) {
    return ModelGraph.at(layout, Optimizers.of(optimizer), step);
  }

  /** Bytes of all variables and slots. */
  public long stateBytes() {
    return ParameterShard.stateBytes(layout, 0, layout.blocks(), Optimizers.of(optimizer));
  }
}
