package dev.cairn.spark.data;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One batch of one logical partition: a view of {@link PackedPartition}'s arrays, which are shared
 * and never changed. Compressed sparse rows; a column is a local id, the position of a feature
 * among the batch's {@code ids}.
 *
 * @param samples number of samples, possibly 0
 * @param firstSample position of the first in {@code labels} and {@code starts}
 * @param labels the label of each sample of the partition; for two classes 0 and 1
 * @param starts the place where each sample's columns start: sample i has {@code columns[starts[i]
 *     .. starts[i+1])}
 * @param columns local ids
 * @param values feature values at the places of {@code columns}, null when all are 1
 * @param weights the weight of each sample of the partition, null when each is 1
 * @param offsets the number that is added to each sample's margin and not trained, null when all
 *     are 0
 * @param ids the distinct features that this batch touches, ascending, at {@code [idsFrom, idsTo)};
 *     none without a sample
 * @param centredPlaces the local ids of the centred features, from {@code centredFrom} on; every
 *     sample's margin depends on them
 * @param shifts the number by which each centred feature's values are lessened, absent ones, too
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

  /** The number of distinct features: local ids are below it. */
  public int distinct() {
    return idsTo - idsFrom;
  }

  /**
   * The local id of a feature, or of the first one after it that the batch has; the number of
   * distinct ones if there is none. Lower local ids are those of features before.
   */
  public int localId(int feature) {
    int found = Arrays.binarySearch(ids, idsFrom, idsTo, feature);
    return (found < 0 ? -found - 1 : found) - idsFrom;
  }

  /** The number of stored features. */
  public int nonZeros() {
    return starts[firstSample + samples] - starts[firstSample];
  }
}
