package dev.cairn.spark.model;

import dev.cairn.spark.data.Batch;
import java.util.Locale;

/**
 * The logistic loss {@code log(1 + exp(-y m))}, y = -1 or 1, of the margin m = w x + bias, and its
 * gradient on one batch, both as sums over the samples, each times its weight. Computed in double
 * in a fixed order, with {@link StrictMath} where Java leaves {@link Math} a choice: the same bits
 * on every machine. Keeps scratch memory for the largest batch seen; not thread-safe.
 */
public final class LogisticLoss {
  /** A product of this many factors, each in [1, 2], is far below the largest double, 2^1024. */
  private static final int FACTORS = 512;

  private double[] sums = new double[0];
  private double[] residuals = new double[0];

  /**
   * Computes the loss and the gradient of one batch.
   *
   * @param values current values of the batch's rows, one number for each distinct row
   * @param gradients receives one number for each distinct row
   * @return the sum of the samples' losses, 0 or more; NaN if and only if a margin is not finite,
   *     that is: if training has diverged
   */
  public double gradient(Batch batch, float[] values, float[] gradients) {
    int distinct = batch.distinctRows();
    if (batch.samples() == 0) {
      return 0;
    }
    if (values.length < distinct || gradients.length < distinct) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot compute gradient: expected room for %d rows, found %d values, %d gradients",
              distinct,
              values.length,
              gradients.length));
    }
    if (sums.length < distinct) {
      sums = new double[distinct + distinct / 8];
    }
    double loss = lossAndResiduals(batch, values);
    scatter(batch, residuals, sums);
    for (int i = 0; i < distinct; i++) {
      gradients[i] = (float) sums[i];
      sums[i] = 0;
    }
    return loss;
  }

  /**
   * Computes the loss of one batch, as {@link #gradient} does.
   *
   * @param values current values of the batch's rows, one number for each distinct row
   */
  public double loss(Batch batch, float[] values) {
    return batch.samples() == 0 ? 0 : lossAndResiduals(batch, values);
  }

  /** Counts how each sample of a batch is told; its weight makes no difference. */
  public void count(Batch batch, float[] values, TestCounts counts) {
    if (batch.samples() == 0) {
      return;
    }
    if (residuals.length < batch.samples()) {
      residuals = new double[batch.samples() + batch.samples() / 8];
    }
    margins(batch, values, residuals);
    for (int i = 0; i < batch.samples(); i++) {
      counts.add(residuals[i], batch.labels()[batch.firstSample() + i] != 0);
    }
  }

  private double lossAndResiduals(Batch batch, float[] values) {
    if (residuals.length < batch.samples()) {
      residuals = new double[batch.samples() + batch.samples() / 8];
    }
    margins(batch, values, residuals);
    float[] weights = batch.weights();
    return weights == null
        ? residuals(batch.labels(), batch.firstSample(), batch.samples(), residuals)
        : residuals(batch.labels(), weights, batch.firstSample(), batch.samples(), residuals);
  }

  /**
   * Computes the margin of every sample of a batch.
   *
   * @param weights current values of the batch's rows, the intercept last if there is one
   * @param margins receives one number for each sample
   */
  static void margins(Batch batch, float[] weights, double[] margins) {
    int[] columns = batch.columns();
    int[] starts = batch.starts();
    float[] features = batch.values();
    double bias = batch.intercept() ? weights[batch.distinctRows() - 1] : 0;
    double[] offsets = batch.offsets();
    for (int c = 0; c < offsets.length; c++) {
      bias -= offsets[c] * weights[batch.centredPlaces()[batch.centredFrom() + c]];
    }
    int first = batch.firstSample();
    for (int i = 0; i < batch.samples(); i++) {
      int to = starts[first + i + 1];
      double margin = bias;
      if (features == null) {
        for (int k = starts[first + i]; k < to; k++) {
          margin += weights[columns[k]];
        }
      } else {
        for (int k = starts[first + i]; k < to; k++) {
          margin += (double) features[k] * weights[columns[k]];
        }
      }
      margins[i] = margin;
    }
  }

  /**
   * Replaces margins by the derivatives of the loss by them, and returns the sum of the losses.
   *
   * <p>The sum of {@code log(1 + e)} is the logarithm of a product: one logarithm for {@value
   * #FACTORS} samples, with an error of the order of the sum's own rounding (a sample's loss may
   * change by about 1e-16).
   */
  private static double residuals(byte[] labels, int first, int samples, double[] margins) {
    double linear = 0;
    double logs = 0;
    double product = 1;
    for (int i = 0; i < samples; i++) {
      boolean positive = labels[first + i] != 0;
      // How far the margin lies on the wrong side: the loss is log(1 + exp(wrong)).
      double wrong = positive ? -margins[i] : margins[i];
      double e = StrictMath.exp(-Math.abs(wrong));
      double error = (wrong >= 0 ? 1 : e) / (1 + e);
      margins[i] = positive ? -error : error;
      linear += Math.max(wrong, 0) + 0 * wrong; // the second is NaN for an infinite margin
      product *= 1 + e;
      if ((i + 1) % FACTORS == 0) {
        logs += StrictMath.log(product);
        product = 1;
      }
    }
    return linear + (logs + StrictMath.log(product));
  }

  /** As the other for samples that count more or less than 1: one logarithm for each. */
  private static double residuals(
      byte[] labels, float[] weights, int first, int samples, double[] margins) {
    double loss = 0;
    for (int i = 0; i < samples; i++) {
      boolean positive = labels[first + i] != 0;
      double weight = weights[first + i];
      double wrong = positive ? -margins[i] : margins[i];
      double e = StrictMath.exp(-Math.abs(wrong));
      double error = weight * ((wrong >= 0 ? 1 : e) / (1 + e));
      margins[i] = positive ? -error : error;
      loss += weight * (Math.max(wrong, 0) + 0 * wrong + StrictMath.log1p(e));
    }
    return loss;
  }

  /** Adds every sample's residual times its features to {@code sums}, which are 0 before. */
  private static void scatter(Batch batch, double[] residuals, double[] sums) {
    int[] columns = batch.columns();
    int[] starts = batch.starts();
    float[] features = batch.values();
    int first = batch.firstSample();
    double biasSum = 0;
    for (int i = 0; i < batch.samples(); i++) {
      int to = starts[first + i + 1];
      double residual = residuals[i];
      if (features == null) {
        for (int k = starts[first + i]; k < to; k++) {
          sums[columns[k]] += residual;
        }
      } else {
        for (int k = starts[first + i]; k < to; k++) {
          sums[columns[k]] += residual * features[k];
        }
      }
      biasSum += residual;
    }
    if (batch.intercept()) {
      sums[batch.distinctRows() - 1] = biasSum;
    }
    double[] offsets = batch.offsets();
    for (int c = 0; c < offsets.length; c++) {
      sums[batch.centredPlaces()[batch.centredFrom() + c]] -= offsets[c] * biasSum;
    }
  }
}
