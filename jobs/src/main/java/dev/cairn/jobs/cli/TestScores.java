package dev.cairn.jobs.cli;

import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.data.Counts;
import dev.cairn.jobs.data.TrainingData;
import java.util.OptionalDouble;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * How good a model is on rows that it did not see, by MLlib's evaluators.
 *
 * @param logLoss mean a row, natural logarithm
 * @param auc area under the ROC curve, exact; empty when all rows have one label: then there is
 *     none
 */
record TestScores(double logLoss, OptionalDouble auc) {
  /**
   * Scores of rows with the columns that a transform adds.
   *
   * @param counts of these rows
   */
  static TestScores of(Dataset<Row> scored, Counts counts) {
    Dataset<Row> cached =
        scored
            .select(TrainingData.LABEL, "probability", "rawPrediction", "prediction")
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      MulticlassClassificationEvaluator loss = new MulticlassClassificationEvaluator();
      loss.setMetricName("logLoss");
      loss.setLabelCol(TrainingData.LABEL);
      BinaryClassificationEvaluator auc = new BinaryClassificationEvaluator();
      auc.setMetricName("areaUnderROC");
      auc.setLabelCol(TrainingData.LABEL);
      auc.setNumBins(0); // every distinct score is a point of the curve: exact
      boolean ranked = counts.positive() > 0 && counts.positive() < counts.rows();
      return new TestScores(
          loss.evaluate(cached),
          ranked ? OptionalDouble.of(auc.evaluate(cached)) : OptionalDouble.empty());
    } finally {
      cached.unpersist(false);
    }
  }

  /** The AUC as people read it. */
  String aucText() {
    return auc.isPresent() ? Text.format("%.4f", auc.getAsDouble()) : "not defined";
  }
}
