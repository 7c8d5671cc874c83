package dev.cairn.spark.ml;

import dev.cairn.spark.model.FactorizationMachine;
import dev.cairn.spark.model.MarginLoss;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;

/** The parameters of factorization machines, with their defaults: MLlib's. */
final class MachineSettings {
  /** A stage that has these parameters. */
  interface Owner extends Params {
    /** They. */
    MachineSettings machineSettings();
  }

  final IntParam factorSize;
  final BooleanParam fitLinear;
  final DoubleParam initStd;

  MachineSettings(Params owner) {
    factorSize =
        new IntParam(
            owner, "factorSize", "how many factors a feature has, above 0", ParamValidators.gt(0));
    fitLinear =
        new BooleanParam(owner, "fitLinear", "whether a weight for each feature is trained");
    initStd =
        new DoubleParam(
            owner,
            "initStd",
            "standard deviation of factors before training, above 0: of zeros they would stay so",
            ParamValidators.gt(0));
    owner.setDefault(factorSize, 8);
    owner.setDefault(fitLinear, true);
    owner.setDefault(initStd, 0.01);
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
