package dev.cairn.jobs.bench;

import java.util.Arrays;
import java.util.Locale;

/** Measured values of one kind, at least one. Immutable. */
final class Samples {
  private final double[] sorted;

  Samples(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("Cannot summarise no values: expected at least one");
    }
    sorted = values.clone();
    Arrays.sort(sorted);
  }

  double min() {
    return sorted[0];
  }

  double max() {
    return sorted[sorted.length - 1];
  }

  /** The middle one; the mean of the two in the middle of an even number. */
  double median() {
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** The smallest value that at least {@code percent} of a hundred do not exceed. */
  double percentile(double percent) {
    int rank = (int) StrictMath.ceil(percent / 100 * sorted.length);
    return sorted[Math.min(Math.max(rank, 1), sorted.length) - 1];
  }

  /** Median, least and largest, such as {@code 1.52 (1.40 .. 1.61) GB/s}. */
  String show(String format, String unit) {
    return String.format(
        Locale.ROOT,
        format + " (" + format + " .. " + format + ") %s",
        median(),
        min(),
        max(),
        unit);
  }
}
