package dev.cairn.spark.ml;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;

/**
 * The parameters of a factorization machine, under MLlib's names.
 *
 * @param <E> the estimator
 */
public interface MachineParams<E> extends MachineSettings.Owner {
  /** Parameter: the number of factors of a feature, 1 or more. */
  default IntParam factorSize() {
    return machineSettings().factorSize;
  }

  /** Sets {@link #factorSize}. */
  default E setFactorSize(int value) {
    return Setters.with(this, machineSettings().factorSize, value);
  }

  /** The value of {@link #factorSize}. */
  default int getFactorSize() {
    return (Integer) getOrDefault(machineSettings().factorSize);
  }

  /** Parameter: whether a weight for each feature is trained, too. */
  default BooleanParam fitLinear() {
    return machineSettings().fitLinear;
  }

  /** Sets {@link #fitLinear}. */
  default E setFitLinear(boolean value) {
    return Setters.with(this, machineSettings().fitLinear, value);
  }

  /** The value of {@link #fitLinear}. */
  default boolean getFitLinear() {
    return (Boolean) getOrDefault(machineSettings().fitLinear);
  }

  /**
   * Parameter: standard deviation of the normal distribution that factors are drawn from before
   * training, by {@code seed}, above 0.
   */
  default DoubleParam initStd() {
    return machineSettings().initStd;
  }

  /** Sets {@link #initStd}. */
  default E setInitStd(double value) {
    return Setters.with(this, machineSettings().initStd, value);
  }

  /** The value of {@link #initStd}. */
  default double getInitStd() {
    return (Double) getOrDefault(machineSettings().initStd);
  }
}
