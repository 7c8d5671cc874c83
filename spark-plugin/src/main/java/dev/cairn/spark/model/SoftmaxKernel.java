package dev.cairn.spark.model;

import dev.cairn.spark.data.Batch;
import java.util.Arrays;

/**
 * Multinomial logistic regression: a row of weights a feature in variable 0, whose numbers come
 * first, intercepts in variable 1, a margin for each class, and the loss {@code log(sum of exp(m))
 * - m[label]}. Sums are made in double in the order of the entries and, within one, of the classes.
 */
final class SoftmaxKernel implements Kernel {
  private static final int BIAS = 1;

  private final int classes;
  private final boolean intercept;
  private final double[] bias;
  private double[] margins = new double[0];
  private double[] sums = new double[0];

  /**
   * Makes a kernel.
   *
   * @param intercept whether intercepts are trained; if not, they are 0
   */
  SoftmaxKernel(int classes, boolean intercept) {
    this.classes = classes;
    this.intercept = intercept;
    this.bias = new double[classes];
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
    double loss = loss(batch, at, values);
    sums = Scratch.room(sums, at.elements());
    scatter(batch, at);
    Scratch.drain(sums, gradients, at.elements());
    return loss;
  }

  @Override
  public double loss(Batch batch, RowSet at, float[] values) {
    margins = Scratch.room(margins, Math.multiplyExact(batch.samples(), classes));
    scores(batch, at, values, margins);
    return derivatives(batch);
  }

  @Override
  public int outputs() {
    return classes;
  }

  @Override
  public void scores(Batch batch, RowSet at, float[] values, double[] scores) {
    if (batch.samples() == 0) {
      return;
    }
    int[] columns = batch.columns();
    int[] starts = batch.starts();
    float[] features = batch.values();
    int first = batch.firstSample();
    bias(batch, at, values);
    for (int i = 0; i < batch.samples(); i++) {
      int into = i * classes;
      System.arraycopy(bias, 0, scores, into, classes);
      for (int k = starts[first + i]; k < starts[first + i + 1]; k++) {
        double x = features == null ? 1 : features[k];
        int row = columns[k] * classes;
        for (int c = 0; c < classes; c++) {
          scores[into + c] += x * values[row + c];
        }
      }
    }
  }

  /** The margins of a sample without features: intercepts less the centred features' share. */
  private void bias(Batch batch, RowSet at, float[] values) {
    int start = at.start(BIAS);
    for (int c = 0; c < classes; c++) {
      bias[c] = intercept ? values[start + c] : 0;
    }
    double[] shifts = batch.shifts();
    for (int o = 0; o < shifts.length; o++) {
      int row = batch.centredPlaces()[batch.centredFrom() + o] * classes;
      for (int c = 0; c < classes; c++) {
        bias[c] -= shifts[o] * values[row + c];
      }
    }
  }

  /** Replaces the margins by the derivatives, each times its sample's weight. */
  private double derivatives(Batch batch) {
    float[] weights = batch.weights();
    int first = batch.firstSample();
    double sum = 0;
    for (int i = 0; i < batch.samples(); i++) {
      double weight = weights == null ? 1 : weights[first + i];
      sum += weight * derivatives(label(batch.labels()[first + i]), weight, i * classes);
    }
    return sum;
  }

  private int label(float label) {
    if (!(label >= 0 && label < classes)) {
      throw new IllegalArgumentException(
          "Cannot compute loss: expected labels from 0 to " + (classes - 1) + ", found " + label);
    }
    return (int) label;
  }

  /** Does the same for one sample, whose margins begin at {@code from}. */
  private double derivatives(int label, double weight, int from) {
    double highest = margins[from];
    double broken = 0; // NaN for an infinite margin
    for (int c = 0; c < classes; c++) {
      highest = Math.max(highest, margins[from + c]);
      broken += 0 * margins[from + c];
    }
    double behind = highest - margins[from + label];
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      double e = StrictMath.exp(margins[from + c] - highest);
      margins[from + c] = e;
      sum += e;
    }
    for (int c = 0; c < classes; c++) {
      double probability = margins[from + c] / sum;
      margins[from + c] = weight * (c == label ? probability - 1 : probability);
    }
    return behind + StrictMath.log(sum) + broken;
  }

  /** Adds every sample's derivatives times its features to {@code sums}, which are 0 before. */
  private void scatter(Batch batch, RowSet at) {
    int[] columns = batch.columns();
    int[] starts = batch.starts();
    float[] features = batch.values();
    int first = batch.firstSample();
    double[] biasSums = bias; // which the margins have already
    Arrays.fill(biasSums, 0);
    for (int i = 0; i < batch.samples(); i++) {
      int from = i * classes;
      for (int k = starts[first + i]; k < starts[first + i + 1]; k++) {
        double x = features == null ? 1 : features[k];
        int row = columns[k] * classes;
        for (int c = 0; c < classes; c++) {
          sums[row + c] += x * margins[from + c];
        }
      }
      for (int c = 0; c < classes; c++) {
        biasSums[c] += margins[from + c];
      }
    }
    double[] shifts = batch.shifts();
    for (int o = 0; o < shifts.length; o++) {
      int row = batch.centredPlaces()[batch.centredFrom() + o] * classes;
      for (int c = 0; c < classes; c++) {
        sums[row + c] -= shifts[o] * biasSums[c];
      }
    }
    if (intercept) {
      System.arraycopy(biasSums, 0, sums, at.start(BIAS), classes);
    }
  }
}
