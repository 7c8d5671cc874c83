package dev.cairn.spark.model;

import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.spark.data.LabelKind;
import java.util.function.DoubleUnaryOperator;

/**
 * Adds up how a model does on test rows, in one pass over them and in memory that does not grow
 * with them. Tasks count their rows; their parts are added in a fixed order. Not thread-safe.
 */
public interface TestCounter {
  /**
   * A counter of classes or of numbers, as labels are.
   *
   * @param outputs how many scores a row has: of classes 1 for two of them, else one for each
   * @param threshold for two classes of one score
   * @param prediction of numbers: what is predicted of a score
   */
  static TestCounter of(
      LabelKind labels, int outputs, double threshold, DoubleUnaryOperator prediction) {
    return switch (labels) {
      case BINARY, CLASS, CLASS_OR_SIGN -> new ClassCounts(outputs, threshold);
      case NUMBER, COUNT -> new NumberSums(prediction);
    };
  }

  /** Whether the loss follows from the scores, so that nobody needs to compute it beside them. */
  default boolean countsLoss() {
    return false;
  }

  /**
   * Counts one row.
   *
   * @param scores of a kernel: this row's begin at {@code from}
   */
  void add(double[] scores, int from, double label);

  /** What was counted, to be sent: numbers that {@link #addPart} understands. */
  long[] part();

  /** Counts what another counter of the same model has counted. */
  void addPart(long[] part);

  /**
   * The figures.
   *
   * @param loss the mean of a row; of no matter where the counter {@linkplain #countsLoss counts}
   *     it
   * @throws IllegalStateException if no row was counted
   */
  TestFigures figures(double loss);
}
