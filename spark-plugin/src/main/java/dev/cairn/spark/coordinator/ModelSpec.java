package dev.cairn.spark.coordinator;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.shard.Optimizers;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;

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

  /** Bytes of all variables and slots. */
  public long stateBytes() {
    long elements = 0;
    for (ParameterVariable variable : layout.variables()) {
      elements += variable.rows() * variable.width();
    }
    int slots = Optimizers.of(optimizer.name(), optimizer.hyperparameters()).slots().size();
    return elements * Float.BYTES * (1 + slots);
  }
}
