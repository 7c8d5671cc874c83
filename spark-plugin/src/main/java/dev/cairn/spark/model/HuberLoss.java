package dev.cairn.spark.model;

import dev.cairn.spark.data.LabelKind;
import java.util.Map;

/**
 * Half the squared error for errors {@code e = m - y} up to {@code epsilon}, and {@code epsilon
 * (|e| - epsilon / 2)} beyond: P. J. Huber, "Robust Estimation of a Location Parameter", Ann. Math.
 * Stat. 35 (1964) 73-101. That is the loss that scikit-learn's SGDRegressor calls {@code huber};
 * Keras calls epsilon delta. MLlib's huber and scikit-learn's HuberRegressor are another model,
 * which learns a scale of the errors, too: there epsilon is in units of that scale, here in units
 * of labels.
 *
 * @param epsilon the largest error that is squared, above 0
 */
public record HuberLoss(double epsilon) implements SampleLoss {
  private static final long serialVersionUID = 1;

  /** Checks epsilon. */
  public HuberLoss {
    if (!(epsilon > 0 && epsilon <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "Cannot create Huber's loss: expected an epsilon above 0 and finite, found " + epsilon);
    }
  }

  @Override
  public String kind() {
    return "huber";
  }

  @Override
  public Map<String, String> settings() {
    return Map.of(Models.EPSILON, Double.toString(epsilon));
  }

  @Override
  public LabelKind labels() {
    return LabelKind.NUMBER;
  }

  @Override
  public double derivative(double label, double margin) {
    return Math.max(-epsilon, Math.min(epsilon, margin - label));
  }

  /** The loss by the derivative d: {@code d (e - d / 2)} on either side of epsilon. */
  @Override
  public double loss(double label, double margin, double derivative) {
    return derivative * (margin - label - derivative / 2);
  }
}
