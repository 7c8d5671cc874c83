package dev.cairn.spark.coordinator;

import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterShard;

/**
 * The model that is trained, and its optimizer.
 *
 * @param model the model's id, distinct among those of the application
 * @param layout its variables
 * @param optimizer the optimizer that changes them
 * @param partitions the number of logical partitions that contribute to each step
 */
public record ModelSpec(
    String model, ParameterLayout layout, OptimizerSpec optimizer, int partitions) {

  /** Checks that a checkpoint can hold all variables. */
  public ModelSpec {
    var unused = ModelGraph.parameters(layout, Optimizers.of(optimizer));
  }

  /** The object graph of a step's checkpoint, with the counters' values. */
  ObjectGraph graph(long step) {
    return ModelGraph.at(layout, Optimizers.of(optimizer), step);
  }

  /** The bytes of all variables and slots. */
  public long stateBytes() {
    return ParameterShard.stateBytes(layout, 0, layout.blocks(), Optimizers.of(optimizer));
  }
}
