package dev.cairn.jobs.cli;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.log;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.data.Counts;
import dev.cairn.jobs.data.TrainingData;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.functions;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * How good a model is on rows that it did not see. All but the AUC comes of one pass that adds up
 * ten groups of rows, by their probability; the AUC needs the rows in order, by MLlib's evaluator.
 *
 * @param logLoss mean a row, natural logarithm; probabilities are kept 1e-15 away from 0 and 1
 * @param auc area under the ROC curve, exact; empty when all rows have one label: then there is
 *     none
 * @param tenths the rows by their probability, from 0 to 1; tenths without rows are left out
 */
record TestScores(double logLoss, OptionalDouble auc, List<Tenth> tenths) {

  /**
   * Rows of like probability.
   *
   * @param number 0 for probabilities below 0.1, 9 for those from 0.9 on
   * @param rows how many
   * @param positives those of label 1
   * @param probabilities the sum of their probabilities
   * @param predicted those that are predicted to be 1
   * @param hits those that are predicted to be 1 and are
   */
  record Tenth(
      int number, long rows, long positives, double probabilities, long predicted, long hits) {}

  /** Copies the list. */
  TestScores {
    tenths = List.copyOf(tenths);
  }

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
      double loss = 0;
      long rows = 0;
      List<Tenth> tenths = new ArrayList<>();
      for (Row row : sums(cached).collectAsList()) {
        Tenth tenth =
            new Tenth(
                (int) row.getLong(0),
                row.getLong(1),
                Math.round(row.getDouble(2)),
                row.getDouble(3),
                Math.round(row.getDouble(4)),
                Math.round(row.getDouble(5)));
        tenths.add(tenth);
        rows += tenth.rows();
        loss += row.getDouble(6);
      }
      BinaryClassificationEvaluator auc = new BinaryClassificationEvaluator();
      auc.setMetricName("areaUnderROC");
      auc.setLabelCol(TrainingData.LABEL);
      auc.setNumBins(0); // every distinct score is a point of the curve: exact
      boolean ranked = counts.positive() > 0 && counts.positive() < counts.rows();
      return new TestScores(
          loss / rows,
          ranked ? OptionalDouble.of(auc.evaluate(cached)) : OptionalDouble.empty(),
          tenths);
    } finally {
      cached.unpersist(false);
    }
  }

  private static Dataset<Row> sums(Dataset<Row> scored) {
    Column label = col(TrainingData.LABEL);
    Column one = functions.vector_to_array(col("probability"), "float64").getItem(1);
    Column right = when(label.equalTo(1.0), one).otherwise(lit(1.0).minus(one));
    Column predicted = col("prediction");
    return scored
        .groupBy(least(floor(one.multiply(10)), lit(9L)).as("tenth"))
        .agg(
            count(lit(1)),
            sum(label),
            sum(one),
            sum(predicted),
            sum(predicted.multiply(label)),
            sum(log(greatest(right, lit(1e-15))).multiply(-1)))
        .orderBy("tenth");
  }

  /** How many rows were judged. */
  long rows() {
    return tenths.stream().mapToLong(Tenth::rows).sum();
  }

  /** How many of them have label 1. */
  long positives() {
    return tenths.stream().mapToLong(Tenth::positives).sum();
  }

  /** How many are predicted to be 1. */
  long predicted() {
    return tenths.stream().mapToLong(Tenth::predicted).sum();
  }

  /** How many are predicted to be 1 and are. */
  long hits() {
    return tenths.stream().mapToLong(Tenth::hits).sum();
  }

  /** The share of hits among what is predicted to be 1; empty if nothing is. */
  OptionalDouble precision() {
    return share(hits(), predicted());
  }

  /** The share of hits among the rows of label 1; empty if there are none. */
  OptionalDouble recall() {
    return share(hits(), positives());
  }

  /**
   * The harmonic mean of precision and recall; empty if there are neither positives of any kind.
   */
  OptionalDouble f1() {
    return share(2 * hits(), predicted() + positives());
  }

  private static OptionalDouble share(long part, long whole) {
    return whole == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) part / whole);
  }

  /** The AUC as people read it. */
  String aucText() {
    return auc.isPresent() ? Text.format("%.4f", auc.getAsDouble()) : "not defined";
  }
}
