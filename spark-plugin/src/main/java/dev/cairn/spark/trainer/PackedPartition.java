package dev.cairn.spark.trainer;

import java.io.Serializable;

/**
 * The samples of one logical partition, shuffled and cut into the batches of an epoch. Immutable,
 * thread-safe; a plain class of plain arrays, so that Spark can cache it with Kryo.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class PackedPartition implements Serializable {
  private static final long serialVersionUID = 1;

  PackedPartition() {}

  /** The logical partition. */
  public int partition() {
    throw new UnsupportedOperationException();
  }

  /** Batches of an epoch, the same for all partitions. */
  public int batches() {
    throw new UnsupportedOperationException();
  }

  /** Samples of this partition. */
  public int samples() {
    throw new UnsupportedOperationException();
  }

  /** Batch {@code index}, {@code 0 <= index < batches()}: a view, nothing is copied. */
  public Batch batch(int index) {
    throw new UnsupportedOperationException();
  }

  /** Fingerprint of the labels, ids and values in the order in which they were fed. */
  public long fingerprint() {
    throw new UnsupportedOperationException();
  }

  /** Bytes of all arrays. */
  public long bytes() {
    throw new UnsupportedOperationException();
  }
}
