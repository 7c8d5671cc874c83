package dev.cairn.spark.model;

import dev.cairn.checkpoint.model.NumberFigures;
import java.util.OptionalDouble;

/**
 * Adds up the errors of predicted numbers. The sums are doubles: they are the same bits when rows
 * are counted, and parts added, in the same order. The variance of labels is summed by B. P.
 * Welford's method (Technometrics 4 (1962) 419-420), and parts are put together as T. F. Chan, G.
 * H. Golub and R. J. LeVeque do (COMPSTAT 1982), so that labels far from 0 lose no digits. Not
 * thread-safe.
 */
final class NumberSums implements TestCounter {
  private final Decision.Value decision;
  private long rows;
  private double squares;
  private double absolutes;
  private double meanLabel;
  private double labelSquares;

  /**
   * Makes one with all sums 0.
   *
   * @param decision the rule that makes a prediction of a margin
   */
  NumberSums(Decision.Value decision) {
    this.decision = decision;
  }

  @Override
  public void add(double[] scores, int from, double label) {
    double error = decision.of(scores, from) - label;
    rows++;
    squares += error * error;
    absolutes += Math.abs(error);
    double before = label - meanLabel;
    meanLabel += before / rows;
    labelSquares += before * (label - meanLabel);
  }

  @Override
  public long[] part() {
    return new long[] {rows, bits(squares), bits(absolutes), bits(meanLabel), bits(labelSquares)};
  }

  private static long bits(double sum) {
    return Double.doubleToRawLongBits(sum);
  }

  @Override
  public void addPart(long[] part) {
    long more = part[0];
    if (more == 0) {
      return;
    }
    long all = rows + more;
    double apart = Double.longBitsToDouble(part[3]) - meanLabel;
    labelSquares += Double.longBitsToDouble(part[4]) + apart * apart * ((double) rows * more / all);
    meanLabel += apart * more / all;
    rows = all;
    squares += Double.longBitsToDouble(part[1]);
    absolutes += Double.longBitsToDouble(part[2]);
  }

  @Override
  public NumberFigures figures(double loss) {
    if (rows == 0) {
      throw new IllegalStateException("Cannot judge a model: expected rows, found none");
    }
    return new NumberFigures(
        rows,
        loss,
        squares / rows,
        absolutes / rows,
        labelSquares == 0 ? OptionalDouble.empty() : OptionalDouble.of(1 - squares / labelSquares));
  }
}
