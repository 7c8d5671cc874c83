package dev.cairn.spark.trainer;

import java.util.TreeMap;

/** The mean training losses of a fit, by epoch. Used by one thread at a time. */
final class EpochLosses {
  private final TreeMap<Long, Double> byEpoch = new TreeMap<>();

  /**
   * Adds the loss of an epoch; when the epoch is done again after a recovery, the loss is the same.
   */
  void add(long epoch, double loss) {
    byEpoch.put(epoch, loss);
  }

  /** The losses in the order of epochs. */
  double[] toArray() {
    return byEpoch.values().stream().mapToDouble(Double::doubleValue).toArray();
  }
}
