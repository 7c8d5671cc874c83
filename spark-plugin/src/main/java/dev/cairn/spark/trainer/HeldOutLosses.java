package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.model.TrainingState;
import java.util.Map;
import java.util.SortedMap;

/**
 * A summary of the held-out losses at the ends of a run's epochs: the lowest one, and the number of
 * epochs since the last better one. Every checkpoint keeps it among its metrics, so that a run that
 * goes on, or back, decides as one that was never disturbed.
 *
 * @param bestStep the step with the lowest loss, the first of equal ones; -1 when none was judged
 * @param best the lowest loss
 * @param toBeat the loss that an epoch must be below by the tolerance to count as better
 * @param waited the number of epochs since the last better one
 */
record HeldOutLosses(long bestStep, double best, double toBeat, long waited) {
  /** No epoch was judged. */
  static final HeldOutLosses NONE =
      new HeldOutLosses(-1, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 0);

  private static final String LOWEST = "validation.lowest-step";
  private static final String BEST = "validation.best-loss";
  private static final String TO_BEAT = "validation.loss-to-beat";
  private static final String WAITED = "validation.epochs-without-better";

  /** The loss below which tolerances are parts of this and not of the loss, as in MLlib. */
  private static final double SMALL = 0.01;

  /** The losses with one more; one that is not a number is worse than all. */
  HeldOutLosses after(long step, double loss, double tol) {
    boolean lowest = loss < best;
    boolean better =
        toBeat == Double.POSITIVE_INFINITY
            ? loss < toBeat
            : toBeat - loss > tol * Math.max(toBeat, SMALL);
    return new HeldOutLosses(
        lowest ? step : bestStep,
        lowest ? loss : best,
        better ? loss : toBeat,
        better ? 0 : waited + 1);
  }

  /**
   * Adds this to a checkpoint's metrics.
   *
   * @param keepBest whether the best checkpoint is the run's result, and so to be kept
   */
  void addTo(Map<String, Double> metrics, boolean keepBest) {
    if (bestStep >= 0) {
      metrics.put(keepBest ? TrainingState.BEST_STEP : LOWEST, (double) bestStep);
      metrics.put(BEST, best);
      metrics.put(TO_BEAT, toBeat);
    }
    if (waited > 0) {
      metrics.put(WAITED, (double) waited);
    }
  }

  /** Reads a checkpoint's metrics; {@link #NONE} if they have no such losses. */
  static HeldOutLosses of(SortedMap<String, Double> metrics) {
    return new HeldOutLosses(
        metrics
            .getOrDefault(TrainingState.BEST_STEP, metrics.getOrDefault(LOWEST, -1.0))
            .longValue(),
        metrics.getOrDefault(BEST, Double.POSITIVE_INFINITY),
        metrics.getOrDefault(TO_BEAT, Double.POSITIVE_INFINITY),
        metrics.getOrDefault(WAITED, 0.0).longValue());
  }
}
