package dev.cairn.jobs.cli;

import dev.cairn.jobs.data.TrainingData;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * How good a model is on rows that it did not see, by MLlib's evaluators.
 *
 * @param logLoss mean a row, natural logarithm
 * @param auc area under the ROC curve, exact
 */
record TestScores(double logLoss, double auc) {
  /** Scores of rows with the columns that a transform adds. */
  static TestScores of(Dataset<Row> scored) {
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
      return new TestScores(loss.evaluate(cached), auc.evaluate(cached));
    } finally {
      cached.unpersist(false);
    }
  }
}
