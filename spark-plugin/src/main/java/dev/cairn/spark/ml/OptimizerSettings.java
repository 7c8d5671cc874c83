package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.Models;
import dev.cairn.spark.optimizer.Optimizer;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.settings.Setting;
import dev.cairn.spark.settings.UpdateSettings;
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
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * The parameters of the optimizer. Each optimizer has its own choice of them, with its own
 * defaults; one that is set and that it does not have is refused.
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
  final DoubleParam clipNorm;
  final DoubleParam globalClipNorm;
  final BooleanParam denseUpdates;
  final StringArrayParam forVariables;

  OptimizerSettings(Params owner) {
    optimizer = SettingParams.text(owner, UpdateSettings.OPTIMIZER);
    schedule = SettingParams.text(owner, UpdateSettings.SCHEDULE);
    learningRate = number(owner, "learning_rate", UpdateSettings.LEARNING_RATE);
    initialAccumulator =
        number(owner, "initial_accumulator_value", UpdateSettings.INITIAL_ACCUMULATOR);
    beta = number(owner, "beta", UpdateSettings.BETA);
    momentum = number(owner, "momentum", UpdateSettings.MOMENTUM);
    nesterov = flag(owner, "nesterov", UpdateSettings.NESTEROV);
    rho = number(owner, "rho", UpdateSettings.RHO);
    centered = flag(owner, "centered", UpdateSettings.CENTERED);
    beta1 = number(owner, "beta_1", UpdateSettings.BETA_1);
    beta2 = number(owner, "beta_2", UpdateSettings.BETA_2);
    epsilon = number(owner, "epsilon", UpdateSettings.OPTIMIZER_EPSILON);
    amsgrad = flag(owner, "amsgrad", UpdateSettings.AMSGRAD);
    weightDecay = number(owner, "weight_decay", UpdateSettings.WEIGHT_DECAY);
    clipValue = number(owner, "clipvalue", UpdateSettings.CLIP_VALUE);
    clipNorm = number(owner, "clipnorm", UpdateSettings.CLIP_NORM);
    globalClipNorm = number(owner, "global_clipnorm", UpdateSettings.GLOBAL_CLIP_NORM);
    denseUpdates = flag(owner, "dense_updates", UpdateSettings.DENSE_UPDATES);
    forVariables = SettingParams.texts(owner, UpdateSettings.OPTIMIZER_FOR);
  }

  private DoubleParam number(Params owner, String hyperparameter, Setting<Double> setting) {
    DoubleParam param = SettingParams.number(owner, setting);
    numbers.put(hyperparameter, param);
    return param;
  }

  private BooleanParam flag(Params owner, String hyperparameter, Setting<Boolean> setting) {
    BooleanParam param = SettingParams.flag(owner, setting);
    flags.put(hyperparameter, param);
    return param;
  }

  /** The optimizer's name. */
  String name(Params owner) {
    return owner.getOrDefault(optimizer);
  }

  /** The choices for variables, by their names. */
  private SortedMap<String, OptimizerChoice> choices(Params owner) {
    SortedMap<String, OptimizerChoice> choices = new TreeMap<>();
    for (String text : owner.getOrDefault(forVariables)) {
      OptimizerChoice choice = OptimizerChoice.parse(text);
      if (choices.put(choice.variable(), choice) != null) {
        throw new IllegalArgumentException(
            "Cannot set the optimizer of "
                + choice.variable()
                + ": expected one choice, found two");
      }
    }
    return choices;
  }

  /** The choices with one more, in place of an earlier one for that variable. */
  String[] with(Params owner, String variable, String choice) {
    List<String> all = new ArrayList<>(List.of(owner.getOrDefault(forVariables)));
    all.removeIf(text -> OptimizerChoice.parse(text).variable().equals(variable));
    all.add(variable + ": " + choice);
    return all.toArray(String[]::new);
  }

  /**
   * Checks that a model has the variables for which something is chosen.
   *
   * @throws IllegalArgumentException if not
   */
  void checkVariables(Params owner, Model model) {
    of(owner, Penalties.NONE).checkVariables(Models.variables(model));
  }

  /** Whether a variable, or all, have an optimizer of that name. */
  boolean uses(Params owner, String name) {
    return name(owner).equals(name)
        || choices(owner).values().stream()
            .anyMatch(choice -> choice.name().orElse("").equals(name));
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
    OptimizerSpec ofAll = new OptimizerSpec(name(owner), values, Optional.of(rates));
    SortedMap<String, OptimizerSpec> others = new TreeMap<>();
    choices(owner).forEach((variable, choice) -> others.put(variable, choice.beside(ofAll)));
    return Optimizers.training(ofAll.withForVariables(others));
  }

  /** Writes the settings that decide the trained bits, by the names that users set. */
  void describe(OptimizerSpec spec, Map<String, String> configuration) {
    describe(KEY, spec, configuration);
    spec.forVariables()
        .forEach((variable, other) -> describe(KEY + ".for." + variable, other, configuration));
  }

  private void describe(String key, OptimizerSpec spec, Map<String, String> configuration) {
    configuration.put(key, spec.name());
    spec.hyperparameters()
        .forEach(
            (name, value) ->
                configuration.put(
                    key + "." + name.replace('_', '-'),
                    flags.containsKey(name) ? "true" : value.toString()));
    spec.schedule().ifPresent(text -> configuration.put(key + ".schedule", text));
  }
}
