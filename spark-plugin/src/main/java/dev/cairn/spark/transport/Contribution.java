package dev.cairn.spark.transport;

import java.util.Objects;

/**
 * The contribution of one logical partition to one shard in one {@linkplain ShardMessage.Exchange
 * exchange}, as views of the caller's arrays. The arrays are not copied: leave them alone until the
 * exchange is answered.
 *
 * @param partition number of the logical partition
 * @param gradients summed gradients of the rows that this partition wanted from this shard in its
 *     exchange before, row after row: {@code gradients[gradientsFrom .. gradientsTo)}
 * @param wanted global ids, strictly ascending, of the rows that the next step needs from this
 *     shard: {@code wanted[wantedFrom .. wantedTo)}. The ids themselves may never change: the shard
 *     keeps the reference until the next exchange.
 * @param lossSum sum of the loss over the rows of this step's batch
 * @param lossRows the number of these rows
 */
public record Contribution(
    int partition,
    float[] gradients,
    int gradientsFrom,
    int gradientsTo,
    int[] wanted,
    int wantedFrom,
    int wantedTo,
    double lossSum,
    long lossRows) {

  /** Checks the ranges. */
  public Contribution {
    Objects.checkFromToIndex(gradientsFrom, gradientsTo, gradients.length);
    Objects.checkFromToIndex(wantedFrom, wantedTo, wanted.length);
    if (partition < 0) {
      throw new IllegalArgumentException(
          "Cannot contribute: expected a partition number >= 0, found " + partition);
    }
  }

  /** Makes a contribution without gradients, for a segment's first exchange. */
  public static Contribution opening(int partition, int[] wanted, int from, int to) {
    return new Contribution(partition, new float[0], 0, 0, wanted, from, to, 0, 0);
  }

  /** The number of gradients. */
  public int gradientCount() {
    return gradientsTo - gradientsFrom;
  }

  /** The number of rows that are wanted. */
  public int wantedCount() {
    return wantedTo - wantedFrom;
  }
}
