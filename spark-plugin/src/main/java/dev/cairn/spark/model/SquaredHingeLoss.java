package dev.cairn.spark.model;

import dev.cairn.spark.data.LabelKind;

/** The square of the loss of linear support vector machines, {@code max(0, 1 - y m)^2}. */
public record SquaredHingeLoss() implements SampleLoss {
  private static final long serialVersionUID = 1;

  @Override
  public String kind() {
    return "squared-hinge";
  }

  @Override
  public LabelKind labels() {
    return LabelKind.BINARY;
  }

  @Override
  public double derivative(double label, double margin) {
    double sign = label != 0 ? 1 : -1;
    return -2 * sign * Math.max(0, 1 - sign * margin);
  }

  @Override
  public double loss(double label, double margin, double derivative) {
    return derivative * derivative / 4 + 0 * margin; // the second is NaN for an infinite margin
  }
}
