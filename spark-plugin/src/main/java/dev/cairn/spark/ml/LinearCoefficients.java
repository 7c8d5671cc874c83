package dev.cairn.spark.ml;

import org.apache.spark.ml.linalg.Vector;

/** What a trained linear model of one margin is made of, under MLlib's names. */
public interface LinearCoefficients extends ModelState.Owner {
  /**
   * The weights of features, for values as they stand in the data: standardization is undone. The
   * vector is sparse, unless a dense one takes less memory. Read from the checkpoint at each call.
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
   * What is added to a row's sum of coefficients times values. Read from the checkpoint at each
   * call.
   *
   * @throws TrainingFailedException as {@link #coefficients} does
   */
  default double intercept() {
    return state().intercept();
  }
}
