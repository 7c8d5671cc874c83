package dev.cairn.spark.optimizer;

import java.util.function.Function;

/**
 * A kind of optimizer, for {@link Optimizers}.
 *
 * @param name the name in a checkpoint's optimizer record, such as {@code adagrad}
 * @param learningRate the default rate
 * @param weightDecay the default weight decay
 * @param oneRate whether the rule takes one rate for all steps, and no weight decay
 * @param rule makes the rule; it reads the hyperparameters that only this kind has
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
