package dev.cairn.checkpoint.model;

/**
 * The position of training in the data: the next batch to use.
 *
 * @param epoch from 0
 * @param batch next batch within the epoch, from 0 up to {@code batchesPerEpoch}
 * @param batchesPerEpoch the number of batches of an epoch
 * @param partitions the number of logical data partitions
 * @param rows rows of the whole input
 * @param fingerprint differs if the input is not the same; opaque
 */
public record DataPosition(
    long epoch, long batch, long batchesPerEpoch, int partitions, long rows, String fingerprint) {

  /** Checks that the numbers are possible. */
  public DataPosition {
    if (epoch < 0 || batch < 0 || batchesPerEpoch < 0 || partitions < 0 || rows < 0) {
      throw new IllegalArgumentException(
          "Cannot describe a data position: expected numbers from 0 on, found epoch="
              + epoch
              + " batch="
              + batch
              + " batchesPerEpoch="
              + batchesPerEpoch
              + " partitions="
              + partitions
              + " rows="
              + rows);
    }
    if (batch > batchesPerEpoch) {
      throw new IllegalArgumentException(
          "Cannot describe a data position: expected a batch up to "
              + batchesPerEpoch
              + ", found "
              + batch);
    }
  }
}
