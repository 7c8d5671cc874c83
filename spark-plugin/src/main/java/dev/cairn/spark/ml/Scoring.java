package dev.cairn.spark.ml;

import dev.cairn.spark.columns.Columns;
import dev.cairn.spark.columns.OutputColumns;
import dev.cairn.spark.model.Decision;
import dev.cairn.spark.scoring.Decisions;
import dev.cairn.spark.scoring.Margins;
import dev.cairn.spark.scoring.RowScores;
import java.util.Optional;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds a model's columns to rows: the raw prediction from the features, from there the
 * probabilities, and from these the prediction, by expressions over columns. The prediction is the
 * same whichever columns are wanted.
 *
 * @param names the names of the columns
 * @param decision the rule of prediction
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
    Optional<Column> unused = offset(model, schema);
    return names.appendedTo(schema);
  }

  /** The predictions of single rows. */
  RowScores rows() {
    return rows(model.state().single());
  }

  private RowScores rows(Margins margins) {
    return new RowScores(
        margins, decision, model.getFeaturesCol(), model.getOffsetCol(), model.state().features());
  }

  /** Returns the rows with the model's columns. */
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
    Input input = new Input(column.column(), offset(model, schema).orElse(null));
    return decision instanceof Decision.TwoSided side
        ? byMargin(rows, output, input.number(scores::margin), side)
        : byColumns(rows, output, input, scores);
  }

  /**
   * Adds the columns of two classes, each made from the margin, which is a column for as long as
   * that takes. A number passes between functions as it is, while a vector is written into the row
   * by the first and read from it again by each of the others.
   */
  private Dataset<Row> byMargin(
      Dataset<Row> to, StructType output, Column scored, Decision.TwoSided side) {
    String hidden = Judged.unique("margin");
    Column margin = added(hidden);
    Dataset<Row> rows = to.withColumn(hidden, scored);
    if (!names.raw().isEmpty()) {
      Column raw = vectorOf(one -> Decisions.raw(side, one)).apply(margin);
      rows = add(rows, output, names.raw(), raw);
    }
    if (!names.probability().isEmpty()) {
      Column probability =
          vectorOf(one -> Decisions.probability(side, Decisions.raw(side, one))).apply(margin);
      rows = add(rows, output, names.probability(), probability);
    }
    if (!names.prediction().isEmpty()) {
      Column prediction = numberOf(one -> Decisions.ofMargin(side, one)).apply(margin);
      rows = add(rows, output, names.prediction(), prediction);
    }
    return rows.drop(hidden);
  }

  /** Adds the columns of any decision, each made from the one before. */
  private Dataset<Row> byColumns(
      Dataset<Row> to, StructType output, Input input, RowScores scores) {
    Dataset<Row> rows = to;
    Decision decided = decision;
    if (!names.raw().isEmpty()) {
      rows = add(rows, output, names.raw(), input.vector(scores::raw));
    }
    if (!names.probability().isEmpty()) {
      Column probability =
          names.raw().isEmpty()
              ? input.vector(scores::probability)
              : vector(raw -> Decisions.probability(decided, raw.copy())).apply(added(names.raw()));
      rows = add(rows, output, names.probability(), probability);
    }
    if (!names.prediction().isEmpty()) {
      Column prediction;
      if (!names.raw().isEmpty()) {
        prediction = number(raw -> Decisions.ofRaw(decided, raw)).apply(added(names.raw()));
      } else if (!names.probability().isEmpty()) {
        prediction =
            number(of -> Decisions.ofProbability(decided, of)).apply(added(names.probability()));
      } else {
        prediction = input.number(scores::prediction);
      }
      rows = add(rows, output, names.prediction(), prediction);
    }
    return rows;
  }

  /**
   * The column of a model's offsets, if it has one; the schema of rows without it is refused.
   *
   * @throws IllegalArgumentException if the column is missing, or not one of numbers
   */
  static Optional<Column> offset(CairnModel<?> model, StructType schema) {
    String name = model.getOffsetCol();
    if (name.isEmpty()) {
      return Optional.empty();
    }
    if (!model.state().model().addsOffsets()) {
      throw new IllegalArgumentException(
          "Cannot use offsetCol "
              + name
              + ": expected a model with one margin, found "
              + model.state().model().definition().kind()
              + "; set offsetCol to \"\"");
    }
    return Optional.of(Columns.number(schema, name).column().cast("double"));
  }

  /**
   * The columns that scores are made of; without offsets a row is scored as if its offset were 0.
   */
  private record Input(Column features, @Nullable Column offset) {
    Column vector(UDF2<Vector, Double, Vector> function) {
      return applied(function, SQLDataTypes.VectorType());
    }

    Column number(UDF2<Vector, Double, Double> function) {
      return applied(function, DataTypes.DoubleType);
    }

    private <T> Column applied(UDF2<Vector, Double, T> function, DataType type) {
      if (offset == null) {
        UDF1<Vector, T> alone = vector -> function.call(vector, RowScores.NO_OFFSET);
        return functions.udf(alone, type).asNonNullable().apply(features);
      }
      return functions.udf(function, type).asNonNullable().apply(features, offset);
    }
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

  private static UserDefinedFunction vectorOf(UDF1<Double, Vector> function) {
    return functions.udf(function, SQLDataTypes.VectorType()).asNonNullable();
  }

  private static UserDefinedFunction numberOf(UDF1<Double, Double> function) {
    return functions.udf(function, DataTypes.DoubleType).asNonNullable();
  }
}
