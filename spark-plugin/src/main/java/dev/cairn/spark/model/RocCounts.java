package dev.cairn.spark.model;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * Computes the area under the ROC curve in one pass over rows, by counting margins in classes: a
 * sign, a power of 2 and the {@value #FRACTION_BITS} bits after the leading one; rows of a class
 * are taken as equal. That changes the area by a few 1e-5 at most, less with more rows, unless
 * margins crowd together within a thousandth of themselves. Margins below 2^-20 are one class,
 * those from 2^10 on another. Not thread-safe.
 */
final class RocCounts {
  private static final int FRACTION_BITS = 10;
  private static final long LOWEST = classBits(0x1p-20);
  private static final int CLASSES = (int) (classBits(0x1p10) - LOWEST) + 1;

  /**
   * The numbers of rows by class of their margins, from the lowest on; first those of label 0, then
   * of 1.
   */
  private final long[] classes = new long[2 * 2 * CLASSES];

  private static long classBits(double magnitude) {
    return Double.doubleToRawLongBits(magnitude) >>> (52 - FRACTION_BITS);
  }

  /** The class of a margin, which ascends with it. */
  private static int classOf(double margin) {
    long above = Math.max(0, classBits(Math.abs(margin)) - LOWEST);
    int place = (int) Math.min(CLASSES - 1, above);
    return margin < 0 ? CLASSES - 1 - place : CLASSES + place;
  }

  /** Counts a row whose margin is finite. */
  void add(double margin, boolean positive) {
    classes[(positive ? 2 * CLASSES : 0) + classOf(margin)]++;
  }

  /**
   * These numbers, then the counts: place and count of each class that occurs. Most classes do not.
   */
  long[] after(long... numbers) {
    int used = (int) Arrays.stream(classes).filter(count -> count != 0).count();
    long[] all = Arrays.copyOf(numbers, numbers.length + 2 * used);
    int next = numbers.length;
    for (int i = 0; i < classes.length; i++) {
      if (classes[i] != 0) {
        all[next++] = i;
        all[next++] = classes[i];
      }
    }
    return all;
  }

  /** Adds the counts of another one, from a place in these numbers to their end. */
  void add(long[] numbers, int from) {
    for (int i = from; i < numbers.length; i += 2) {
      classes[(int) numbers[i]] += numbers[i + 1];
    }
  }

  /**
   * The share of pairs, of one row of each label, that the margins put in order, half for ties;
   * empty if all rows have one label.
   */
  OptionalDouble area() {
    double inOrder = 0;
    double negatives = 0;
    double positives = 0;
    for (int i = 0; i < 2 * CLASSES; i++) {
      inOrder += classes[2 * CLASSES + i] * (negatives + 0.5 * classes[i]);
      negatives += classes[i];
      positives += classes[2 * CLASSES + i];
    }
    return negatives == 0 || positives == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(inOrder / negatives / positives);
  }
}
