package dev.cairn.spark.ml;

import dev.cairn.spark.CairnConf;
import dev.cairn.spark.trainer.CheckpointSettings;
import org.apache.spark.SparkConf;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;

/** The parameters of saving, with their defaults. */
final class SavingParams {
  final Param<String> checkpointDir;
  final Param<String> runDir;
  final LongParam checkpointEverySteps;
  final IntParam checkpointKeep;
  final BooleanParam checkpointAsync;
  final Param<String> checkpointInFlight;
  final IntParam checkpointToleratedFailures;

  SavingParams(Params owner) {
    checkpointDir =
        new Param<>(
            owner,
            "checkpointDir",
            "folder below which each fit has a folder of its own, any Hadoop URI");
    runDir =
        new Param<>(
            owner,
            "runDir",
            "folder of one run's checkpoints, instead of a new one below checkpointDir");
    checkpointEverySteps =
        new LongParam(
            owner,
            "checkpointEverySteps",
            "steps between checkpoints, 0 for one at the end only",
            ParamValidators.gtEq(0.0));
    checkpointKeep =
        new IntParam(
            owner,
            "checkpointKeep",
            "number of newest checkpoints that are kept, 0 for all",
            ParamValidators.gtEq(0.0));
    checkpointAsync =
        new BooleanParam(owner, "checkpointAsync", "whether training goes on while a save writes");
    checkpointInFlight =
        new Param<>(
            owner,
            "checkpointInFlight",
            "what a save does that is due while another is being written: wait or skip");
    checkpointToleratedFailures =
        new IntParam(
            owner,
            "checkpointToleratedFailures",
            "failed saves in a row that training survives",
            ParamValidators.gtEq(0.0));
    owner.setDefault(checkpointEverySteps, 0L);
    owner.setDefault(checkpointKeep, 3);
    owner.setDefault(checkpointAsync, true);
  }

  /**
   * Where checkpoints go and how they are made; what is not set here, the plugin's settings say.
   *
   * @param folder of the run
   */
  CheckpointSettings settings(Params owner, SparkConf conf, String folder) {
    CairnConf.InFlight inFlight =
        owner.isSet(checkpointInFlight)
            ? parseInFlight(owner.getOrDefault(checkpointInFlight))
            : CairnConf.SAVE_IN_FLIGHT.get(conf);
    return new CheckpointSettings(
        folder,
        (Integer) owner.getOrDefault(checkpointKeep),
        (Boolean) owner.getOrDefault(checkpointAsync),
        inFlight == CairnConf.InFlight.WAIT,
        owner.isSet(checkpointToleratedFailures)
            ? (Integer) owner.getOrDefault(checkpointToleratedFailures)
            : CairnConf.SAVE_TOLERATED_FAILURES.get(conf),
        CairnConf.CALL_TIMEOUT.get(conf),
        CairnConf.SAVE_TIMEOUT.get(conf));
  }

  private static CairnConf.InFlight parseInFlight(String text) {
    return switch (text) {
      case "wait" -> CairnConf.InFlight.WAIT;
      case "skip" -> CairnConf.InFlight.SKIP;
      default ->
          throw new IllegalArgumentException(
              "Cannot save checkpoints: checkpointInFlight, expected wait or skip, found " + text);
    };
  }
}
