package dev.cairn.spark.ml;

import org.apache.spark.ml.param.DoubleParam;

/**
 * The parameter of the probability above which label 1 is predicted. Spark's {@code thresholds}
 * have one number for each label; setting one clears the other.
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

  /** The threshold in use: {@link #threshold}, or the one that follows from {@code thresholds}. */
  default double getThreshold() {
    return thresholdState().one();
  }
}
