package dev.cairn.jobs.cli;

import dev.cairn.jobs.config.ConfKey;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.OptimizerKeys;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.spark.ml.CairnEstimator;
import dev.cairn.spark.ml.CairnModel;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoubleConsumer;

/**
 * Hands the keys of the optimizer to the estimator; those that are not set have the optimizer's own
 * defaults.
 */
final class OptimizerSetup {
  private OptimizerSetup() {}

  /**
   * Checks, before anything is read, that the optimizer exists and has the settings.
   *
   * @throws JobException if its name, a setting or the schedule is not valid
   */
  static void check(TrainConf conf) {
    try {
      EstimatorSetup.bare(conf).checkOptimizer();
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      throw new JobException(message + " " + where(conf, message), e);
    }
  }

  /** The place of the setting that a message is about, as far as the message names it. */
  private static String where(TrainConf conf, String message) {
    for (String name : conf.optimizersFor().keySet()) {
      String variable = variable(name);
      if (message.contains("optimizer of " + variable) || message.contains("(for " + variable)) {
        String key = OptimizerKeys.FOR + name;
        return "(" + key + ", " + conf.place(key) + ")";
      }
    }
    return conf.where(
        message.contains("schedule") ? OptimizerKeys.SCHEDULE : OptimizerKeys.OPTIMIZER);
  }

  private static String variable(String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }

  /** The choice for each variable, with an optimizer in front of its settings. */
  private static SortedMap<String, String> choices(TrainConf conf) {
    SortedMap<String, String> choices = new TreeMap<>();
    conf.optimizersFor()
        .forEach(
            (name, value) -> {
              String variable = variable(name);
              boolean setting = name.length() > variable.length();
              String part = setting ? name.substring(variable.length() + 1) + "=" + value : value;
              // In their order a name comes before what begins with it.
              choices.merge(variable, part, (before, more) -> before + "; " + more);
            });
    return choices;
  }

  /** Sets the estimator's parameters of all keys that are set. */
  static <E extends CairnEstimator<E, M>, M extends CairnModel<M>> E set(
      TrainConf conf, CairnEstimator<E, M> estimator) {
    E set =
        estimator
            .setOptimizer(conf.get(OptimizerKeys.OPTIMIZER))
            .setLearningRateSchedule(conf.get(OptimizerKeys.SCHEDULE))
            .setOptimizerPenalties(conf.get(OptimizerKeys.L1), conf.get(OptimizerKeys.L2))
            .setNesterov(conf.get(OptimizerKeys.NESTEROV))
            .setCentered(conf.get(OptimizerKeys.CENTERED))
            .setAmsgrad(conf.get(OptimizerKeys.AMSGRAD))
            .setDenseUpdates(conf.get(OptimizerKeys.DENSE_UPDATES));
    choices(conf).forEach(set::setOptimizerFor);
    set(conf, OptimizerKeys.INITIAL_ACCUMULATOR, set::setInitialAccumulator);
    set(conf, OptimizerKeys.LEARNING_RATE, set::setLearningRate);
    set(conf, OptimizerKeys.WEIGHT_DECAY, set::setWeightDecay);
    set(conf, OptimizerKeys.CLIPVALUE, set::setClipValue);
    set(conf, OptimizerKeys.CLIPNORM, set::setClipNorm);
    set(conf, OptimizerKeys.GLOBAL_CLIPNORM, set::setGlobalClipNorm);
    set(conf, OptimizerKeys.BETA, set::setBeta);
    set(conf, OptimizerKeys.MOMENTUM, set::setMomentum);
    set(conf, OptimizerKeys.RHO, set::setRho);
    set(conf, OptimizerKeys.BETA_1, set::setBeta1);
    set(conf, OptimizerKeys.BETA_2, set::setBeta2);
    set(conf, OptimizerKeys.EPSILON, set::setOptimizerEpsilon);
    return set;
  }

  private static void set(TrainConf conf, ConfKey<OptionalDouble> key, DoubleConsumer setter) {
    conf.get(key).ifPresent(setter);
  }
}
