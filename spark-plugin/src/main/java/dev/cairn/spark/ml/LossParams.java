package dev.cairn.spark.ml;

import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * The parameter of the loss, where there is a choice.
 *
 * @param <E> the estimator
 */
public interface LossParams<E> extends Params {
  /** Parameter: the loss of a row. */
  Param<String> loss();

  /** Sets {@link #loss}. */
  default E setLoss(String value) {
    return Setters.with(this, loss(), value);
  }

  /** The value of {@link #loss}. */
  default String getLoss() {
    return getOrDefault(loss());
  }
}
