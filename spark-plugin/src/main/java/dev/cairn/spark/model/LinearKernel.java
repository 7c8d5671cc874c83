package dev.cairn.spark.model;

import dev.cairn.spark.data.Batch;

/**
 * Linear models: one weight a feature in variable 0, whose numbers come first, an intercept in
 * variable 1, the margin {@code w x + bias + offset}, and a loss of that. Sums are made in double
 * in the order of the entries.
 */
final class LinearKernel implements Kernel {
  private static final int BIAS = 1;

  private final MarginLoss loss;
  private final boolean intercept;
  private double[] sums = new double[0];
  private double[] margins = new double[0];

  /**
   * Makes a kernel.
   *
   * @param intercept whether the intercept is trained; if not, it is 0
   */
  LinearKernel(MarginLoss loss, boolean intercept) {
    this.loss = loss;
    this.intercept = intercept;
  }

  @Override
  public void rows(Batch batch, RowSet wanted) {
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
    sums = Scratch.room(sums, batch.distinct());
    double lossSum = loss.derivatives(batch, margins(batch, at, values));
    double biasSum = scatter(batch, margins, sums);
    Scratch.drain(sums, gradients, batch.distinct());
    if (intercept) {
      gradients[at.start(BIAS)] = (float) biasSum;
    }
    return lossSum;
  }

  @Override
  public double loss(Batch batch, RowSet at, float[] values) {
    return batch.samples() == 0 ? 0 : loss.derivatives(batch, margins(batch, at, values));
  }

  @Override
  public int outputs() {
    return 1;
  }

  @Override
  public void scores(Batch batch, RowSet at, float[] values, double[] scores) {
    if (batch.samples() > 0) {
      margins(batch, at, values, scores);
    }
  }

  private double[] margins(Batch batch, RowSet at, float[] values) {
    margins = Scratch.room(margins, batch.samples());
    margins(batch, at, values, margins);
    return margins;
  }

  private void margins(Batch batch, RowSet at, float[] weights, double[] into) {
    int[] columns = batch.columns();
    int[] starts = batch.starts();
    float[] features = batch.values();
    double bias = intercept ? weights[at.start(BIAS)] : 0;
    double[] shifts = batch.shifts();
    for (int c = 0; c < shifts.length; c++) {
      bias -= shifts[c] * weights[batch.centredPlaces()[batch.centredFrom() + c]];
    }
    float[] offsets = batch.offsets();
    int first = batch.firstSample();
    for (int i = 0; i < batch.samples(); i++) {
      int to = starts[first + i + 1];
      double margin = offsets == null ? bias : bias + offsets[first + i];
      if (features == null) {
        for (int k = starts[first + i]; k < to; k++) {
          margin += weights[columns[k]];
        }
      } else {
        for (int k = starts[first + i]; k < to; k++) {
          margin += (double) features[k] * weights[columns[k]];
        }
      }
      into[i] = margin;
    }
  }

  /**
   * Adds every sample's derivative times its features to {@code sums}, which are 0 before.
   *
   * @return the sum for the intercept
   */
  private static double scatter(Batch batch, double[] derivatives, double[] sums) {
    int[] columns = batch.columns();
    int[] starts = batch.starts();
    float[] features = batch.values();
    int first = batch.firstSample();
    double biasSum = 0;
    for (int i = 0; i < batch.samples(); i++) {
      int to = starts[first + i + 1];
      double derivative = derivatives[i];
      if (features == null) {
        for (int k = starts[first + i]; k < to; k++) {
          sums[columns[k]] += derivative;
        }
      } else {
        for (int k = starts[first + i]; k < to; k++) {
          sums[columns[k]] += derivative * features[k];
        }
      }
      biasSum += derivative;
    }
    double[] shifts = batch.shifts();
    for (int c = 0; c < shifts.length; c++) {
      sums[batch.centredPlaces()[batch.centredFrom() + c]] -= shifts[c] * biasSum;
    }
    return biasSum;
  }
}
