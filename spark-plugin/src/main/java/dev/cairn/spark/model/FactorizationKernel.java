package dev.cairn.spark.model;

import dev.cairn.spark.data.Batch;
import java.util.Arrays;

/**
 * Factorization machines: one weight a feature in variable 0, a row of factors a feature in
 * variable 1, an intercept in variable 2, and a loss of the margin. The products over all pairs are
 * half the square of the sum less half the sum of the squares, so that a sample takes as many
 * operations as it has features, times the rank. Sums are made in double in the order of the
 * entries and, within one, of the factors.
 */
final class FactorizationKernel implements Kernel {
  private static final int WEIGHTS = 0;
  private static final int FACTORS = 1;
  private static final int BIAS = 2;

  private final int rank;
  private final boolean intercept;
  private final boolean linear;
  private final MarginLoss loss;
  private double[] margins = new double[0];

  /** The sum over the features of value times factor, for each sample and factor. */
  private double[] totals = new double[0];

  private double[] sums = new double[0];

  /**
   * Makes a kernel.
   *
   * @param intercept whether the intercept is trained; if not, it is 0
   * @param linear whether weights are trained; if not, they are 0
   */
  FactorizationKernel(int rank, boolean intercept, boolean linear, MarginLoss loss) {
    this.rank = rank;
    this.intercept = intercept;
    this.linear = linear;
    this.loss = loss;
  }

  @Override
  public void rows(Batch batch, RowSet wanted) {
    if (linear) {
      wanted.features(batch);
    } else {
      wanted.none();
    }
    wanted.features(batch);
    if (intercept) {
      wanted.whole();
    }
  }

  @Override
  public double gradient(Batch batch, RowSet at, float[] values, float[] gradients) {
    if (batch.samples() == 0) {
      return 0;
    }
    at.checkRoom(values.length, gradients.length);
    double lossSum = loss(batch, at, values);
    sums = Scratch.room(sums, at.elements());
    scatter(batch, at, values);
    Scratch.drain(sums, gradients, at.elements());
    return lossSum;
  }

  @Override
  public double loss(Batch batch, RowSet at, float[] values) {
    margins = Scratch.room(margins, batch.samples());
    scores(batch, at, values, margins);
    return loss.derivatives(batch, margins);
  }

  @Override
  public int outputs() {
    return 1;
  }

  @Override
  public void scores(Batch batch, RowSet at, float[] values, double[] scores) {
    totals = Scratch.room(totals, Math.multiplyExact(batch.samples(), rank));
    double bias = intercept && batch.samples() > 0 ? values[at.start(BIAS)] : 0;
    float[] offsets = batch.offsets();
    for (int i = 0; i < batch.samples(); i++) {
      int sample = batch.firstSample() + i;
      double start = offsets == null ? bias : bias + offsets[sample];
      scores[i] = start + margin(batch, at, values, sample, i * rank);
    }
  }

  /** The margin of one sample without intercept and offset; its totals begin at {@code total}. */
  private double margin(Batch batch, RowSet at, float[] values, int sample, int total) {
    int weights = at.start(WEIGHTS);
    int factors = at.start(FACTORS);
    float[] features = batch.values();
    Arrays.fill(totals, total, total + rank, 0);
    double margin = 0;
    double squares = 0;
    for (int k = batch.starts()[sample]; k < batch.starts()[sample + 1]; k++) {
      int column = batch.columns()[k];
      double x = features == null ? 1 : features[k];
      if (linear) {
        margin += x * values[weights + column];
      }
      int row = factors + column * rank;
      for (int f = 0; f < rank; f++) {
        double product = x * values[row + f];
        totals[total + f] += product;
        squares += product * product;
      }
    }
    double squaresOfSums = 0;
    for (int f = 0; f < rank; f++) {
      squaresOfSums += totals[total + f] * totals[total + f];
    }
    return margin + (squaresOfSums - squares) / 2;
  }

  /**
   * Adds every sample's derivatives to {@code sums}, which are 0 before: they lie as values do. By
   * the factor v of a feature of value x it is {@code x (total - x v)}.
   */
  private void scatter(Batch batch, RowSet at, float[] values) {
    int weights = at.start(WEIGHTS);
    int factors = at.start(FACTORS);
    int[] starts = batch.starts();
    float[] features = batch.values();
    int first = batch.firstSample();
    double biasSum = 0;
    for (int i = 0; i < batch.samples(); i++) {
      int total = i * rank;
      for (int k = starts[first + i]; k < starts[first + i + 1]; k++) {
        int column = batch.columns()[k];
        double x = features == null ? 1 : features[k];
        double derivative = x * margins[i];
        if (linear) {
          sums[weights + column] += derivative;
        }
        int row = factors + column * rank;
        for (int f = 0; f < rank; f++) {
          sums[row + f] += derivative * (totals[total + f] - x * values[row + f]);
        }
      }
      biasSum += margins[i];
    }
    if (intercept) {
      sums[at.start(BIAS)] = biasSum;
    }
  }
}
