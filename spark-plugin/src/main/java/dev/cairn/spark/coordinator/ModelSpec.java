package dev.cairn.spark.coordinator;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.shard.ParameterLayout;

/**
 * What is trained.
 *
 * @param model id, distinct among the models of the application
 * @param layout its variables
 * @param optimizer how they are changed
 * @param partitions how many logical partitions contribute to each step
 */
public record ModelSpec(
    String model, ParameterLayout layout, OptimizerSpec optimizer, int partitions) {}
