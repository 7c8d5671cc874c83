package dev.cairn.spark.ml;

import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.Params;

/**
 * The parameter of the raw prediction above which label 1 is predicted.
 *
 * @param <E> the estimator, or the model
 */
public interface RawThresholdParams<E> extends Params {
  /** Parameter: raw prediction of label 1 above which 1 is predicted. */
  DoubleParam threshold();

  /** Sets {@link #threshold}. */
  default E setThreshold(double value) {
    return Setters.with(this, threshold(), value);
  }

  /** The value of {@link #threshold}. */
  default double getThreshold() {
    return (Double) getOrDefault(threshold());
  }
}
