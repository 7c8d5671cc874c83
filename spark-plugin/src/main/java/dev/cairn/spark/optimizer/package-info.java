/**
 * The rules by which gradients change parameters, as kernels on plain arrays.
 *
 * <p>{@link dev.cairn.spark.optimizer.RowOptimizer} is the rule, {@link
 * dev.cairn.spark.optimizer.Optimizers} makes one of a name and its hyperparameters, as checkpoints
 * record them; {@code Hyperparameters} checks these and fills in the defaults.
 *
 * <p>Invariants: a rule is immutable and knows nothing of shards, steps or Spark. It computes in
 * double with a fixed order of operations and rounds each stored number once, so that the bits do
 * not depend on the machine (I5). Each rule names the paper and the TensorFlow operation that it
 * follows.
 */
@NullMarked
package dev.cairn.spark.optimizer;

import org.jspecify.annotations.NullMarked;
