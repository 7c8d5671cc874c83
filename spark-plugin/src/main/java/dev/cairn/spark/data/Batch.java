package dev.cairn.spark.data;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One batch of one logical partition: a view of {@link PackedPartition}'s arrays, which it shares
 * and nobody changes. Compressed sparse rows; a column is a local id, the position of a feature
 * among the batch's {@code ids}.
 *
 * @param samples number of samples, possibly 0
 * @param firstSample position of the first in {@code labels} and {@code starts}
 * @param labels of each sample of the partition; of two classes 0 and 1
 * @param starts where each sample's columns start: sample i has {@code columns[starts[i] ..
 *     starts[i+1])}
 * @param columns local ids
 * @param values feature values at the places of {@code columns}, null when all are 1
 * @param weights how much each sample of the partition counts, null when each counts 1
 * @param offsets what is added to each sample's margin and not trained, null when nothing is
 * @param ids the distinct features that this batch touches, ascending, at {@code [idsFrom, idsTo)};
 *     none without a sample
 * @param centredPlaces of the centred features their local ids, from {@code centredFrom} on; every
 *     sample's margin depends on them
 * @param shifts what each centred feature's values are lessened by, absent ones, too
 */
public record Batch(
    int samples,
    int firstSample,
    float[] labels,
    int[] starts,
    int[] columns,
    float @Nullable [] values,
    float @Nullable [] weights,
    float @Nullable [] offsets,
    int[] ids,
    int idsFrom,
    int idsTo,
    int[] centredPlaces,
    int centredFrom,
    double[] shifts) {

  /** Number of distinct features: local ids are below it. */
  public int distinct() {
    return idsTo - idsFrom;
  }

  /**
   * The local id of a feature, or of the first one after it that the batch has; the number of
   * distinct ones if there is none. What lies below it belongs to features before.
   */
  public int localId(int feature) {
    int found = Arrays.binarySearch(ids, idsFrom, idsTo, feature);
    return (found < 0 ? -found - 1 : found) - idsFrom;
  }

  /** Number of stored features. */
  public int nonZeros() {
    return starts[firstSample + samples] - starts[firstSample];
  }
}
