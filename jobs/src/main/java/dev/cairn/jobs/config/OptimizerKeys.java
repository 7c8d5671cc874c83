package dev.cairn.jobs.config;

import static dev.cairn.jobs.config.ConfKey.optional;

import java.util.OptionalDouble;

/**
 * The keys of the optimizer. Which of them an optimizer has, and what it uses where one is not set,
 * it knows itself; one that it does not have is refused before Spark starts.
 */
public final class OptimizerKeys {
  private OptimizerKeys() {}

  public static final ConfKey<String> OPTIMIZER =
      optional(
          "optimizer",
          "name",
          "adagrad",
          "How gradients become updates: adagrad, adam, adamw, ftrl, rmsprop or sgd.",
          Parsers.nonEmpty("the name of an optimizer"));

  public static final ConfKey<OptionalDouble> LEARNING_RATE =
      optional(
          "optimizer.learning-rate",
          "number",
          "",
          "Step size, for sums over the rows of a step (FTRL's alpha); not set: 0.1 for adagrad and ftrl, 0.001 for adam, adamw and rmsprop, 0.0001 for sgd.",
          Parsers.optionalNumber(0, false));

  public static final ConfKey<String> SCHEDULE =
      optional(
          "optimizer.schedule",
          "text",
          "constant",
          "How the learning rate changes from step to step: constant, inverse-time decay_steps=10 decay_rate=0.5 staircase=true, cosine decay_steps=1000 alpha=0.1 warmup_steps=100, piecewise boundaries=10,30 values=0.1,0.05,0.01; not for ftrl.",
          Parsers.nonEmpty("a schedule such as cosine decay_steps=1000"));

  public static final ConfKey<Double> L1 =
      optional(
          "optimizer.l1",
          "number",
          "0",
          "L1 regularization: drives weights to exactly 0.",
          Parsers.number(0, true));

  public static final ConfKey<Double> L2 =
      optional(
          "optimizer.l2",
          "number",
          "0",
          "L2 regularization: keeps weights small.",
          Parsers.number(0, true));

  public static final ConfKey<OptionalDouble> WEIGHT_DECAY =
      optional(
          "optimizer.weight-decay",
          "number",
          "",
          "All but ftrl: the part of each weight that a step takes, times the learning rate; not set: 0.004 for adamw, else 0.",
          Parsers.optionalNumber(0, true));

  public static final ConfKey<OptionalDouble> CLIPVALUE =
      optional(
          "optimizer.clipvalue",
          "number",
          "",
          "No gradient, summed over the rows of a step, is farther from 0 than this.",
          Parsers.optionalNumber(0, false));

  public static final ConfKey<OptionalDouble> INITIAL_ACCUMULATOR =
      optional(
          "optimizer.initial-accumulator",
          "number",
          "",
          "adagrad and ftrl: what each weight's sum of squared gradients starts with; not set: 0.1.",
          Parsers.optionalNumber(0, true));

  public static final ConfKey<OptionalDouble> BETA =
      optional(
          "optimizer.beta",
          "number",
          "",
          "ftrl: added to the root of the sum of squares in the step size; not set: 1.",
          Parsers.optionalNumber(0, true));

  public static final ConfKey<OptionalDouble> MOMENTUM =
      optional(
          "optimizer.momentum",
          "number",
          "",
          "sgd and rmsprop: the part of a step that the next one goes on with, below 1; not set: 0.",
          Parsers.optionalFraction());

  public static final ConfKey<Boolean> NESTEROV =
      optional(
          "optimizer.nesterov",
          "true or false",
          "false",
          "sgd with momentum: whether it is Nesterov's.",
          Parsers.bool());

  public static final ConfKey<OptionalDouble> RHO =
      optional(
          "optimizer.rho",
          "number",
          "",
          "rmsprop: how much of the mean square a step keeps, below 1; not set: 0.9.",
          Parsers.optionalFraction());

  public static final ConfKey<Boolean> CENTERED =
      optional(
          "optimizer.centered",
          "true or false",
          "false",
          "rmsprop: divide gradients by their deviation, not by their mean square.",
          Parsers.bool());

  public static final ConfKey<OptionalDouble> BETA_1 =
      optional(
          "optimizer.beta-1",
          "number",
          "",
          "adam and adamw: how much of the mean gradient a step keeps, below 1; not set: 0.9.",
          Parsers.optionalFraction());

  public static final ConfKey<OptionalDouble> BETA_2 =
      optional(
          "optimizer.beta-2",
          "number",
          "",
          "adam and adamw: how much of the mean square a step keeps, below 1; not set: 0.999.",
          Parsers.optionalFraction());

  public static final ConfKey<Boolean> AMSGRAD =
      optional(
          "optimizer.amsgrad",
          "true or false",
          "false",
          "adam and adamw: divide gradients by the largest mean square so far.",
          Parsers.bool());

  public static final ConfKey<OptionalDouble> EPSILON =
      optional(
          "optimizer.epsilon",
          "number",
          "",
          "adagrad, adam, adamw and rmsprop: what keeps the divisor from 0; not set: 0 for adagrad, else 1e-7.",
          Parsers.optionalNumber(0, true));

  public static final ConfKey<Boolean> DENSE_UPDATES =
      optional(
          "optimizer.dense-updates",
          "true or false",
          "false",
          "Let every step change all weights, also those without a gradient, as most of Keras's optimizers do; each step then costs as much as there are weights.",
          Parsers.bool());
}
