package dev.cairn.spark.model;

import dev.cairn.spark.data.LabelKind;

/** The loss of linear support vector machines, {@code max(0, 1 - y m)}, y = -1 or 1. */
public record HingeLoss() implements SampleLoss {
  private static final long serialVersionUID = 1;

  @Override
  public String kind() {
    return "hinge";
  }

  @Override
  public LabelKind labels() {
    return LabelKind.BINARY;
  }

  /** The derivative; at the kink it is 0, as in MLlib. */
  @Override
  public double derivative(double label, double margin) {
    double sign = label != 0 ? 1 : -1;
    return sign * margin < 1 ? -sign : 0;
  }

  @Override
  public double loss(double label, double margin, double derivative) {
    double wrong = label != 0 ? -margin : margin;
    return Math.max(0, 1 + wrong) + 0 * wrong; // the second is NaN for an infinite margin
  }
}
