package dev.cairn.spark.ml;

import dev.cairn.spark.model.FactorizationMachine;
import dev.cairn.spark.model.MarginLoss;
import dev.cairn.spark.settings.ModelSettings;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Params;

/** The parameters of factorization machines. */
final class MachineSettings {
  /** A stage that has these parameters. */
  interface Owner extends Params {
    /** The parameters. */
    MachineSettings machineSettings();
  }

  final IntParam factorSize;
  final BooleanParam fitLinear;
  final DoubleParam initStd;

  MachineSettings(Params owner) {
    factorSize = SettingParams.whole(owner, ModelSettings.FACTOR_SIZE);
    fitLinear = SettingParams.flag(owner, ModelSettings.FIT_LINEAR);
    initStd = SettingParams.number(owner, ModelSettings.INIT_STD);
  }

  /** The model that is trained. */
  FactorizationMachine model(CairnEstimator<?, ?> owner, int features, MarginLoss loss) {
    return FactorizationMachine.of(
        features,
        (Integer) owner.getOrDefault(factorSize),
        owner.getFitIntercept(),
        (Boolean) owner.getOrDefault(fitLinear),
        loss,
        (Double) owner.getOrDefault(initStd),
        owner.getSeed());
  }
}
