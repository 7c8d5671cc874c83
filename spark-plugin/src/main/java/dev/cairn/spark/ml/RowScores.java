package dev.cairn.spark.ml;

import java.io.Serializable;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Vector;
import org.jspecify.annotations.Nullable;

/**
 * Scores rows wherever it is sent to; checks first that they are such as the model has.
 *
 * @param column name of the column of features, for messages
 * @param size number of features of the model
 */
record RowScores(Margins margins, Decision decision, String column, int size)
    implements Serializable {

  /**
   * The raw prediction of one row.
   *
   * @throws IllegalArgumentException if there is no vector, or one of another size
   */
  Vector raw(@Nullable Vector features) {
    double[] raw = new double[decision.size()];
    margins.scores(checked(features), raw);
    decision.raw(raw);
    return new DenseVector(raw);
  }

  /**
   * The loss of one row.
   *
   * @param into receives its margins
   * @throws IllegalArgumentException as {@link #raw} does
   */
  double loss(@Nullable Vector features, double label, double[] into) {
    return margins.loss(checked(features), label, into);
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
  Vector probability(@Nullable Vector features) {
    return decision.probability(raw(features));
  }

  /** What is predicted of one row. */
  double prediction(@Nullable Vector features) {
    return decision.ofRaw(raw(features));
  }
}
