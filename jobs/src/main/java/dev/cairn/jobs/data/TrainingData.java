package dev.cairn.jobs.data;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import java.util.List;
import java.util.Optional;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;

/**
 * The rows to train on and to judge by, checked.
 *
 * @param train columns {@code features} and {@code label}, one row a sample, in no particular order
 * @param test the same columns; empty when nothing is kept out
 * @param counts rows of both
 */
public record TrainingData(Dataset<Row> train, Optional<Dataset<Row>> test, Counts.Split counts) {
  /** The column of feature vectors. */
  public static final String FEATURES = "features";

  /** The column of labels, 0.0 or 1.0. */
  public static final String LABEL = "label";

  /**
   * Reads, derives, checks and hashes.
   *
   * @throws JobException one message for whatever is wrong with the input or with the expressions
   */
  public static TrainingData prepare(SparkSession spark, TrainConf conf) {
    Dataset<Row> input = InputReader.read(spark, conf);
    boolean libsvm = InputReader.format(conf).equals("libsvm");
    if (libsvm) {
      InputReader.checkNoColumnKeys(conf);
    }
    FeaturePlan plan = new FeaturePlan(conf);
    Dataset<Row> derived = plan.derive(input);
    Column label = label(plan, derived, conf);
    Column test = test(plan, derived, conf);
    Dataset<Row> marked = derived.withColumn(RowChecks.TEST, test).withColumn(LABEL, label);
    Column nonFinite = libsvm ? nonFinite().apply(col(FEATURES)) : lit(false);
    List<String> numeric = libsvm ? List.of() : plan.numeric(derived);
    Dataset<Row> vectors = libsvm ? marked : plan.hash(marked, LABEL, RowChecks.TEST);
    Counts.Split counts = new RowChecks(conf).check(marked, numeric, nonFinite);
    Column inTest = col(FeaturePlan.quoted(RowChecks.TEST));
    Dataset<Row> train = vectors.filter(not(inTest)).select(FEATURES, LABEL);
    Optional<Dataset<Row>> kept =
        counts.test().rows() == 0
            ? Optional.empty()
            : Optional.of(vectors.filter(inTest).select(FEATURES, LABEL));
    return new TrainingData(train, kept, counts);
  }

  private static Column label(FeaturePlan plan, Dataset<Row> table, TrainConf conf) {
    String sql = conf.get(TrainConf.LABEL);
    Column label = plan.expression(table, sql, TrainConf.LABEL.name());
    DataType type = table.select(label).schema().fields()[0].dataType();
    if (!(type instanceof NumericType) && !(type instanceof BooleanType)) {
      throw new JobException(
          Text.format(
              "Cannot use label = %s: expected a number or a boolean, found %s; compare it with a value, such as label = (answer = 'yes') %s",
              sql, type.simpleString(), conf.where(TrainConf.LABEL)));
    }
    return label.cast(DataTypes.DoubleType);
  }

  private static Column test(FeaturePlan plan, Dataset<Row> table, TrainConf conf) {
    String sql = conf.get(TrainConf.TEST);
    if (sql.isEmpty()) {
      return lit(false);
    }
    Column test = plan.expression(table, sql, TrainConf.TEST.name());
    DataType type = table.select(test).schema().fields()[0].dataType();
    if (!(type instanceof BooleanType)) {
      throw new JobException(
          Text.format(
              "Cannot use split.test = %s: expected a condition, found %s %s",
              sql, type.simpleString(), conf.where(TrainConf.TEST)));
    }
    return coalesce(test, lit(false));
  }

  private static UserDefinedFunction nonFinite() {
    return functions.udf((UDF1<Vector, Boolean>) TrainingData::hasNonFinite, DataTypes.BooleanType);
  }

  private static boolean hasNonFinite(Vector vector) {
    double[] values = vector instanceof SparseVector sparse ? sparse.values() : vector.toArray();
    for (double value : values) {
      if (!Double.isFinite(value)) {
        return true;
      }
    }
    return false;
  }
}
