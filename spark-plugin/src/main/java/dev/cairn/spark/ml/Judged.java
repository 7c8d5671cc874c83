package dev.cairn.spark.ml;

import java.util.UUID;
import org.apache.spark.ml.classification.BinaryLogisticRegressionSummary;
import org.apache.spark.ml.classification.BinaryLogisticRegressionTrainingSummary;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Rows with labels, scored, as MLlib's summaries want them: labels 0 and 1 whatever they were, and
 * a column of weights. Lazy: no row is read before somebody asks for a figure.
 */
final class Judged {
  private final Dataset<Row> predictions;
  private final MllibSummaries.Names names;

  /** The rows of a data set, scored by a model. */
  Judged(LogisticRegressionModel model, Dataset<?> rows) {
    LogisticRegressionModel scoring = withColumns(model);
    Columns.Found label = Columns.label(rows.schema(), model.getLabelCol());
    String weight = "weight_" + UUID.randomUUID().toString().replace('-', '_');
    this.predictions =
        scoring
            .transform(rows.toDF().withColumn(weight, weight(model, rows)))
            .withColumn(model.getLabelCol(), zeroOrOne(label.column().cast("double")));
    this.names =
        new MllibSummaries.Names(
            expression(scoring.getProbabilityCol()),
            expression(scoring.getPredictionCol()),
            expression(model.getLabelCol()),
            model.getFeaturesCol(),
            weight);
  }

  /** The model with the columns that summaries need, when it leaves some out. */
  static LogisticRegressionModel withColumns(LogisticRegressionModel model) {
    LogisticRegressionModel complete = model.copy(ParamMap.empty());
    String unique = "_" + UUID.randomUUID().toString().replace('-', '_');
    if (complete.getProbabilityCol().isEmpty()) {
      complete = complete.setProbabilityCol("probability" + unique);
    }
    if (complete.getPredictionCol().isEmpty()) {
      complete = complete.setPredictionCol("prediction" + unique);
    }
    return complete;
  }

  private static Column weight(LogisticRegressionModel model, Dataset<?> rows) {
    String name = model.getWeightCol();
    return name.isEmpty()
        ? functions.lit(1.0)
        : Columns.weight(rows.schema(), name).column().cast("double");
  }

  /** Training takes -1 for 0, too. */
  private static Column zeroOrOne(Column label) {
    return functions.when(label.equalTo(-1.0), 0.0).otherwise(label);
  }

  /** MLlib takes names for expressions. */
  private static String expression(String name) {
    return name.contains(".") || name.contains("`") ? Columns.quoted(name) : name;
  }

  BinaryLogisticRegressionSummary summary() {
    return MllibSummaries.of(predictions, names);
  }

  /** The summary of the rows trained on, with the mean losses of the passes over them. */
  BinaryLogisticRegressionTrainingSummary summary(double[] losses) {
    return MllibSummaries.ofTraining(predictions, names, losses);
  }
}
