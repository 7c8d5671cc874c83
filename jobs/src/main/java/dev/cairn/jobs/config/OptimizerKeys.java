package dev.cairn.jobs.config;

import static dev.cairn.jobs.config.ConfKey.own;

import dev.cairn.spark.settings.UpdateSettings;
import dev.cairn.spark.settings.Values;
import java.util.OptionalDouble;

/**
 * The keys of the optimizer. Each optimizer has its own choice of them, with its own defaults; one
 * that it does not have is refused before Spark starts.
 */
public final class OptimizerKeys {
  private OptimizerKeys() {}

  /** The prefix of keys for one variable: {@code optimizer.for.factors.l2 = 0.5}. */
  public static final String FOR = "optimizer.for.";

  public static final ConfKey<String> OPTIMIZER = ConfKey.of("optimizer", UpdateSettings.OPTIMIZER);

  public static final ConfKey<OptionalDouble> LEARNING_RATE =
      ConfKey.maybe("optimizer.learning-rate", UpdateSettings.LEARNING_RATE);

  public static final ConfKey<String> SCHEDULE =
      ConfKey.of("optimizer.schedule", UpdateSettings.SCHEDULE);

  public static final ConfKey<Double> L1 =
      own(
          "optimizer.l1",
          Values.notBelowZero(),
          0.0,
          "L1 regularization: drives weights to exactly 0.");

  public static final ConfKey<Double> L2 =
      own("optimizer.l2", Values.notBelowZero(), 0.0, "L2 regularization: keeps weights small.");

  public static final ConfKey<OptionalDouble> WEIGHT_DECAY =
      ConfKey.maybe("optimizer.weight-decay", UpdateSettings.WEIGHT_DECAY);

  public static final ConfKey<OptionalDouble> CLIPVALUE =
      ConfKey.maybe("optimizer.clipvalue", UpdateSettings.CLIP_VALUE);

  public static final ConfKey<OptionalDouble> CLIPNORM =
      ConfKey.maybe("optimizer.clipnorm", UpdateSettings.CLIP_NORM);

  public static final ConfKey<OptionalDouble> GLOBAL_CLIPNORM =
      ConfKey.maybe("optimizer.global-clipnorm", UpdateSettings.GLOBAL_CLIP_NORM);

  public static final ConfKey<OptionalDouble> INITIAL_ACCUMULATOR =
      ConfKey.maybe("optimizer.initial-accumulator", UpdateSettings.INITIAL_ACCUMULATOR);

  public static final ConfKey<OptionalDouble> BETA =
      ConfKey.maybe("optimizer.beta", UpdateSettings.BETA);

  public static final ConfKey<OptionalDouble> MOMENTUM =
      ConfKey.maybe("optimizer.momentum", UpdateSettings.MOMENTUM);

  public static final ConfKey<Boolean> NESTEROV =
      ConfKey.of("optimizer.nesterov", UpdateSettings.NESTEROV);

  public static final ConfKey<OptionalDouble> RHO =
      ConfKey.maybe("optimizer.rho", UpdateSettings.RHO);

  public static final ConfKey<Boolean> CENTERED =
      ConfKey.of("optimizer.centered", UpdateSettings.CENTERED);

  public static final ConfKey<OptionalDouble> BETA_1 =
      ConfKey.maybe("optimizer.beta-1", UpdateSettings.BETA_1);

  public static final ConfKey<OptionalDouble> BETA_2 =
      ConfKey.maybe("optimizer.beta-2", UpdateSettings.BETA_2);

  public static final ConfKey<Boolean> AMSGRAD =
      ConfKey.of("optimizer.amsgrad", UpdateSettings.AMSGRAD);

  public static final ConfKey<OptionalDouble> EPSILON =
      ConfKey.maybe("optimizer.epsilon", UpdateSettings.OPTIMIZER_EPSILON);

  public static final ConfKey<Boolean> DENSE_UPDATES =
      ConfKey.of("optimizer.dense-updates", UpdateSettings.DENSE_UPDATES);
}
