/**
 * The rules by which gradients change parameters, as kernels on plain arrays.
 *
 * <p>{@link dev.cairn.spark.optimizer.Optimizer} is what the other rooms use: a rule with its rate
 * and all that holds for every rule. {@link dev.cairn.spark.optimizer.Optimizers} makes one from a
 * checkpoint's record: a name, hyperparameters ({@code Hyperparameters} checks these and fills in
 * the defaults) and a {@link dev.cairn.spark.optimizer.RateSchedule}. Each step it gives an {@link
 * dev.cairn.spark.optimizer.Update}, which changes numbers of a block. An optimizer may have others
 * for some variables: {@code of} returns that of a variable.
 *
 * <p>To add an optimizer, write one file as {@code Sgd} is: an {@code UpdateRule} with the formula,
 * and an {@code OptimizerKind} with its name; then list that in {@code Optimizers}. It has the
 * hyperparameters that it reads; names, order and meaning of hyperparameters and slots are those of
 * Keras's optimizer of that name.
 *
 * <p>Invariants: an optimizer is immutable and independent of shards and Spark. It computes in
 * double with a fixed order of operations and rounds each stored number once, so that the bits do
 * not depend on the machine (I5). Each rule names the paper that it follows.
 */
@NullMarked
package dev.cairn.spark.optimizer;

import org.jspecify.annotations.NullMarked;
