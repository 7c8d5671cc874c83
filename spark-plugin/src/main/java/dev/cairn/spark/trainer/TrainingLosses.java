package dev.cairn.spark.trainer;

import java.util.Map;
import java.util.SortedMap;

/**
 * The mean losses of the training rows, epoch by epoch, each batch's taken before its step. The
 * losses of batches are added as whole numbers of {@link #UNIT}: so the sum is the same however an
 * epoch is cut into segments and whichever task computes them.
 *
 * @param units the sum of the present epoch so far
 * @param last the last whole epoch's mean loss, infinite if there is none
 * @param before the mean loss of the epoch before it
 */
record TrainingLosses(long units, double last, double before) {
  /** The unit of losses: up to 2^33 its multiples are exact in a double as well. */
  static final double UNIT = 1.0 / (1 << 20);

  /** No step was taken. */
  static final TrainingLosses NONE =
      new TrainingLosses(0, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

  private static final String UNITS = "train.epoch-loss-units";
  private static final String LAST = "train.epoch-loss";
  private static final String BEFORE = "train.epoch-loss-before";

  /** The loss below which tolerances are parts of this and not of the loss, as in MLlib. */
  private static final double SMALL = 0.01;

  /** The loss of a batch in whole units. */
  static long units(double loss) {
    return (long) Math.rint(loss / UNIT);
  }

  /** Adds the losses of more batches of the present epoch. */
  TrainingLosses plus(long more) {
    return new TrainingLosses(units + more, last, before);
  }

  /** The losses at the end of an epoch of that many samples. */
  TrainingLosses epochEnded(long samples) {
    return new TrainingLosses(0, units * UNIT / samples, last);
  }

  /** Whether the last epoch made the loss lower by no more than this part of it. */
  boolean settled(double tol) {
    return before < Double.POSITIVE_INFINITY && before - last <= tol * Math.max(before, SMALL);
  }

  /** Adds this to a checkpoint's metrics. */
  void addTo(Map<String, Double> metrics) {
    if (units != 0) {
      metrics.put(UNITS, (double) units);
    }
    if (last < Double.POSITIVE_INFINITY) {
      metrics.put(LAST, last);
    }
    if (before < Double.POSITIVE_INFINITY) {
      metrics.put(BEFORE, before);
    }
  }

  /** Reads a checkpoint's metrics. */
  static TrainingLosses of(SortedMap<String, Double> metrics) {
    return new TrainingLosses(
        metrics.getOrDefault(UNITS, 0.0).longValue(),
        metrics.getOrDefault(LAST, Double.POSITIVE_INFINITY),
        metrics.getOrDefault(BEFORE, Double.POSITIVE_INFINITY));
  }
}
