package dev.cairn.spark.settings;

import dev.cairn.spark.optimizer.Optimizers;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The settings of the optimizer. Each optimizer has its own choice of them and its own defaults.
 */
public final class UpdateSettings {
  /** The optimizer. */
  public static final Setting<String> OPTIMIZER =
      Setting.of(
          "optimizer",
          Values.nonEmpty("the name of an optimizer"),
          "adagrad",
          "How gradients become updates: " + named(Optimizers.names(), " or ") + ".");

  /** The schedule of the learning rate. */
  public static final Setting<String> SCHEDULE =
      Setting.of(
          "learningRateSchedule",
          Values.nonEmpty("a schedule such as cosine decay_steps=1000"),
          "constant",
          "How the learning rate changes from step to step: constant, inverse-time decay_steps=10"
              + " decay_rate=0.5 staircase=true, cosine decay_steps=1000 alpha=0.1"
              + " warmup_steps=100, piecewise boundaries=10,30 values=0.1,0.05,0.01; not for"
              + " ftrl.");

  /** The step size. */
  public static final Setting<Double> LEARNING_RATE =
      number(
          "learningRate",
          "learning_rate",
          Values.aboveZero(),
          "Step size, for sums over the rows of a step (FTRL's alpha)");

  /** The start of sums of squares. */
  public static final Setting<Double> INITIAL_ACCUMULATOR =
      number(
          "initialAccumulator",
          "initial_accumulator_value",
          Values.notBelowZero(),
          "adagrad and ftrl: what each weight's sum of squared gradients starts with");

  /** FTRL's beta. */
  public static final Setting<Double> BETA =
      number(
          "beta",
          "beta",
          Values.notBelowZero(),
          "ftrl: added to the root of the sum of squares in the step size");

  /** The part of a step that the next one goes on with. */
  public static final Setting<Double> MOMENTUM =
      number(
          "momentum",
          "momentum",
          Values.belowOne(),
          "sgd and rmsprop: the part of a step that the next one goes on with");

  /** Nesterov's momentum. */
  public static final Setting<Boolean> NESTEROV =
      Setting.of("nesterov", Values.flag(), false, "sgd with momentum: whether it is Nesterov's.");

  /** RMSprop's mean. */
  public static final Setting<Double> RHO =
      number("rho", "rho", Values.belowOne(), "rmsprop: how much of the mean square a step keeps");

  /** RMSprop's deviation. */
  public static final Setting<Boolean> CENTERED =
      Setting.of(
          "centered",
          Values.flag(),
          false,
          "rmsprop: divide gradients by their deviation, not by their mean square.");

  /** Adam's mean. */
  public static final Setting<Double> BETA_1 =
      number(
          "beta1",
          "beta_1",
          Values.belowOne(),
          "adam and adamw: how much of the mean gradient a step keeps");

  /** Adam's mean square. */
  public static final Setting<Double> BETA_2 =
      number(
          "beta2",
          "beta_2",
          Values.belowOne(),
          "adam and adamw: how much of the mean square a step keeps");

  /** The term that keeps divisors from 0. */
  public static final Setting<Double> OPTIMIZER_EPSILON =
      number(
          "optimizerEpsilon",
          "epsilon",
          Values.notBelowZero(),
          "adagrad, adam, adamw and rmsprop: what keeps the divisor from 0");

  /** Adam's largest mean square. */
  public static final Setting<Boolean> AMSGRAD =
      Setting.of(
          "amsgrad",
          Values.flag(),
          false,
          "adam and adamw: divide gradients by the largest mean square so far.");

  /** The part of weights that a step subtracts. */
  public static final Setting<Double> WEIGHT_DECAY =
      number(
          "weightDecay",
          "weight_decay",
          Values.notBelowZero(),
          "All but ftrl: the part of each weight that a step takes, times the learning rate; 0 for"
              + " none");

  /** The limit of each gradient. */
  public static final Setting<Double> CLIP_VALUE =
      number(
          "clipValue",
          "clipvalue",
          Values.aboveZero(),
          "No gradient, summed over the rows of a step, is farther from 0 than this");

  /** The limit of the norm of a variable's gradient. */
  public static final Setting<Double> CLIP_NORM =
      number(
          "clipNorm",
          "clipnorm",
          Values.aboveZero(),
          "No variable's gradient, summed over the rows of a step, has a larger norm than this");

  /** The limit of the norm of all variables' gradients. */
  public static final Setting<Double> GLOBAL_CLIP_NORM =
      number(
          "globalClipNorm",
          "global_clipnorm",
          Values.aboveZero(),
          "The gradients of all variables together, summed over the rows of a step, have no larger"
              + " norm than this");

  /** The optimizers of single variables. */
  public static final Setting<List<String>> OPTIMIZER_FOR =
      Setting.of(
          "optimizerFor",
          Values.list("choices for variables"),
          List.of(),
          "Variables with another optimizer, or with other settings of it, such as factors: adam;"
              + " learning-rate=0.01.");

  /** Whether all weights change. */
  public static final Setting<Boolean> DENSE_UPDATES =
      Setting.of(
          "denseUpdates",
          Values.flag(),
          false,
          "Let every step change all weights, also those without a gradient, as most of Keras's"
              + " optimizers do; each step then costs as much as there are weights.");

  /** All of these settings, in the order in which a person reads them. */
  public static final List<Setting<?>> ALL =
      List.of(
          OPTIMIZER,
          LEARNING_RATE,
          SCHEDULE,
          WEIGHT_DECAY,
          CLIP_VALUE,
          CLIP_NORM,
          GLOBAL_CLIP_NORM,
          INITIAL_ACCUMULATOR,
          BETA,
          MOMENTUM,
          NESTEROV,
          RHO,
          CENTERED,
          BETA_1,
          BETA_2,
          AMSGRAD,
          OPTIMIZER_EPSILON,
          DENSE_UPDATES,
          OPTIMIZER_FOR);

  private UpdateSettings() {}

  /** Makes the setting of a hyperparameter, whose default the optimizers have. */
  private static Setting<Double> number(
      String name, String hyperparameter, Values<Double> values, String what) {
    SortedMap<Double, List<String>> found = new TreeMap<>();
    for (String optimizer : Optimizers.names()) {
      Double value =
          Optimizers.of(optimizer, new TreeMap<>()).hyperparameters().get(hyperparameter);
      if (value != null) {
        found.computeIfAbsent(value, unused -> new ArrayList<>()).add(optimizer);
      }
    }
    List<String> defaults = new ArrayList<>();
    found.forEach(
        (value, names) -> defaults.add(values.text(value) + " for " + named(names, " and ")));
    String sentence =
        defaults.isEmpty() ? what : what + "; not set: " + String.join(", ", defaults);
    return Setting.of(name, values, sentence + ".");
  }

  /** Lists names as in a sentence: {@code a, b and c}. */
  private static String named(List<String> names, String last) {
    int end = names.size() - 1;
    return end == 0
        ? names.get(0)
        : String.join(", ", names.subList(0, end)) + last + names.get(end);
  }
}
