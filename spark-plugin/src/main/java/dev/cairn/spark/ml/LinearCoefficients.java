package dev.cairn.spark.ml;

import org.apache.spark.ml.linalg.Vector;

/** The parameters of a trained linear model of one margin, under MLlib's names. */
public interface LinearCoefficients extends ModelState.Owner {
  /**
   * The weights of features, for values as they stand in the data: standardization is undone. The
   * vector is sparse, unless a dense one takes less memory. The weights are read from the
   * checkpoint at each call.
   *
   * @throws IllegalStateException if the ones that are not 0 take more than an eighth of this JVM's
   *     memory
   * @throws TrainingFailedException if the checkpoint is gone, or another one has come into its
   *     place
   */
  default Vector coefficients() {
    return state().coefficients();
  }

  /**
   * The number that is added to a row's sum of coefficients times values. It is read from the
   * checkpoint at each call.
   *
   * @throws TrainingFailedException as {@link #coefficients} does
   */
  default double intercept() {
    return state().intercept();
  }
}
