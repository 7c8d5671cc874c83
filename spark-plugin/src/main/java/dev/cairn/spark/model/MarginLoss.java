package dev.cairn.spark.model;

import dev.cairn.spark.data.Batch;
import dev.cairn.spark.data.LabelKind;
import java.io.Serializable;
import java.util.Map;

/**
 * A loss of one margin a sample, such as {@code w x + bias}: what tells linear models apart, or
 * factorization machines. Immutable.
 */
public interface MarginLoss extends Serializable {
  /** What checkpoints call it, such as {@code logistic}. */
  String kind();

  /** What it was made with, by name, for {@link Model#definition}; empty where there is nothing. */
  default Map<String, String> settings() {
    return Map.of();
  }

  /** What labels are. */
  LabelKind labels();

  /**
   * What is predicted where labels are numbers: the margin, or what a link function makes of it.
   */
  default double prediction(double margin) {
    return margin;
  }

  /**
   * What a model with this loss predicts of a margin.
   *
   * @param threshold for two classes: what a margin, or the probability if there is one, must be
   *     above for the second one to be predicted
   */
  default Decision decision(double threshold) {
    return labels() == LabelKind.NUMBER || labels() == LabelKind.COUNT
        ? new Decision.Value(this)
        : new Decision.Side(threshold);
  }

  /**
   * Replaces the margins of a batch's samples by the derivatives of their losses, each times its
   * weight, and returns the sum of the losses.
   *
   * @return not a finite number if and only if a margin is not finite, or a loss beyond all doubles
   */
  double derivatives(Batch batch, double[] margins);
}
