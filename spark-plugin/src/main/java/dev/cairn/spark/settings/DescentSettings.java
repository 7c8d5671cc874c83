package dev.cairn.spark.settings;

import java.util.List;

/** The settings that decide the trained bits: passes, steps, rows, and when training ends. */
public final class DescentSettings {
  /** The number of times that every row is used. */
  public static final Setting<Integer> MAX_ITER =
      Setting.of("maxIter", Values.whole(0), 1, "How many times every training row is used.");

  /** The step at which training ends, whatever is left. */
  public static final Setting<Long> MAX_STEPS =
      Setting.of(
          "maxSteps",
          Values.wholeLong(0),
          0L,
          "Stop after this step even if epochs are left; 0 for no such limit.");

  /** The seed of all random choices. */
  public static final Setting<Long> SEED =
      Setting.of(
          "seed",
          Values.wholeLong(Long.MIN_VALUE),
          1L,
          "Seed of every random choice; same data, configuration and seed give the same bits.");

  /** The number of logical data partitions. */
  public static final Setting<Integer> PARTITIONS =
      Setting.of(
          "partitions",
          Values.whole(1, 100_000),
          8,
          "Logical data partitions: part of the result, whatever the number of executors; at least"
              + " one per task slot.");

  /** The number of rows of a step. */
  public static final Setting<Integer> BATCH_ROWS =
      Setting.of(
          "batchRows", Values.whole(1), 4096, "Rows of one step, over all partitions together.");

  /** MLlib's strength of regularisation. */
  public static final Setting<Double> REG_PARAM =
      Setting.of(
          "regParam",
          Values.notBelowZero(),
          0.0,
          "Strength of regularisation: the mean loss plus this times (elasticNetParam |w|_1 + (1 -"
              + " elasticNetParam) / 2 |w|^2) is minimised; not for ftrl.");

  /** MLlib's share of L1. */
  public static final Setting<Double> ELASTIC_NET_PARAM =
      Setting.of(
          "elasticNetParam",
          Values.share(),
          0.0,
          "Share of L1 in the regularisation; the rest is L2.");

  /** Whether there is an intercept. */
  public static final Setting<Boolean> FIT_INTERCEPT =
      Setting.of("fitIntercept", Values.flag(), true, "Whether an intercept is trained.");

  /** Whether numeric features are scaled. */
  public static final Setting<Boolean> STANDARDIZATION =
      Setting.of(
          "standardization",
          Values.flag(),
          true,
          "Divide numeric features by their standard deviations while training; the model is for"
              + " the values as they are.");

  /** The column of weights. */
  public static final Setting<String> WEIGHT_COL =
      Setting.of(
          "weightCol",
          Values.text(),
          "Column that says how much each row counts; not set or empty: each row counts the same.");

  /** The column of offsets. */
  public static final Setting<String> OFFSET_COL =
      Setting.of(
          "offsetCol",
          Values.text(),
          "Column of what is added to each row's margin and not trained; not set or empty:"
              + " nothing.");

  /** The column of held-out rows. */
  public static final Setting<String> VALIDATION_INDICATOR_COL =
      Setting.of(
          "validationIndicatorCol",
          Values.text(),
          "Boolean column: rows with true are kept out of training and judge it at the end of every"
              + " epoch.");

  /** The epochs after which held-out rows end training. */
  public static final Setting<Integer> PATIENCE =
      Setting.of(
          "patience",
          Values.whole(0),
          0,
          "Stop when so many epochs in a row had no better loss on the validation rows; 0 for"
              + " never.");

  /** The part by which a held-out loss must be better. */
  public static final Setting<Double> VALIDATION_TOL =
      Setting.of(
          "validationTol",
          Values.notBelowZero(),
          0.0,
          "Where patience counts, an epoch is better when its validation loss is lower by more than"
              + " this part of the best.");

  /** The part by which a training loss must be lower for training to go on. */
  public static final Setting<Double> TOL =
      Setting.of(
          "tol",
          Values.notBelowZero(),
          0.0,
          "Stop when an epoch lowers the mean training loss by no more than this part of it; 0 for"
              + " never.");

  /** Whether the best checkpoint is the result, not the last one. */
  public static final Setting<Boolean> RESTORE_BEST_WEIGHTS =
      Setting.of(
          "restoreBestWeights",
          Values.flag(),
          true,
          "Whether the model is that of the epoch with the lowest loss on the validation rows,"
              + " where there are some, or else the last one.");

  /** All of these settings, in the order in which a person reads them. */
  public static final List<Setting<?>> ALL =
      List.of(
          MAX_ITER,
          MAX_STEPS,
          SEED,
          PARTITIONS,
          BATCH_ROWS,
          REG_PARAM,
          ELASTIC_NET_PARAM,
          FIT_INTERCEPT,
          STANDARDIZATION,
          WEIGHT_COL,
          OFFSET_COL,
          VALIDATION_INDICATOR_COL,
          PATIENCE,
          VALIDATION_TOL,
          TOL,
          RESTORE_BEST_WEIGHTS);

  private DescentSettings() {}
}
