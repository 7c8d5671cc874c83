package dev.cairn.spark.ml;

import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a model adds its columns to rows: raw prediction of the features, from there the
 * probabilities, and from these the prediction, by expressions over columns. What is predicted is
 * the same whichever columns are wanted.
 *
 * @param names of the columns
 * @param decision what is predicted
 */
record Scoring(CairnModel<?> model, OutputColumns names, Decision decision) {
  private static final Logger LOG = LoggerFactory.getLogger(Scoring.class);

  /**
   * The schema with the model's columns.
   *
   * @throws IllegalArgumentException if there are no features, or such columns already
   */
  StructType schema(StructType schema) {
    Columns.checkFeatures(schema, model.getFeaturesCol());
    return names.appendedTo(schema);
  }

  /** What is predicted of single rows. */
  RowScores rows() {
    return rows(model.state().single());
  }

  private RowScores rows(Margins margins) {
    return new RowScores(margins, decision, model.getFeaturesCol(), model.state().features());
  }

  /** Rows with the model's columns. */
  Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = dataset.schema();
    StructType output = schema(schema);
    Dataset<Row> rows = dataset.toDF();
    if (names.none()) {
      LOG.warn("{}: transform adds nothing, since no output column is set", model.uid());
      return rows;
    }
    Columns.Found column = Columns.features(schema, model.getFeaturesCol());
    model.state().checkTypes(column.field());
    RowScores scores = rows(model.state().shared());
    Column features = column.column();
    Decision decided = decision;
    if (!names.raw().isEmpty()) {
      rows = add(rows, output, names.raw(), vector(scores::raw).apply(features));
    }
    if (!names.probability().isEmpty()) {
      Column probability =
          names.raw().isEmpty()
              ? vector(scores::probability).apply(features)
              : vector(raw -> decided.probability(raw.copy())).apply(added(names.raw()));
      rows = add(rows, output, names.probability(), probability);
    }
    if (!names.prediction().isEmpty()) {
      Column prediction;
      if (!names.raw().isEmpty()) {
        prediction = number(decided::ofRaw).apply(added(names.raw()));
      } else if (!names.probability().isEmpty()) {
        prediction = number(decided::ofProbability).apply(added(names.probability()));
      } else {
        prediction = number(scores::prediction).apply(features);
      }
      rows = add(rows, output, names.prediction(), prediction);
    }
    return rows;
  }

  private static Column added(String name) {
    return functions.col(Columns.quoted(name));
  }

  private static Dataset<Row> add(Dataset<Row> to, StructType output, String name, Column column) {
    return to.withColumn(name, column.as(name, output.apply(name).metadata()));
  }

  private static UserDefinedFunction vector(UDF1<Vector, Vector> function) {
    return functions.udf(function, SQLDataTypes.VectorType()).asNonNullable();
  }

  private static UserDefinedFunction number(UDF1<Vector, Double> function) {
    return functions.udf(function, DataTypes.DoubleType).asNonNullable();
  }
}
