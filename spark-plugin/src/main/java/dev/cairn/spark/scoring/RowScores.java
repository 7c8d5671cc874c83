package dev.cairn.spark.scoring;

import dev.cairn.spark.model.Decision;
import java.io.Serializable;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Vector;
import org.jspecify.annotations.Nullable;

/**
 * Scores rows in any JVM that it is sent to; checks first that they fit the model.
 *
 * @param column the name of the column of features, for messages
 * @param offset the name of the column of offsets, for messages
 * @param size the number of features of the model
 */
public record RowScores(Margins margins, Decision decision, String column, String offset, int size)
    implements Serializable {
  /** The number that is added to the margin of a row without an offset. */
  public static final Double NO_OFFSET = 0.0;

  /**
   * The raw prediction of one row.
   *
   * @param added the row's offset; 0 for none
   * @throws IllegalArgumentException if there is no vector, or one of another size, or the offset
   *     is not finite
   */
  public Vector raw(@Nullable Vector features, @Nullable Double added) {
    double[] raw = new double[decision.size()];
    margins.scores(checked(features), checked(added), raw);
    decision.raw(raw);
    return new DenseVector(raw);
  }

  /**
   * The margin of one row, of a model that has one.
   *
   * @throws IllegalArgumentException as {@link #raw} does
   */
  public double margin(@Nullable Vector features, @Nullable Double added) {
    double[] margin = new double[margins.outputs()];
    margins.scores(checked(features), checked(added), margin);
    return margin[0];
  }

  /** The raw prediction of one row without an offset. */
  public Vector raw(@Nullable Vector features) {
    return raw(features, NO_OFFSET);
  }

  /**
   * The loss of one row.
   *
   * @param into receives its margins
   * @throws IllegalArgumentException as {@link #raw} does
   */
  public double loss(
      @Nullable Vector features, @Nullable Double added, double label, double[] into) {
    return margins.loss(checked(features), checked(added), label, into);
  }

  private double checked(@Nullable Double added) {
    if (added == null || !Float.isFinite(added.floatValue())) {
      throw new IllegalArgumentException(
          "Cannot score a row: column "
              + offset
              + ", expected a finite number within float32, which is added to the margin, found "
              + added
              + "; correct or filter such rows");
    }
    return added;
  }

  private Vector checked(@Nullable Vector features) {
    if (features == null) {
      throw new IllegalArgumentException(
          "Cannot score a row: column " + column + ", expected a vector, found null");
    }
    if (features.size() != size) {
      throw new IllegalArgumentException(
          "Cannot score a row: column "
              + column
              + ", expected a vector of "
              + size
              + " features as in training, found one of "
              + features.size());
    }
    return features;
  }

  /** The probabilities of one row. */
  public Vector probability(@Nullable Vector features, @Nullable Double added) {
    return Decisions.probability(decision, raw(features, added));
  }

  /** The prediction for one row. */
  public double prediction(@Nullable Vector features, @Nullable Double added) {
    return Decisions.ofRaw(decision, raw(features, added));
  }

  /** The prediction for one row without an offset. */
  public double prediction(@Nullable Vector features) {
    return prediction(features, NO_OFFSET);
  }
}
