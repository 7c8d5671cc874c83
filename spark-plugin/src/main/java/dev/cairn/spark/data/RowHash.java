package dev.cairn.spark.data;

import org.jspecify.annotations.Nullable;

/**
 * A 64-bit hash of a row's content, the same on every machine and in every run.
 *
 * <p>The hash decides which logical partition a row belongs to and where it stands there, so that
 * the training order is a function of the data alone: not of files, splits, tasks or arrival
 * (invariant I5). The mixing is the finaliser of SplitMix64 (Steele, Lea, Flood, "Fast splittable
 * pseudorandom number generators", OOPSLA 2014).
 */
final class RowHash {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private RowHash() {}

  /** SplitMix64's finaliser: a bijection on 64 bits in which every input bit moves every output. */
  static long mix(long z) {
    long x = z;
    x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
    x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
    return x ^ (x >>> 31);
  }

  /** Mixes a second number into a first. */
  static long mix(long seed, long value) {
    return mix(seed * GOLDEN + mix(value + GOLDEN));
  }

  /**
   * The hash of one row.
   *
   * @param label the label; 0 and 1 hash as whole numbers
   * @param weight the weight; 1 hashes as if rows had no weights
   * @param offset the offset; 0 hashes as if rows had no offsets
   * @param ids feature ids from {@code from} to {@code to}
   * @param values values at the same places, null when all are 1
   */
  static long of(
      float label,
      float weight,
      float offset,
      int[] ids,
      float @Nullable [] values,
      int from,
      int to) {
    long small = (long) label;
    boolean whole = small == label && small >= 0 && small <= Byte.MAX_VALUE;
    long hash = whole ? mix(small + GOLDEN) : mix(GOLDEN, Float.floatToIntBits(label));
    if (weight != 1f) {
      hash = mix(hash, Float.floatToIntBits(weight));
    }
    if (offset != 0f) {
      // Turned round, so that an offset is no weight of the same bits.
      hash = mix(hash, ~(long) Float.floatToIntBits(offset));
    }
    for (int k = from; k < to; k++) {
      // A value of 1 hashes as if values were absent, so both forms of a row agree.
      int bits = values == null ? 0 : Float.floatToIntBits(values[k]) - ONE_BITS;
      hash = mix(hash * GOLDEN + (((long) ids[k] << 32) ^ (bits & 0xFFFFFFFFL)));
    }
    return hash;
  }

  private static final int ONE_BITS = Float.floatToIntBits(1f);
}
