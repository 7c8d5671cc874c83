package dev.cairn.spark.model;

import dev.cairn.checkpoint.model.TestFigures;

/**
 * Adds up a model's results on test rows, in one pass over them and in memory that does not grow
 * with them. Tasks count their rows; their parts are added in a fixed order. Not thread-safe.
 */
public interface TestCounter {
  /** Makes a counter of classes or of numbers, whichever a model predicts. */
  static TestCounter of(Decision decision) {
    if (decision instanceof Decision.Odds odds) {
      return new ProbabilityCounts(odds);
    }
    return decision instanceof Decision.Value number
        ? new NumberSums(number)
        : new ClassCounts(decision);
  }

  /** Whether the loss follows from the scores, so that it need not be computed beside them. */
  default boolean countsLoss() {
    return false;
  }

  /**
   * Counts one row.
   *
   * @param scores the scores of a kernel: this row's begin at {@code from}
   */
  void add(double[] scores, int from, double label);

  /** The counts, to be sent: numbers for {@link #addPart}. */
  long[] part();

  /** Adds the counts of another counter of the same model. */
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
