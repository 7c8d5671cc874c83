package dev.cairn.spark.trainer;

/** The logistic loss and its gradient on one batch. */
@SuppressWarnings("DoNotCallSuggester")
public final class LogisticLoss {

  /**
   * Computes the loss and the gradient of one batch, both sums over its samples.
   *
   * @param values current values of the batch's rows, one number for each distinct row
   * @param gradients receives one number for each distinct row
   * @return the sum of the samples' losses; NaN or infinite if training has diverged
   */
  public double gradient(Batch batch, float[] values, float[] gradients) {
    throw new UnsupportedOperationException();
  }
}
