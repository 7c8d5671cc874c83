package dev.cairn.jobs.data;

/**
 * The number of rows of a part of the data.
 *
 * @param rows the number of all rows
 * @param positive the number of rows with label 1
 */
public record Counts(long rows, long positive) {
  /** The share of label 1, between 0 and 1; NaN without rows. */
  public double rate() {
    return (double) positive / rows;
  }

  /** The number of batches of so many rows, at least 1: the steps of an epoch. */
  public long batches(int batchRows) {
    return Math.max(1, (rows + batchRows - 1) / batchRows);
  }

  /** The log loss on these rows of a model that always answers {@code rate}. */
  public double logLossOfConstant(double rate) {
    double bounded = Math.min(Math.max(rate, 1e-15), 1 - 1e-15);
    return -(rate() * StrictMath.log(bounded) + (1 - rate()) * StrictMath.log(1 - bounded));
  }

  /**
   * The parts of the data.
   *
   * @param train the rows to train on
   * @param test the rows to judge the model by, at the end
   * @param validation the number of rows that judge it while it is trained
   */
  public record Split(Counts train, Counts test, long validation) {
    /** Makes parts without validation rows. */
    public Split(Counts train, Counts test) {
      this(train, test, 0);
    }
  }
}
