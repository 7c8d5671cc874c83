package dev.cairn.spark.model;

import dev.cairn.spark.data.Batch;
import dev.cairn.spark.data.LabelKind;

/**
 * The logistic loss {@code log(1 + exp(-y m))}, y = -1 or 1, of a margin m. NaN if and only if a
 * margin is not finite.
 */
public record LogisticLoss() implements MarginLoss {
  private static final long serialVersionUID = 1;

  /**
   * The number of factors in a product: with each in [1, 2], it is far below the largest double,
   * 2^1024.
   */
  private static final int FACTORS = 512;

  @Override
  public String kind() {
    return "logistic";
  }

  @Override
  public LabelKind labels() {
    return LabelKind.BINARY;
  }

  /** The decision; its threshold is for the probability of label 1. */
  @Override
  public Decision decision(double threshold) {
    return new Decision.Odds(threshold);
  }

  /** The probability of label 1 that a margin stands for. */
  public static double probability(double margin) {
    return 1 / (1 + StrictMath.exp(-margin));
  }

  @Override
  public double derivatives(Batch batch, double[] margins) {
    float[] weights = batch.weights();
    return weights == null
        ? derivatives(batch.labels(), batch.firstSample(), batch.samples(), margins)
        : derivatives(batch.labels(), weights, batch.firstSample(), batch.samples(), margins);
  }

  /**
   * Computes the sum of {@code log(1 + e)} as the logarithm of a product: one logarithm for {@value
   * #FACTORS} samples, with an error of the order of the sum's own rounding (a sample's loss may
   * change by about 1e-16).
   */
  private static double derivatives(float[] labels, int first, int samples, double[] margins) {
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

  /** Does the same for samples with weights, with one logarithm for each. */
  private static double derivatives(
      float[] labels, float[] weights, int first, int samples, double[] margins) {
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
}
