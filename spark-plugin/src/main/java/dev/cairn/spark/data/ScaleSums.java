package dev.cairn.spark.data;

import dev.cairn.checkpoint.model.FeatureScales;
import java.io.Serializable;
import java.math.BigInteger;

/**
 * The sums over all rows from which standard deviations follow: of the weights w and their squares,
 * and for each numeric feature with value x of {@code w x} and {@code w x^2}, and of the weights of
 * the values of 1 where all others are smaller.
 *
 * <p>They are whole numbers of 128 bits: each term is divided by a power of two above all terms of
 * its sum and then counted in units of 2^-62. So the sums are exact, and in whatever order rows
 * come and parts are added, the bits are the same (invariant I5); the largest cancellation that
 * float values can bring about leaves correct digits. A feature takes 64 bytes. Not thread-safe.
 */
final class ScaleSums implements Serializable {
  private static final long serialVersionUID = 1;
  private static final int UNIT_BITS = 62;
  private static final double UNITS = 0x1p62;

  /**
   * The bits of a square below which a feature is constant: a deviation below 2^-23 of its size (as
   * a root mean square), since a float has no more digits.
   */
  private static final int CONSTANT_BITS = 46;

  private static final int WEIGHT = 0;
  private static final int SQUARED_WEIGHT = 1;
  private static final int FIRST_FEATURE = 2;

  /**
   * The number of sums of a feature: of values, of squares, of weights of ones, of weights where it
   * is not 0.
   */
  private static final int SUMS = 4;

  private final NumericFeatures features;
  private final int weightExponent;
  private final long[] low;
  private final long[] high;

  /**
   * Makes the sums of no rows.
   *
   * @param features the numeric features of all rows
   * @param heaviest the largest weight of all rows
   */
  ScaleSums(NumericFeatures features, float heaviest) {
    this.features = features;
    this.weightExponent = exponent(heaviest);
    this.low = new long[FIRST_FEATURE + SUMS * features.ids().length];
    this.high = new long[low.length];
  }

  /** The power of two above a number; 0 for 1, so that its unit is exact. */
  private static int exponent(float number) {
    return number == 1f ? 0 : Math.getExponent((double) number) + 1;
  }

  /** Adds rows. */
  void add(RowChunk rows) {
    double weightScale = Math.scalb(1.0, -weightExponent);
    double[] scales = new double[features.ids().length];
    for (int f = 0; f < scales.length; f++) {
      scales[f] = Math.scalb(1.0, -exponent(features.largest()[f]));
    }
    for (int i = 0; i < rows.rows(); i++) {
      double weight = rows.weight(i) * weightScale;
      add(WEIGHT, weight);
      add(SQUARED_WEIGHT, weight * weight);
      int f = 0;
      for (int k = rows.starts()[i]; k < rows.starts()[i + 1]; k++) {
        int at = features.find(rows.ids()[k], f);
        if (at < 0) {
          f = -at - 1;
          continue;
        }
        add(FIRST_FEATURE + SUMS * at, weight, rows.value(k), scales[at]);
        f = at + 1;
      }
    }
  }

  private void add(int sum, double weight, float number, double scale) {
    add(sum + 3, weight);
    if (number == 1f && scale > 1) { // above all that the scale was made for
      add(sum + 2, weight);
    } else {
      double value = number * scale;
      double first = weight * value;
      add(sum, first);
      add(sum + 1, first * value);
    }
  }

  private void add(int sum, double term) {
    long units = (long) (term * UNITS);
    long after = low[sum] + units;
    high[sum] += (units >> 63) + (Long.compareUnsigned(after, units) < 0 ? 1 : 0);
    low[sum] = after;
  }

  /** Adds the sums of other rows. */
  ScaleSums plus(ScaleSums other) {
    for (int i = 0; i < low.length; i++) {
      long after = low[i] + other.low[i];
      high[i] += other.high[i] + (Long.compareUnsigned(after, other.low[i]) < 0 ? 1 : 0);
      low[i] = after;
    }
    return this;
  }

  private BigInteger sum(int i) {
    BigInteger lower = new BigInteger(Long.toUnsignedString(low[i]));
    return BigInteger.valueOf(high[i]).shiftLeft(64).add(lower);
  }

  /** The factor of each weight that makes weights add up to the number of rows. */
  double weightFactor(long rows) {
    return Math.scalb(rows / sum(WEIGHT).doubleValue(), UNIT_BITS - weightExponent);
  }

  /**
   * The standard deviations: unbiased, with weights as reliabilities, as MLlib's Summarizer has
   * them; 0 for constant features.
   *
   * @param centre whether features that are not 0 in half of the rows, by weight, get their means,
   *     too: others would cost the rows their sparseness
   */
  FeatureScales scales(boolean centre) {
    BigInteger weights = sum(WEIGHT);
    // (W - W2 / W) W, which for n rows of weight 1 is (n - 1) n.
    double divisor =
        weights.multiply(weights).subtract(sum(SQUARED_WEIGHT).shiftLeft(UNIT_BITS)).doubleValue();
    double[] scales = new double[features.ids().length];
    double[] means = new double[scales.length];
    for (int f = 0; f < scales.length; f++) {
      int at = FIRST_FEATURE + SUMS * f;
      int exponent = exponent(features.largest()[f]);
      BigInteger ones = sum(at + 2); // none if the exponent is above 0
      BigInteger first = sum(at).add(ones.shiftLeft(-exponent));
      BigInteger size = sum(at + 1).add(ones.shiftLeft(-2 * exponent)).multiply(weights);
      BigInteger spread = size.subtract(first.multiply(first));
      if (divisor > 0 && spread.compareTo(size.shiftRight(CONSTANT_BITS)) > 0) {
        double variance = spread.doubleValue() / divisor;
        scales[f] = Math.scalb(Math.sqrt(variance), exponent);
        if (centre && sum(at + 3).shiftLeft(1).compareTo(weights) >= 0) {
          means[f] = Math.scalb(first.doubleValue() / weights.doubleValue(), exponent);
        }
      }
    }
    return new FeatureScales(features.ids(), scales, means);
  }
}
