package dev.cairn.spark.ml;

import org.apache.spark.ml.classification.BinaryLogisticRegressionSummary;
import org.apache.spark.ml.classification.BinaryLogisticRegressionSummaryImpl;
import org.apache.spark.ml.classification.BinaryLogisticRegressionTrainingSummary;
import org.apache.spark.ml.classification.BinaryLogisticRegressionTrainingSummaryImpl;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * MLlib's own summaries of a binary logistic regression, for predictions that are not MLlib's.
 * Their types are public and sealed, so no other class can be one; what makes them is private.
 */
final class MllibSummaries {
  private MllibSummaries() {}

  /**
   * The columns that a summary reads, by names that Spark's expressions understand.
   *
   * @param probability vectors of two
   * @param prediction 0.0 or 1.0
   * @param label 0.0 or 1.0
   * @param features only named, not read
   * @param weight of each row
   */
  record Names(
      String probability, String prediction, String label, String features, String weight) {}

  /** What rows say of predictions; nothing is computed before it is asked for. */
  static BinaryLogisticRegressionSummary of(Dataset<Row> predictions, Names names) {
    return new BinaryLogisticRegressionSummaryImpl(
        predictions,
        names.probability(),
        names.prediction(),
        names.label(),
        names.features(),
        names.weight());
  }

  /**
   * The same of the rows that a model was trained on.
   *
   * @param losses mean loss of each pass over the data
   */
  static BinaryLogisticRegressionTrainingSummary ofTraining(
      Dataset<Row> predictions, Names names, double[] losses) {
    return new BinaryLogisticRegressionTrainingSummaryImpl(
        predictions,
        names.probability(),
        names.prediction(),
        names.label(),
        names.features(),
        names.weight(),
        losses) {
      private static final long serialVersionUID = 1L;

      /** MLlib has one entry more than iterations: the objective before the first one. */
      @Override
      public int totalIterations() {
        return objectiveHistory().length;
      }
    };
  }
}
