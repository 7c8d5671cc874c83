package dev.cairn.checkpoint.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Figures of the quality of a model that predicts the probabilities of two labels.
 *
 * @param threshold the probability above which 1 is predicted
 * @param logLoss the mean log loss of the rows, natural logarithm; a row's is at most that of a
 *     probability of 1e-15. NaN if a margin was not finite
 * @param auc area under the ROC curve; empty when all rows have one label: then it is not defined
 * @param tenths the rows by their probability, from 0 to 1; tenths without rows are left out
 */
public record BinaryFigures(
    double threshold, double logLoss, OptionalDouble auc, List<Tenth> tenths)
    implements TestFigures {

  /**
   * Rows of like probability.
   *
   * @param number 0 for probabilities below 0.1, 9 for those from 0.9 on
   * @param rows the number of rows
   * @param positives the number of those of label 1
   * @param probabilities the sum of their probabilities of label 1
   * @param predicted the number of those that are predicted to be 1
   * @param hits the number of those that are predicted to be 1 and are
   */
  public record Tenth(
      int number, long rows, long positives, double probabilities, long predicted, long hits) {

    /** Checks the numbers. */
    public Tenth {
      boolean counts =
          positives >= 0 && positives <= rows && predicted >= 0 && predicted <= rows && hits >= 0;
      if (number < 0 || number > 9 || !counts || hits > Math.min(positives, predicted)) {
        throw new IllegalArgumentException(
            "Cannot describe rows of like probability: tenth "
                + number
                + " with "
                + List.of(rows, positives, predicted, hits)
                + " rows, positives, predicted, hits");
      }
    }

    private Map<String, Object> fields() {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("tenth", number);
      fields.put("rows", rows);
      fields.put("positive", positives);
      fields.put("probabilities", probabilities);
      fields.put("predicted", predicted);
      fields.put("hits", hits);
      return fields;
    }
  }

  /** Copies the list. */
  public BinaryFigures {
    tenths = List.copyOf(tenths);
  }

  @Override
  public double loss() {
    return logLoss;
  }

  @Override
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("rows", rows());
    fields.put("positive", positives());
    fields.put("logLoss", logLoss);
    auc.ifPresent(area -> fields.put("auc", area));
    fields.put("threshold", threshold);
    precision().ifPresent(share -> fields.put("precision", share));
    recall().ifPresent(share -> fields.put("recall", share));
    f1().ifPresent(share -> fields.put("f1", share));
    fields.put("calibration", tenths.stream().map(Tenth::fields).toList());
    return fields;
  }

  @Override
  public long rows() {
    return tenths.stream().mapToLong(Tenth::rows).sum();
  }

  /** The number of rows that have label 1. */
  public long positives() {
    return tenths.stream().mapToLong(Tenth::positives).sum();
  }

  /** The number of rows that are predicted to be 1. */
  public long predicted() {
    return tenths.stream().mapToLong(Tenth::predicted).sum();
  }

  /** The number of rows that are predicted to be 1 and are. */
  public long hits() {
    return tenths.stream().mapToLong(Tenth::hits).sum();
  }

  /** The share of hits among what is predicted to be 1; empty if nothing is. */
  public OptionalDouble precision() {
    return share(hits(), predicted());
  }

  /** The share of hits among the rows of label 1; empty if there are none. */
  public OptionalDouble recall() {
    return share(hits(), positives());
  }

  /**
   * The harmonic mean of precision and recall; empty if there are neither positives of any kind.
   */
  public OptionalDouble f1() {
    return share(2 * hits(), predicted() + positives());
  }

  private static OptionalDouble share(long part, long whole) {
    return whole == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) part / whole);
  }
}
