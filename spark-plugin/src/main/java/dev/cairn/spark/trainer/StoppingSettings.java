package dev.cairn.spark.trainer;

/**
 * The settings for ending training before its last epoch, and for its result.
 *
 * @param patience epochs in a row without a better held-out loss after which training ends, 0 for
 *     no such end
 * @param validationTol an epoch is better if its held-out loss is below the best before it by more
 *     than this part of that (of 0.01, if that is smaller)
 * @param tol training ends when an epoch makes the mean training loss lower by no more than this
 *     part of it (of 0.01, if that is smaller), 0 for no such end
 * @param restoreBest whether the result is the checkpoint with the lowest held-out loss, where rows
 *     are held out; else the last one
 */
public record StoppingSettings(
    int patience, double validationTol, double tol, boolean restoreBest) {

  /** Trains to the end; the best checkpoint is the result. */
  public static final StoppingSettings DEFAULT = new StoppingSettings(0, 0, 0, true);

  /** Checks the numbers. */
  public StoppingSettings {
    boolean numbers = validationTol >= 0 && tol >= 0 && Double.isFinite(validationTol + tol);
    if (patience < 0 || !numbers) {
      throw new IllegalArgumentException(
          "Cannot train: expected patience, validationTol and tol from 0 on, found "
              + patience
              + ", "
              + validationTol
              + " and "
              + tol);
    }
  }
}
