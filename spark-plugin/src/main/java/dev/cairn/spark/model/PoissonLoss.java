package dev.cairn.spark.model;

import dev.cairn.spark.data.LabelKind;

/**
 * The loss of counts y whose mean is the exponential of the margin m: {@code exp(m) - y m}, the
 * negative logarithm of the Poisson distribution without the terms that do not depend on m. It is
 * infinite from margins of about 709.8 on.
 */
public record PoissonLoss() implements SampleLoss {
  private static final long serialVersionUID = 1;

  @Override
  public String kind() {
    return "poisson";
  }

  @Override
  public LabelKind labels() {
    return LabelKind.COUNT;
  }

  /** The mean of the counts. */
  @Override
  public double prediction(double margin) {
    return StrictMath.exp(margin);
  }

  @Override
  public double derivative(double label, double margin) {
    return StrictMath.exp(margin) - label;
  }

  @Override
  public double loss(double label, double margin, double derivative) {
    // The derivative has the exponential already; 0 times an infinite margin is NaN.
    return derivative + label - label * margin;
  }
}
