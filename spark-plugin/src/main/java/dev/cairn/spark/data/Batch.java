package dev.cairn.spark.data;

import org.jspecify.annotations.Nullable;

/**
 * One batch of one logical partition: a view of {@link PackedPartition}'s arrays, which it shares
 * and nobody changes. Compressed sparse rows; a column is a local id, the position of a row of
 * parameters among the batch's {@code rows}.
 *
 * @param samples number of samples, possibly 0
 * @param firstSample position of the first in {@code labels} and {@code starts}
 * @param labels 0 or 1 for each sample of the partition
 * @param starts where each sample's columns start: sample i has {@code columns[starts[i] ..
 *     starts[i+1])}
 * @param columns local ids
 * @param values feature values at the places of {@code columns}, null when all are 1
 * @param weights how much each sample of the partition counts, null when each counts 1
 * @param rows the distinct global row ids that this batch touches, ascending, at {@code [rowsFrom,
 *     rowsTo)}. If there are a sample and an intercept, the last one is the intercept's, which
 *     every sample touches with value 1 and which is in no sample's columns; without a sample there
 *     are none.
 * @param intercept whether there is an intercept
 * @param centredPlaces of the centred features their local ids, from {@code centredFrom} on; every
 *     sample's margin depends on them
 * @param offsets what each centred feature's values are lessened by, absent ones, too
 */
public record Batch(
    int samples,
    int firstSample,
    byte[] labels,
    int[] starts,
    int[] columns,
    float @Nullable [] values,
    float @Nullable [] weights,
    int[] rows,
    int rowsFrom,
    int rowsTo,
    boolean intercept,
    int[] centredPlaces,
    int centredFrom,
    double[] offsets) {

  /** Number of distinct rows of parameters: the length of the local arrays for width 1. */
  public int distinctRows() {
    return rowsTo - rowsFrom;
  }

  /** Number of stored features, without the intercept. */
  public int nonZeros() {
    return starts[firstSample + samples] - starts[firstSample];
  }
}
