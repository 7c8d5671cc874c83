package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.optimizer.Optimizer;
import dev.cairn.spark.optimizer.Optimizers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;

/**
 * The parameters of the optimizer. Which of them an optimizer has, and what the default is of one
 * that is not set, the optimizers know; one that is set and that it does not have is refused.
 */
final class OptimizerSettings {
  private static final String KEY = "optimizer";

  /** Hyperparameters that are on or off; numbers in a checkpoint's record. */
  private final Map<String, BooleanParam> flags = new LinkedHashMap<>();

  private final Map<String, DoubleParam> numbers = new LinkedHashMap<>();

  final Param<String> optimizer;
  final Param<String> schedule;
  final DoubleParam learningRate;
  final DoubleParam initialAccumulator;
  final DoubleParam beta;
  final DoubleParam momentum;
  final BooleanParam nesterov;
  final DoubleParam rho;
  final BooleanParam centered;
  final DoubleParam beta1;
  final DoubleParam beta2;
  final DoubleParam epsilon;
  final BooleanParam amsgrad;
  final DoubleParam weightDecay;
  final DoubleParam clipValue;
  final BooleanParam denseUpdates;

  OptimizerSettings(Params owner) {
    optimizer = new Param<>(owner, KEY, String.join(", ", Optimizers.names()));
    schedule =
        new Param<>(
            owner,
            "learningRateSchedule",
            "how the learning rate changes from step to step, such as cosine decay_steps=1000");
    learningRate = positive(owner, "learning_rate", "learningRate", "step size, above 0");
    initialAccumulator =
        atLeastZero(
            owner,
            "initial_accumulator_value",
            "initialAccumulator",
            "adagrad, ftrl: where the sums of squared gradients start");
    beta = atLeastZero(owner, "beta", "beta", "ftrl: damps the first steps");
    momentum =
        fraction(
            owner,
            "momentum",
            "momentum",
            "sgd, rmsprop: the part of a step that the next one goes on with");
    nesterov = flag(owner, "nesterov", "nesterov", "sgd: momentum in Nesterov's form");
    rho = fraction(owner, "rho", "rho", "rmsprop: how much of the mean square a step keeps");
    centered =
        flag(owner, "centered", "centered", "rmsprop: divide by the deviation, not by the square");
    beta1 = fraction(owner, "beta_1", "beta1", "adam, adamw: how much of the mean a step keeps");
    beta2 =
        fraction(owner, "beta_2", "beta2", "adam, adamw: how much of the mean square a step keeps");
    epsilon =
        atLeastZero(
            owner,
            "epsilon",
            "optimizerEpsilon",
            "adagrad, adam, adamw, rmsprop: what keeps the divisor from 0");
    amsgrad =
        flag(owner, "amsgrad", "amsgrad", "adam, adamw: divide by the largest mean square so far");
    weightDecay =
        atLeastZero(
            owner,
            "weight_decay",
            "weightDecay",
            "all but ftrl: the part of each weight that a step takes, times the learning rate");
    clipValue =
        positive(owner, "clipvalue", "clipValue", "no gradient is farther from 0 than this");
    denseUpdates =
        flag(
            owner,
            "dense_updates",
            "denseUpdates",
            "whether a step changes every weight, also those without a gradient");
    owner.setDefault(optimizer, "adagrad");
    owner.setDefault(schedule, "constant");
    flags.values().forEach(flag -> owner.setDefault(flag, false));
  }

  private DoubleParam positive(Params owner, String hyperparameter, String name, String doc) {
    return number(owner, hyperparameter, name, ParamValidators.gt(0.0), doc);
  }

  private DoubleParam atLeastZero(Params owner, String hyperparameter, String name, String doc) {
    return number(owner, hyperparameter, name, ParamValidators.gtEq(0.0), doc);
  }

  /** Less than 1. */
  private DoubleParam fraction(Params owner, String hyperparameter, String name, String doc) {
    return number(owner, hyperparameter, name, ParamValidators.inRange(0, 1, true, false), doc);
  }

  private DoubleParam number(
      Params owner,
      String hyperparameter,
      String name,
      scala.Function1<Object, Object> valid,
      String doc) {
    DoubleParam param = new DoubleParam(owner, name, doc + defaults(hyperparameter), valid);
    numbers.put(hyperparameter, param);
    return param;
  }

  private BooleanParam flag(Params owner, String hyperparameter, String name, String doc) {
    BooleanParam param = new BooleanParam(owner, name, doc);
    flags.put(hyperparameter, param);
    return param;
  }

  /** What the optimizers use when it is not set, for explainParams. */
  private static String defaults(String hyperparameter) {
    SortedMap<Double, List<String>> found = new TreeMap<>();
    for (String name : Optimizers.names()) {
      Double value = Optimizers.of(name, new TreeMap<>()).hyperparameters().get(hyperparameter);
      if (value != null) {
        found.computeIfAbsent(value, unused -> new ArrayList<>()).add(name);
      }
    }
    StringBuilder text = new StringBuilder();
    found.forEach(
        (value, names) ->
            text.append(text.isEmpty() ? "; if not set " : ", ")
                .append(value)
                .append(" for ")
                .append(String.join(" and ", names)));
    return text.toString();
  }

  /** The optimizer's name. */
  String name(Params owner) {
    return owner.getOrDefault(optimizer);
  }

  /** The value of a number, set or not; 0 where the optimizer has none. */
  double value(Params owner, DoubleParam param) {
    if (owner.isSet(param)) {
      return (Double) owner.getOrDefault(param);
    }
    String hyperparameter =
        numbers.entrySet().stream()
            .filter(entry -> entry.getValue().equals(param))
            .findFirst()
            .orElseThrow()
            .getKey();
    OptimizerSpec plain =
        new OptimizerSpec(name(owner), new TreeMap<>(), Optional.of(owner.getOrDefault(schedule)));
    return Optimizers.training(plain).hyperparameters().getOrDefault(hyperparameter, 0.0);
  }

  /**
   * The optimizer that is asked for.
   *
   * @throws IllegalArgumentException if there is none of that name, or a setting is not one of its
   *     own or out of range
   */
  Optimizer of(Params owner, Penalties penalties) {
    SortedMap<String, Double> values = new TreeMap<>();
    numbers.forEach(
        (name, param) -> {
          if (owner.isSet(param)) {
            values.put(name, (Double) owner.getOrDefault(param));
          }
        });
    flags.forEach(
        (name, param) -> {
          if ((Boolean) owner.getOrDefault(param)) {
            values.put(name, 1.0);
          }
        });
    values.put("l1", penalties.l1());
    values.put("l2", penalties.l2());
    String rates = owner.getOrDefault(schedule);
    return Optimizers.training(new OptimizerSpec(name(owner), values, Optional.of(rates)));
  }

  /** Writes what decides the trained bits by the names that users know. */
  void describe(OptimizerSpec spec, Map<String, String> configuration) {
    configuration.put(KEY, spec.name());
    spec.hyperparameters()
        .forEach(
            (name, value) ->
                configuration.put(
                    KEY + "." + name.replace('_', '-'),
                    flags.containsKey(name) ? "true" : value.toString()));
    spec.schedule().ifPresent(text -> configuration.put(KEY + ".schedule", text));
  }
}
