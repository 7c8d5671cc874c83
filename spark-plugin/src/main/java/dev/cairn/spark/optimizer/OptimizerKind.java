package dev.cairn.spark.optimizer;

import java.util.function.Function;

/**
 * What {@link Optimizers} keeps of a kind of optimizer.
 *
 * @param name as in a checkpoint's optimizer record, such as {@code adagrad}
 * @param learningRate what the rate is when none is given
 * @param weightDecay what weight decay is when none is given
 * @param oneRate whether the rule takes one rate for all steps, and no weight decay
 * @param rule makes the rule; it reads the hyperparameters that this kind has beside all others'
 */
record OptimizerKind(
    String name,
    double learningRate,
    double weightDecay,
    boolean oneRate,
    Function<Hyperparameters, UpdateRule> rule) {

  OptimizerKind(String name, double learningRate, Function<Hyperparameters, UpdateRule> rule) {
    this(name, learningRate, 0, false, rule);
  }
}
