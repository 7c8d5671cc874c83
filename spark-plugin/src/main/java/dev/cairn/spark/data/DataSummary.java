package dev.cairn.spark.data;

import java.io.Serializable;
import java.util.Iterator;
import java.util.Locale;
import scala.Tuple2;

/**
 * A summary of the rows before they are packed: the same in whatever order rows come and parts are
 * added.
 *
 * @param samples the number of rows
 * @param hashSum the sum of the rows' hashes: of the rows as a multiset
 * @param positives the number of rows with label 1
 * @param negatives the number of rows with label 0
 * @param minusOnes the number of rows with label -1
 * @param lowest the lowest label, infinite without rows
 * @param highest the highest label, minus infinity without rows
 * @param heaviest the largest weight, 0 without rows
 * @param lightest the smallest weight, infinite without rows
 * @param offsets the number of rows with an offset other than 0
 * @param numeric the numeric features; none if they were not asked for
 */
record DataSummary(
    long samples,
    long hashSum,
    long positives,
    long negatives,
    long minusOnes,
    float lowest,
    float highest,
    float heaviest,
    float lightest,
    long offsets,
    NumericFeatures numeric)
    implements Serializable {

  /** Makes the summary of these rows. */
  static DataSummary of(Iterator<Tuple2<Integer, RowChunk>> chunks, boolean findNumeric) {
    long samples = 0;
    long hashSum = 0;
    long[] labels = new long[3];
    float lowest = Float.POSITIVE_INFINITY;
    float highest = Float.NEGATIVE_INFINITY;
    float heaviest = 0;
    float lightest = Float.POSITIVE_INFINITY;
    long offsets = 0;
    NumericFeatures.Finder finder = new NumericFeatures.Finder();
    while (chunks.hasNext()) {
      RowChunk chunk = chunks.next()._2;
      samples += chunk.rows();
      hashSum += TrainingData.fingerprint(chunk);
      for (float label : chunk.labels()) {
        if (label == -1 || label == 0 || label == 1) {
          labels[1 + (int) label]++;
        }
        lowest = Math.min(lowest, label);
        highest = Math.max(highest, label);
      }
      for (int i = 0; i < chunk.rows(); i++) {
        heaviest = Math.max(heaviest, chunk.weight(i));
        lightest = Math.min(lightest, chunk.weight(i));
        offsets += chunk.offset(i) == 0 ? 0 : 1;
      }
      if (findNumeric) {
        finder.add(chunk);
      }
    }
    return new DataSummary(
        samples,
        hashSum,
        labels[2],
        labels[1],
        labels[0],
        lowest,
        highest,
        heaviest,
        lightest,
        offsets,
        finder.found());
  }

  /** The summary of these rows and of others. */
  DataSummary plus(DataSummary other) {
    return new DataSummary(
        samples + other.samples,
        hashSum + other.hashSum,
        positives + other.positives,
        negatives + other.negatives,
        minusOnes + other.minusOnes,
        Math.min(lowest, other.lowest),
        Math.max(highest, other.highest),
        Math.max(heaviest, other.heaviest),
        Math.min(lightest, other.lightest),
        offsets + other.offsets,
        numeric.plus(other.numeric));
  }

  /** Whether the rows' weights differ. */
  boolean weighted() {
    return samples > 0 && heaviest != lightest;
  }

  /** Whether there is but one label. */
  boolean oneLabel() {
    return lowest == highest;
  }

  /** The rows as a multiset, as text. */
  String fingerprint() {
    return String.format(Locale.ROOT, "%d-%016x", samples, hashSum);
  }

  /**
   * Refuses rows that cannot be trained on.
   *
   * @throws IllegalArgumentException naming what was expected and found
   */
  void check(int partitions, LabelKind kind) {
    if (samples == 0) {
      throw new IllegalArgumentException(
          "Cannot train: expected rows to train on (of a weight above 0), found none; check the"
              + " input and the split");
    }
    if (samples < partitions) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot train: expected at least one row for each of %d logical partitions, found %d"
                  + " rows; lower train.partitions",
              partitions,
              samples));
    }
    checkLabels(kind);
    numeric.check();
  }

  /**
   * Refuses rows that a model cannot be judged on.
   *
   * @throws IllegalArgumentException naming what was expected and found
   */
  void checkHeldOut(LabelKind kind) {
    if (samples == 0) {
      throw new IllegalArgumentException(
          "Cannot train: expected held-out rows to judge on (of a weight above 0), found none;"
              + " check the validation indicator");
    }
    checkLabels(kind);
  }

  private void checkLabels(LabelKind kind) {
    if (kind == LabelKind.CLASS && minusOnes > 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot train: expected labels that are numbers of classes, from 0 to %.0f, found %d"
                  + " rows of -1; number the classes from 0 on, as StringIndexer does",
              highest,
              minusOnes));
    }
    if (kind == LabelKind.BINARY && negatives > 0 && minusOnes > 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot train: expected labels 0 and 1, or -1 and 1, found %d rows of -1, %d of 0 and"
                  + " %d of 1; make two of them out of the three",
              minusOnes,
              negatives,
              positives));
    }
  }
}
