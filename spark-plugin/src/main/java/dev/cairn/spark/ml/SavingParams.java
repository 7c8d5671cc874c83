package dev.cairn.spark.ml;

import dev.cairn.spark.CairnConf;
import dev.cairn.spark.settings.SavingSettings;
import dev.cairn.spark.trainer.CheckpointSettings;
import org.apache.spark.SparkConf;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** The parameters of saving. */
final class SavingParams {
  final Param<String> checkpointDir;
  final Param<String> runDir;
  final LongParam checkpointEverySteps;
  final IntParam checkpointKeep;
  final BooleanParam checkpointAsync;
  final Param<String> checkpointInFlight;
  final IntParam checkpointToleratedFailures;

  SavingParams(Params owner) {
    checkpointDir = SettingParams.text(owner, SavingSettings.CHECKPOINT_DIR);
    runDir = SettingParams.text(owner, SavingSettings.RUN_DIR);
    checkpointEverySteps = SettingParams.wholeLong(owner, SavingSettings.CHECKPOINT_EVERY_STEPS);
    checkpointKeep = SettingParams.whole(owner, SavingSettings.CHECKPOINT_KEEP);
    checkpointAsync = SettingParams.flag(owner, SavingSettings.CHECKPOINT_ASYNC);
    checkpointInFlight = SettingParams.text(owner, SavingSettings.CHECKPOINT_IN_FLIGHT);
    checkpointToleratedFailures =
        SettingParams.whole(owner, SavingSettings.CHECKPOINT_TOLERATED_FAILURES);
  }

  /**
   * The settings of checkpoints; those that are not set here come from the plugin's settings.
   *
   * @param folder the run's folder
   */
  CheckpointSettings settings(Params owner, SparkConf conf, String folder) {
    String inFlight =
        owner.isSet(checkpointInFlight)
            ? owner.getOrDefault(checkpointInFlight)
            : CairnConf.SAVE_IN_FLIGHT.get(conf);
    return new CheckpointSettings(
        folder,
        (Integer) owner.getOrDefault(checkpointKeep),
        (Boolean) owner.getOrDefault(checkpointAsync),
        inFlight.equalsIgnoreCase("wait"),
        owner.isSet(checkpointToleratedFailures)
            ? (Integer) owner.getOrDefault(checkpointToleratedFailures)
            : CairnConf.SAVE_TOLERATED_FAILURES.get(conf),
        CairnConf.CALL_TIMEOUT.get(conf),
        CairnConf.SAVE_TIMEOUT.get(conf));
  }
}
