package dev.cairn.spark.model;

import dev.cairn.spark.data.Batch;
import dev.cairn.spark.data.LabelKind;
import java.io.Serializable;
import java.util.Map;

/**
 * A loss of one margin a sample, such as {@code w x + bias}, by which linear models differ, or
 * factorization machines. Immutable.
 */
public interface MarginLoss extends Serializable {
  /** The name in checkpoints, such as {@code logistic}. */
  String kind();

  /** The loss's own settings by name, for {@link Model#definition}; empty where there are none. */
  default Map<String, String> settings() {
    return Map.of();
  }

  /** The kind of the labels. */
  LabelKind labels();

  /** The prediction where labels are numbers: the margin, or a link function of it. */
  default double prediction(double margin) {
    return margin;
  }

  /**
   * The decision of a model with this loss.
   *
   * @param threshold for two classes: the second one is predicted if the margin, or the probability
   *     if there is one, is above this
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
   * @return the sum of the losses; not a finite number if and only if a margin is not finite, or a
   *     loss is beyond all doubles
   */
  double derivatives(Batch batch, double[] margins);
}
