package dev.cairn.spark.model;

import dev.cairn.checkpoint.model.TestFigures;

/**
 * Adds up how a model does on test rows, in one pass over them and in memory that does not grow
 * with them. Tasks count their rows; their parts are added in a fixed order. Not thread-safe.
 */
public interface TestCounter {
  /** A counter of classes or of numbers: of what a model predicts. */
  static TestCounter of(Decision decision) {
    if (decision instanceof Decision.Odds odds) {
      return new ProbabilityCounts(odds);
    }
    return decision instanceof Decision.Value number
        ? new NumberSums(number)
        : new ClassCounts(decision);
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
