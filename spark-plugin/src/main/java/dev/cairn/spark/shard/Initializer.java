package dev.cairn.spark.shard;

import java.io.Serializable;

/**
 * The numbers of a variable before training: each is a pure function of its place, so that shards
 * of any owner start with the same bits. Immutable.
 *
 * @param deviation the standard deviation of a normal distribution around 0; 0 for all zeros
 * @param seed the seed of the distribution
 */
public record Initializer(double deviation, long seed) implements Serializable {
  /** All zeros. */
  public static final Initializer ZEROS = new Initializer(0, 0);

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /** Checks the deviation. */
  public Initializer {
    if (!(deviation >= 0 && deviation <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "Cannot initialise a variable: expected a deviation of 0 or a finite number above it,"
              + " found "
              + deviation);
    }
  }

  /** Normally distributed numbers around 0. */
  public static Initializer normal(double deviation, long seed) {
    return new Initializer(deviation, seed);
  }

  /**
   * Writes the numbers from {@code first} on, row after row.
   *
   * @param first the first one's position among all numbers of the variable
   * @param into receives as many numbers as it has room for
   */
  void fill(long first, float[] into) {
    if (deviation == 0) {
      return; // new arrays are zeros
    }
    for (int i = 0; i < into.length; i++) {
      into[i] = (float) (deviation * normal(first + i));
    }
  }

  /**
   * A normally distributed number, by the method of G. E. P. Box and M. E. Muller, Ann. Math. Stat.
   * 29 (1958) 610-611.
   */
  private double normal(long position) {
    long first = mix(seed * GOLDEN + 2 * position + 1);
    long second = mix(seed * GOLDEN + 2 * position + 2);
    double radius = StrictMath.sqrt(-2 * StrictMath.log(((first >>> 11) + 0.5) * 0x1p-53));
    return radius * StrictMath.cos(2 * Math.PI * ((second >>> 11) * 0x1p-53));
  }

  /** The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
  private static long mix(long z) {
    long x = z * GOLDEN;
    x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
    x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
    return x ^ (x >>> 31);
  }
}
