package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.CairnConf;
import dev.cairn.spark.SparkMaster;
import dev.cairn.spark.settings.DescentSettings;
import dev.cairn.spark.trainer.RecoverySettings;
import dev.cairn.spark.trainer.TrainingSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** The parameters that all estimators have. */
final class TrainingParams {
  /** The time to wait for local mode's executor, which has registered when the context is made. */
  private static final Duration LOCAL_START = Duration.ofSeconds(10);

  /** A stage that has these parameters. */
  interface Owner extends Params {
    /** The parameters. */
    TrainingParams trainingParams();
  }

  final IntParam maxIter;
  final LongParam maxSteps;
  final LongParam seed;
  final IntParam partitions;
  final IntParam batchRows;
  final OptimizerSettings optimizer;
  final DoubleParam regParam;
  final DoubleParam elasticNetParam;
  final BooleanParam fitIntercept;
  final BooleanParam standardization;
  final Param<String> weightCol;
  final Param<String> offsetCol;
  final SavingParams saving;
  final ScheduleSettings schedule;
  final FitOptions options = new FitOptions();

  TrainingParams(Params owner) {
    maxIter = SettingParams.whole(owner, DescentSettings.MAX_ITER);
    maxSteps = SettingParams.wholeLong(owner, DescentSettings.MAX_STEPS);
    seed = SettingParams.wholeLong(owner, DescentSettings.SEED);
    partitions = SettingParams.whole(owner, DescentSettings.PARTITIONS);
    batchRows = SettingParams.whole(owner, DescentSettings.BATCH_ROWS);
    optimizer = new OptimizerSettings(owner);
    regParam = SettingParams.number(owner, DescentSettings.REG_PARAM);
    elasticNetParam = SettingParams.number(owner, DescentSettings.ELASTIC_NET_PARAM);
    fitIntercept = SettingParams.flag(owner, DescentSettings.FIT_INTERCEPT);
    standardization = SettingParams.flag(owner, DescentSettings.STANDARDIZATION);
    weightCol = SettingParams.text(owner, DescentSettings.WEIGHT_COL);
    offsetCol = SettingParams.text(owner, DescentSettings.OFFSET_COL);
    saving = new SavingParams(owner);
    schedule = new ScheduleSettings(owner);
  }

  /**
   * The settings of recovery, which come from the plugin's settings alone. In local mode there is
   * one executor from the start, and no other can come or take a copy of the data.
   */
  static RecoverySettings recovery(SparkConf conf) {
    SparkMaster master = SparkMaster.of(conf);
    boolean local = master.isLocal();
    return new RecoverySettings(
        master.isLocalCluster() ? master.executors() : conf.getInt("spark.executor.instances", 1),
        CairnConf.MAX_RECOVERIES.get(conf),
        CairnConf.REPLACEMENT_WAIT.get(conf),
        local ? LOCAL_START : CairnConf.MEMBERS_TIMEOUT.get(conf),
        CairnConf.STALL_TIMEOUT.get(conf),
        CairnConf.MEMORY_COPY.get(conf),
        CairnConf.REBALANCE.get(conf),
        local ? 1 : CairnConf.DATA_COPIES.get(conf));
  }

  /**
   * The settings of training.
   *
   * @param more other settings that decide the trained bits
   * @param penalties the optimizer's penalties
   * @param features the definition of the features, where the column has one
   */
  TrainingSettings settings(
      Params owner,
      SortedMap<String, String> more,
      Penalties penalties,
      Optional<FeatureDefinition> features) {
    OptimizerSpec spec = optimizer.of(owner, penalties).spec();
    SortedMap<String, String> configuration = new TreeMap<>(more);
    configuration.put("train.seed", owner.getOrDefault(seed).toString());
    configuration.put("train.partitions", owner.getOrDefault(partitions).toString());
    configuration.put("train.batch-rows", owner.getOrDefault(batchRows).toString());
    // Not there when true, so that checkpoints from before there was the choice go on.
    if (!(Boolean) owner.getOrDefault(standardization)) {
      configuration.put("train.standardization", "false");
    }
    optimizer.describe(spec, configuration);
    return new TrainingSettings(
        (Integer) owner.getOrDefault(partitions),
        (Integer) owner.getOrDefault(batchRows),
        (Long) owner.getOrDefault(seed),
        (Integer) owner.getOrDefault(maxIter),
        (Long) owner.getOrDefault(maxSteps),
        (Long) owner.getOrDefault(saving.checkpointEverySteps),
        spec,
        configuration,
        schedule.resuming(),
        schedule.stopping(),
        features);
  }

  /**
   * The optimizer's penalties for regParam and elasticNetParam.
   *
   * @param stepRows the rows of one step, on average
   * @throws IllegalArgumentException for ftrl, whose penalties are of another kind: they are for
   *     the sum of all steps, so that their weight falls as training goes on
   */
  Penalties penalties(Params owner, double stepRows) {
    double strength = (Double) owner.getOrDefault(regParam);
    if (strength > 0 && optimizer.uses(owner, "ftrl")) {
      throw new IllegalArgumentException(
          "Cannot train with regParam "
              + strength
              + " and optimizer ftrl: expected adagrad or another one whose regularisation is"
              + " MLlib's, found ftrl, whose penalties are for the sum of all steps; set those by"
              + " setOptimizerPenalties");
    }
    return Penalties.of(strength, (Double) owner.getOrDefault(elasticNetParam), stepRows);
  }
}
