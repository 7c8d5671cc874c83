package dev.cairn.spark.settings;

import java.util.List;

/** The settings of the model that is trained, and of its predictions. */
public final class ModelSettings {
  /** The losses of LinearRegression. */
  public static final List<String> REGRESSION_LOSSES = List.of("squaredError", "huber", "poisson");

  /** The losses of LinearSVC. */
  public static final List<String> SVC_LOSSES = List.of("hinge", "squaredHinge");

  /** LogisticRegression's model. */
  public static final Setting<String> FAMILY =
      Setting.of(
          "family",
          Values.oneOf(List.of("auto", "binomial", "multinomial")),
          "auto",
          "Which model: of two classes (binomial), of any number of them (multinomial), or by the"
              + " labels.");

  /** The threshold of two classes. */
  public static final Setting<Double> THRESHOLD =
      Setting.of(
          "threshold", Values.share(), 0.5, "Probability of label 1 above which 1 is predicted.");

  /** LinearRegression's loss. */
  public static final Setting<String> REGRESSION_LOSS =
      Setting.of("loss", Values.oneOf(REGRESSION_LOSSES), "squaredError", "What is minimised.");

  /** The epsilon of the huber loss. */
  public static final Setting<Double> EPSILON =
      Setting.of(
          "epsilon",
          Values.aboveZero(),
          1.35,
          "The largest error that huber squares, in units of labels.");

  /** LinearSVC's loss. */
  public static final Setting<String> SVC_LOSS =
      Setting.of("loss", Values.oneOf(SVC_LOSSES), "hinge", "What is minimised.");

  /** LinearSVC's threshold. */
  public static final Setting<Double> RAW_THRESHOLD =
      Setting.of(
          "threshold",
          Values.number(),
          0.0,
          "Raw prediction of label 1 above which 1 is predicted.");

  /** The number of factors of a factorization machine. */
  public static final Setting<Integer> FACTOR_SIZE =
      Setting.of(
          "factorSize",
          Values.whole(1, 1 << 16),
          8,
          "Factorization machines: how many factors a feature has.");

  /** Whether a factorization machine has linear weights. */
  public static final Setting<Boolean> FIT_LINEAR =
      Setting.of(
          "fitLinear",
          Values.flag(),
          true,
          "Factorization machines: whether features have a weight beside their factors.");

  /** The deviation of a factorization machine's first factors. */
  public static final Setting<Double> INIT_STD =
      Setting.of(
          "initStd",
          Values.aboveZero(),
          0.01,
          "Factorization machines: the standard deviation of factors before training; factors of 0"
              + " would stay so.");

  private ModelSettings() {}
}
