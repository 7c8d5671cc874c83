package dev.cairn.spark.ml;

import org.apache.spark.ml.param.DoubleParam;

/**
 * From which probability on label 1 is predicted, by one number; Spark's {@code thresholds} have
 * one for each label. Setting one clears the other.
 *
 * @param <E> the estimator, or the model
 */
public interface ThresholdParams<E> extends Thresholds.Owner {
  /** Parameter: probability of label 1 above which 1 is predicted. */
  default DoubleParam threshold() {
    return thresholdState().threshold;
  }

  /** Sets {@link #threshold} and clears {@code thresholds}. */
  default E setThreshold(double value) {
    thresholdState().set(value);
    return Setters.self(this);
  }

  /** The threshold in use: {@link #threshold}, or what {@code thresholds} come to. */
  default double getThreshold() {
    return thresholdState().one();
  }
}
