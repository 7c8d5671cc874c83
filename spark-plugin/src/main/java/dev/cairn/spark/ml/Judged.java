package dev.cairn.spark.ml;

import dev.cairn.spark.columns.Columns;
import dev.cairn.spark.data.LabelKind;
import java.util.UUID;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Scored rows with labels, as MLlib's summaries take them: labels of two classes are 0 and 1
 * whatever they were, and there is a column of weights. No row is read before a figure is asked
 * for.
 *
 * @param predictions the rows
 * @param score column of probabilities or raw predictions, as an expression; empty without one
 * @param prediction column, as an expression
 * @param label column, as an expression
 * @param features column, only named, not read
 * @param weight column
 */
record Judged(
    Dataset<Row> predictions,
    String score,
    String prediction,
    String label,
    String features,
    String weight) {

  /**
   * The rows of a data set.
   *
   * @param model the model, with all columns that are read
   * @param score column of probabilities or raw predictions; empty for none
   */
  static Judged of(CairnModel<?> model, String score, Dataset<?> rows) {
    Column label = Columns.label(rows.schema(), model.getLabelCol()).column().cast("double");
    String weight = unique("weight");
    return new Judged(
        model
            .transform(rows.toDF().withColumn(weight, weight(model, rows)))
            .withColumn(
                model.getLabelCol(),
                model.state().model().labels() == LabelKind.BINARY ? zeroOrOne(label) : label),
        score.isEmpty() ? "" : expression(score),
        expression(model.getPredictionCol()),
        expression(model.getLabelCol()),
        model.getFeaturesCol(),
        weight);
  }

  /** The name that a column has, or one that no other column has if it is left out. */
  static String orUnique(String name, String instead) {
    return name.isEmpty() ? unique(instead) : name;
  }

  /** A name that no column has. */
  static String unique(String name) {
    return name + "_" + UUID.randomUUID().toString().replace('-', '_');
  }

  private static Column weight(CairnModel<?> model, Dataset<?> rows) {
    String name = model.getWeightCol();
    return name.isEmpty()
        ? functions.lit(1.0)
        : Columns.number(rows.schema(), name).column().cast("double");
  }

  /** The label as 0 or 1: training takes -1 for 0, too. */
  private static Column zeroOrOne(Column label) {
    return functions.when(label.equalTo(-1.0), 0.0).otherwise(label);
  }

  /** A name as an expression, since MLlib takes names for these. */
  private static String expression(String name) {
    return name.contains(".") || name.contains("`") ? Columns.quoted(name) : name;
  }
}
