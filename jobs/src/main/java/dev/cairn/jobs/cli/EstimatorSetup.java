package dev.cairn.jobs.cli;

import dev.cairn.jobs.config.ConfKey;
import dev.cairn.jobs.config.ModelKeys;
import dev.cairn.jobs.config.RowKeys;
import dev.cairn.jobs.config.ScheduleKeys;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.data.CheckedRows;
import dev.cairn.spark.ml.CairnEstimator;
import dev.cairn.spark.ml.CairnModel;
import dev.cairn.spark.ml.FMClassifier;
import dev.cairn.spark.ml.FMRegressor;
import dev.cairn.spark.ml.LinearRegression;
import dev.cairn.spark.ml.LinearSVC;
import dev.cairn.spark.ml.LogisticRegression;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes the estimator of a configuration. */
final class EstimatorSetup {
  private EstimatorSetup() {}

  /**
   * The estimator with all of its settings.
   *
   * @param timeZone the time zone in which times are read
   */
  static CairnEstimator<?, ?> of(TrainConf conf, String timeZone) {
    return common(bare(conf), conf, timeZone);
  }

  /**
   * The estimator of a refresh: below the folder of checkpoints each fit has one of its own.
   *
   * @param timeZone the time zone in which times are read
   */
  static CairnEstimator<?, ?> refreshing(TrainConf conf, String timeZone) {
    CairnEstimator<?, ?> estimator = of(conf, timeZone);
    var unused = estimator.clear(estimator.runDir());
    var unusedToo = estimator.setCheckpointDir(conf.get(TrainConf.CHECKPOINT_DIR));
    var unusedAsWell = estimator.setInitialGrowth(conf.get(ModelKeys.INITIAL_GROWTH));
    return estimator;
  }

  /** Whether a refresh goes on with the optimizer's state: it does unless told otherwise. */
  static boolean keepsOptimizerState(TrainConf conf) {
    ConfKey<Boolean> key = ModelKeys.INITIAL_OPTIMIZER_STATE;
    return conf.place(key.name()).equals("default") || conf.get(key);
  }

  /** The estimator of the model, with its own settings, and the optimizer. */
  static CairnEstimator<?, ?> bare(TrainConf conf) {
    String loss = conf.get(ModelKeys.LOSS);
    CairnEstimator<?, ?> estimator =
        switch (conf.get(ModelKeys.MODEL)) {
          case "softmax" -> new LogisticRegression().setFamily("multinomial");
          case "linear" -> {
            LinearRegression linear =
                new LinearRegression().setEpsilon(conf.get(ModelKeys.EPSILON));
            yield loss.isEmpty() ? linear : linear.setLoss(loss);
          }
          case "svm" -> loss.isEmpty() ? new LinearSVC() : new LinearSVC().setLoss(loss);
          case "fm" ->
              new FMClassifier()
                  .setFactorSize(conf.get(ModelKeys.FACTOR_SIZE))
                  .setInitStd(conf.get(ModelKeys.INIT_STD))
                  .setFitLinear(conf.get(ModelKeys.FIT_LINEAR));
          case "fm-regression" ->
              new FMRegressor()
                  .setFactorSize(conf.get(ModelKeys.FACTOR_SIZE))
                  .setInitStd(conf.get(ModelKeys.INIT_STD))
                  .setFitLinear(conf.get(ModelKeys.FIT_LINEAR));
          default -> new LogisticRegression().setFamily("binomial");
        };
    return OptimizerSetup.set(conf, estimator);
  }

  private static <E extends CairnEstimator<E, M>, M extends CairnModel<M>> E common(
      CairnEstimator<E, M> estimator, TrainConf conf, String timeZone) {
    E set =
        estimator
            .setFeaturesCol(CheckedRows.FEATURES)
            .setLabelCol(CheckedRows.LABEL)
            .setMaxIter(conf.get(TrainConf.EPOCHS))
            .setMaxSteps(conf.get(TrainConf.MAX_STEPS))
            .setSeed(conf.get(TrainConf.SEED))
            .setPartitions(conf.get(TrainConf.PARTITIONS))
            .setBatchRows(conf.get(TrainConf.BATCH_ROWS))
            .setRunDir(conf.get(TrainConf.CHECKPOINT_DIR))
            .setCheckpointEverySteps(conf.get(TrainConf.CHECKPOINT_EVERY))
            .setCheckpointKeep(conf.get(TrainConf.CHECKPOINT_KEEP))
            .setCheckpointAsync(conf.get(TrainConf.CHECKPOINT_ASYNC))
            .setPatience(conf.get(ScheduleKeys.PATIENCE))
            .setValidationTol(conf.get(ScheduleKeys.VALIDATION_TOL))
            .setTol(conf.get(ScheduleKeys.TOL))
            .setRestoreBestWeights(conf.get(ScheduleKeys.RESULT).equals("best"))
            .setResume(conf.get(ScheduleKeys.RESUME))
            .setResumeFrom(conf.get(ScheduleKeys.RESUME_FROM))
            .setResumeAccept(conf.get(TrainConf.RESUME_ACCEPT).toArray(String[]::new))
            .setStandardization(conf.get(RowKeys.STANDARDIZATION))
            .setFitIntercept(conf.get(RowKeys.FIT_INTERCEPT))
            .setProvenance(provenance(conf, timeZone));
    if (!conf.get(ModelKeys.INITIAL).isEmpty()) {
      set.setInitialModel(conf.get(ModelKeys.INITIAL))
          .setInitialOptimizerState(conf.get(ModelKeys.INITIAL_OPTIMIZER_STATE))
          .setInitialGrowth(conf.get(ModelKeys.INITIAL_GROWTH));
    }
    if (!conf.get(ScheduleKeys.VALIDATION).isEmpty()) {
      set.setValidationIndicatorCol(CheckedRows.HELD_OUT);
    }
    boolean balanced = conf.get(RowKeys.CLASS_WEIGHT).equals("balanced");
    if (balanced || !conf.get(RowKeys.WEIGHT).isEmpty()) {
      set.setWeightCol(CheckedRows.WEIGHT);
    }
    if (!conf.get(RowKeys.OFFSET).isEmpty()) {
      set.setOffsetCol(CheckedRows.OFFSET);
    }
    return set;
  }

  /** The other settings that decide the trained bits: those of features and labels, not paths. */
  private static SortedMap<String, String> provenance(TrainConf conf, String timeZone) {
    SortedMap<String, String> facts = new TreeMap<>();
    facts.put(TrainConf.LABEL.name(), conf.get(TrainConf.LABEL));
    facts.put(TrainConf.CATEGORICAL.name(), String.join(",", conf.get(TrainConf.CATEGORICAL)));
    facts.put(TrainConf.NUMERIC.name(), String.join(",", conf.get(TrainConf.NUMERIC)));
    List<String> crosses = new ArrayList<>();
    conf.get(TrainConf.CROSS).forEach(cross -> crosses.add(String.join("*", cross)));
    facts.put(TrainConf.CROSS.name(), String.join(",", crosses));
    facts.put(TrainConf.HASH_BITS.name(), conf.get(TrainConf.HASH_BITS).toString());
    facts.put(TrainConf.LABEL_POSITIVE.name(), conf.get(TrainConf.LABEL_POSITIVE));
    facts.put(TrainConf.TEST.name(), conf.get(TrainConf.TEST));
    facts.put(RowKeys.WEIGHT.name(), conf.get(RowKeys.WEIGHT));
    facts.put(RowKeys.OFFSET.name(), conf.get(RowKeys.OFFSET));
    if (!conf.get(RowKeys.CLASS_WEIGHT).equals("none")) {
      facts.put(RowKeys.CLASS_WEIGHT.name(), conf.get(RowKeys.CLASS_WEIGHT));
    }
    facts.put(ScheduleKeys.VALIDATION.name(), conf.get(ScheduleKeys.VALIDATION));
    // Settings of later keys are left out at their defaults, as in older checkpoints.
    if (!conf.get(TrainConf.SPLIT_SEED).equals(1L)) {
      facts.put(TrainConf.SPLIT_SEED.name(), conf.get(TrainConf.SPLIT_SEED).toString());
    }
    if (!conf.get(TrainConf.HANDLE_INVALID).equals("keep")) {
      facts.put(TrainConf.HANDLE_INVALID.name(), conf.get(TrainConf.HANDLE_INVALID));
    }
    if (!timeZone.equals(SparkSettings.UTC)) {
      facts.put(SparkSettings.TIME_ZONE, timeZone);
    }
    conf.inputOptions().forEach((name, value) -> facts.put(TrainConf.INPUT_OPTION + name, value));
    conf.derived().forEach((name, sql) -> facts.put(TrainConf.DERIVE + name, sql));
    facts.values().removeIf(String::isEmpty);
    return facts;
  }
}
