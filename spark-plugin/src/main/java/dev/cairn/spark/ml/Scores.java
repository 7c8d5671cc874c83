package dev.cairn.spark.ml;

import dev.cairn.spark.model.LogisticLoss;
import java.io.Serializable;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;

/**
 * From features to raw prediction {@code (-m, m)}, from there to the probabilities of labels 0 and
 * 1, and from there to the predicted label: once for single rows and once as expressions over
 * columns. The prediction follows from the probability, whichever columns are wanted.
 */
final class Scores {
  private Scores() {}

  /** Raw prediction, -m and m, of an array whose first number is m. */
  private static Vector raw(double[] margin) {
    margin[1] = margin[0];
    margin[0] = -margin[0];
    return new DenseVector(margin);
  }

  /** Replaces a raw prediction by probabilities, in place. */
  static Vector probability(Vector raw) {
    double[] values = ((DenseVector) raw).values();
    double one = LogisticLoss.probability(values[1]);
    values[0] = 1 - one;
    values[1] = one;
    return raw;
  }

  static double prediction(Vector probability, double threshold) {
    return probability.apply(1) > threshold ? 1 : 0;
  }

  // What follows are the expressions over columns.

  static UserDefinedFunction rawOfFeatures(Features features) {
    return vector(features::raw);
  }

  static UserDefinedFunction probabilityOfFeatures(Features features) {
    return vector(row -> probability(features.raw(row)));
  }

  static UserDefinedFunction probabilityOfRaw() {
    return vector(raw -> probability(raw.copy()));
  }

  static UserDefinedFunction predictionOfFeatures(Features features, double threshold) {
    return number(row -> prediction(probability(features.raw(row)), threshold));
  }

  static UserDefinedFunction predictionOfRaw(double threshold) {
    return number(raw -> prediction(probability(raw.copy()), threshold));
  }

  static UserDefinedFunction predictionOfProbability(double threshold) {
    return number(probability -> prediction(probability, threshold));
  }

  private static UserDefinedFunction vector(UDF1<Vector, Vector> function) {
    return functions.udf(function, SQLDataTypes.VectorType()).asNonNullable();
  }

  private static UserDefinedFunction number(UDF1<Vector, Double> function) {
    return functions.udf(function, DataTypes.DoubleType).asNonNullable();
  }

  /**
   * What a column of features is checked for before it is scored.
   *
   * @param column its name, for messages
   * @param size number of features of the model
   */
  record Features(Margins margins, String column, int size) implements Serializable {

    /**
     * The raw prediction of one row.
     *
     * @throws IllegalArgumentException if there is no vector, or one of another size
     */
    Vector raw(@Nullable Vector features) {
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
      double[] raw = new double[2];
      margins.scores(features, raw);
      return Scores.raw(raw);
    }
  }
}
