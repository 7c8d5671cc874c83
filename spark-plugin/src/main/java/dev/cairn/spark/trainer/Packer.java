package dev.cairn.spark.trainer;

import org.jspecify.annotations.Nullable;

/** Collects the samples of one logical partition and packs them. Not thread-safe. */
@SuppressWarnings("DoNotCallSuggester")
public final class Packer {

  /**
   * A packer for one partition.
   *
   * @param seed of the whole run
   * @param partition logical partition
   * @param features feature ids are in {@code [0, features)}; they are the global row ids too
   * @param intercept whether global row {@code features} is an intercept, touched by every sample
   */
  public Packer(long seed, int partition, int features, boolean intercept) {
    throw new UnsupportedOperationException();
  }

  /**
   * Adds a sample; the arrays are copied.
   *
   * @param label 0 or 1
   * @param ids feature ids in any order, in {@code [0, count)} of the array
   * @param values beside {@code ids}, or null when all are 1
   * @throws IllegalArgumentException for another label, an id out of range, or a value that is not
   *     a finite float
   */
  public void add(double label, int[] ids, double @Nullable [] values, int count) {
    throw new UnsupportedOperationException();
  }

  /** Samples added so far. */
  public int samples() {
    throw new UnsupportedOperationException();
  }

  /** Fingerprint of the samples added so far, in order. */
  public long fingerprint() {
    throw new UnsupportedOperationException();
  }

  /**
   * Shuffles and packs; this packer is empty afterwards.
   *
   * @param batches batches of an epoch, 1 or more, the same for all partitions
   */
  public PackedPartition pack(int batches) {
    throw new UnsupportedOperationException();
  }
}
