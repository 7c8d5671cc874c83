package dev.cairn.spark.shard;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The array of one block of a variable or slot, and how many frozen shards still read it. While
 * there is a reader nobody writes to the array. A release happens before any write that it allows.
 */
final class BlockArray {
  final float[] data;
  private final AtomicInteger readers = new AtomicInteger();

  BlockArray(float[] data) {
    this.data = data;
  }

  /** One reader more. Only while writers are kept out. */
  void retain() {
    readers.incrementAndGet();
  }

  /** One reader less. From any thread, at any time. */
  void release() {
    readers.decrementAndGet();
  }

  boolean shared() {
    return readers.get() > 0;
  }
}
