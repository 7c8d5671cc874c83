package dev.cairn.spark.model;

import dev.cairn.spark.data.LabelKind;

/** Half the squared error, {@code (m - y)^2 / 2}, of a margin m. */
public record SquaredLoss() implements SampleLoss {
  private static final long serialVersionUID = 1;

  @Override
  public String kind() {
    return "squared";
  }

  @Override
  public LabelKind labels() {
    return LabelKind.NUMBER;
  }

  @Override
  public double derivative(double label, double margin) {
    return margin - label;
  }

  @Override
  public double loss(double label, double margin, double derivative) {
    return derivative * derivative / 2;
  }
}
