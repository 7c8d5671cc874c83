package dev.cairn.jobs.data;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import dev.cairn.jobs.config.ConfKey;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.ModelKeys;
import dev.cairn.jobs.config.ScheduleKeys;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.spark.ml.FeatureEncoder;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The rows to train on and to judge by, checked.
 *
 * @param train columns {@code features}, {@code label}, {@code weight}, {@code offset} and {@code
 *     heldOut}, one row a sample, in no particular order
 * @param test features, labels and offsets; empty when no rows are kept out
 * @param counts the numbers of rows of both
 * @param intake the counts of the input's rows
 */
public record CheckedRows(
    Dataset<Row> train, Optional<Dataset<Row>> test, Counts.Split counts, Intake intake) {
  /** The column of feature vectors. */
  public static final String FEATURES = "features";

  /** The column of test rows' vectors as the version in use knows them, if it is another one. */
  public static final String EARLIER = "earlierFeatures";

  /** The column of labels: 0.0 or 1.0, or those of the model's kind. */
  public static final String LABEL = "label";

  /** The column of weights of training rows, not negative. */
  public static final String WEIGHT = "weight";

  /** The column of offsets, which are added to rows' margins. */
  public static final String OFFSET = "offset";

  /** The column that is true for the rows that judge while the others are trained on. */
  public static final String HELD_OUT = "heldOut";

  /**
   * The hasher's column, until it is renamed to {@link #FEATURES}: the input may have that, too.
   */
  static final String HASHED = InputReader.RESERVED + "features";

  /** The other hasher's column, until it is renamed to {@link #EARLIER}. */
  static final String HASHED_EARLIER = InputReader.RESERVED + "earlier";

  /**
   * Reads, derives, checks and hashes rows.
   *
   * @throws JobException with one message, for any error in the input or in the expressions
   */
  public static CheckedRows prepare(SparkSession spark, TrainConf conf) {
    return prepare(spark, conf, CarriedColumns.NONE, Optional.empty());
  }

  /**
   * Reads, derives, checks and hashes rows.
   *
   * @param carried the choice of rows, and further columns of both parts
   * @param version makes the features of the version in use, whose types columns have; where the
   *     configuration's have grown, test rows have both; empty for a model that begins
   * @throws JobException with one message, for any error in the input or in the expressions
   */
  public static CheckedRows prepare(
      SparkSession spark,
      TrainConf conf,
      CarriedColumns carried,
      Optional<FeatureEncoder> version) {
    boolean libsvm = InputReader.format(conf).equals("libsvm");
    FeaturePlan plan = new FeaturePlan(conf, libsvm ? Optional.empty() : version);
    boolean both = plan.earlier().isPresent();
    Dataset<Row> input = plan.read(spark);
    if (libsvm) {
      InputReader.checkNoColumnKeys(conf);
    }
    Dataset<Row> derived = carried.chosen(plan, plan.derive(input));
    Dataset<Row> marked = marked(plan, input, derived, conf, carried);
    List<String> numeric = libsvm ? List.of() : plan.numeric(derived);
    Column badVector =
        libsvm
            ? coalesce(isBad(RowChecks.largest(conf)).apply(col(FEATURES)), lit(false))
            : lit(false);
    RowChecks checks = new RowChecks(conf, marked, featureColumns(conf), numeric, badVector);
    if (!libsvm) {
      plan.check(derived);
    }
    RowChecks.Checked checked = checks.check();
    Dataset<Row> usable = checks.usable();
    Dataset<Row> vectors =
        libsvm
            ? usable
            : plan.hash(
                usable,
                withoutDigits(input.schema(), checked.odd()),
                carried.and(
                    RowChecks.LABEL,
                    RowChecks.TEST,
                    RowChecks.VALIDATION,
                    RowChecks.WEIGHT,
                    RowChecks.OFFSET));
    return parted(conf, carried, vectors, libsvm ? FEATURES : HASHED, both, checked);
  }

  /** The rows to train on and those to judge by, with the columns of each. */
  private static CheckedRows parted(
      TrainConf conf,
      CarriedColumns carried,
      Dataset<Row> vectors,
      String hashed,
      boolean both,
      RowChecks.Checked checked) {
    Column features = col(FeaturePlan.quoted(hashed)).as(FEATURES);
    Column raw = col(FeaturePlan.quoted(RowChecks.LABEL));
    Column label =
        (ModelKeys.binary(conf) ? when(raw.equalTo(-1.0), lit(0.0)).otherwise(raw) : raw).as(LABEL);
    Column inTest = col(FeaturePlan.quoted(RowChecks.TEST));
    Column heldOut = col(FeaturePlan.quoted(RowChecks.VALIDATION)).as(HELD_OUT);
    Column weight = RowWeights.used(conf, checked.counts().train()).as(WEIGHT);
    Column offset = col(FeaturePlan.quoted(RowChecks.OFFSET)).as(OFFSET);
    Dataset<Row> train =
        vectors
            .filter(not(inTest))
            .select(carried.and(carried.train(), features, label, weight, offset, heldOut));
    List<Column> judging = new ArrayList<>(List.of(features, label, offset));
    if (both) {
      judging.add(col(FeaturePlan.quoted(HASHED_EARLIER)).as(EARLIER));
    }
    Optional<Dataset<Row>> kept =
        checked.counts().test().rows() == 0
            ? Optional.empty()
            : Optional.of(
                vectors
                    .filter(inTest)
                    .select(carried.and(carried.test(), judging.toArray(Column[]::new))));
    return new CheckedRows(train, kept, checked.counts(), checked.intake());
  }

  /** The rows with the columns that tell what each is for. */
  private static Dataset<Row> marked(
      FeaturePlan plan,
      Dataset<Row> input,
      Dataset<Row> derived,
      TrainConf conf,
      CarriedColumns carried) {
    Column test = part(plan, input, derived, conf, TrainConf.TEST, "test");
    Column validation =
        part(plan, input, derived, conf, ScheduleKeys.VALIDATION, "validation").and(not(test));
    return carried
        .add(plan, derived)
        .withColumn(RowChecks.TEST, test)
        .withColumn(RowChecks.VALIDATION, validation)
        .withColumn(RowChecks.LABEL, label(plan, derived, conf))
        .withColumn(RowChecks.WEIGHT, RowWeights.given(plan, derived, conf))
        .withColumn(RowChecks.OFFSET, plan.offset(derived));
  }

  /** The schema, in which some columns turned out to have more than plain whole numbers. */
  private static StructType withoutDigits(StructType schema, Set<String> odd) {
    StructType all = new StructType();
    for (StructField field : schema.fields()) {
      all =
          odd.contains(field.name())
              ? all.add(field.name(), field.dataType(), field.nullable())
              : all.add(field);
    }
    return all;
  }

  /** The columns that features are made from, each once. */
  private static List<String> featureColumns(TrainConf conf) {
    Set<String> names = new LinkedHashSet<>(conf.get(TrainConf.CATEGORICAL));
    names.addAll(conf.get(TrainConf.NUMERIC));
    conf.get(TrainConf.CROSS).forEach(names::addAll);
    return List.copyOf(names);
  }

  private static Column label(FeaturePlan plan, Dataset<Row> table, TrainConf conf) {
    String sql = conf.get(TrainConf.LABEL);
    Column label = plan.expression(table, sql, TrainConf.LABEL.name());
    DataType type = table.select(label).schema().fields()[0].dataType();
    String positive = conf.get(TrainConf.LABEL_POSITIVE);
    if (!positive.isEmpty()) {
      return isPositive(label, type, positive, conf);
    }
    if (!(type instanceof NumericType) && !(type instanceof BooleanType)) {
      throw new JobException(
          Text.format(
              "Cannot use label = %s: expected a number or a boolean, found %s; %s %s",
              sql, type.simpleString(), remedy(conf), conf.where(TrainConf.LABEL)));
    }
    return label.cast(DataTypes.DoubleType);
  }

  private static String remedy(TrainConf conf) {
    return switch (ModelKeys.labels(conf)) {
      case BINARY -> "name the value that counts as 1, such as label.positive = yes";
      case CLASSES ->
          "number the classes from 0 on, such as label = array_position(array('red', 'green'),"
              + " colour) - 1";
      case NUMBERS, COUNTS -> "make it a number, such as label = try_cast(amount as double)";
    };
  }

  /**
   * The column that is 1 where the label is the value that counts as 1, 0 elsewhere, and null where
   * there is no label.
   */
  private static Column isPositive(Column label, DataType type, String positive, TrainConf conf) {
    if (type instanceof NumericType) {
      double value =
          ShareSplit.share(positive)
              .orElseThrow(
                  () ->
                      new JobException(
                          Text.format(
                              "Cannot use label.positive: expected a number, since label is one,"
                                  + " found \"%s\" %s",
                              positive, conf.where(TrainConf.LABEL_POSITIVE))));
      return label.cast(DataTypes.DoubleType).equalTo(value).cast(DataTypes.DoubleType);
    }
    return label.cast(DataTypes.StringType).equalTo(positive).cast(DataTypes.DoubleType);
  }

  /** Whether a row belongs to a part that a key describes by a condition or a share. */
  private static Column part(
      FeaturePlan plan,
      Dataset<Row> input,
      Dataset<Row> table,
      TrainConf conf,
      ConfKey<String> key,
      String name) {
    String sql = conf.get(key);
    if (sql.isEmpty()) {
      return lit(false);
    }
    Optional<Double> share = ShareSplit.share(sql);
    if (share.isPresent()) {
      double part = share.get();
      if (!(part > 0 && part < 1)) {
        throw new JobException(
            Text.format(
                "Cannot use %s = %s: expected a condition or a share above 0 and below 1, found %s"
                    + " %s",
                key.name(), sql, sql, conf.where(key)));
      }
      return ShareSplit.drawn(input, part, conf.get(TrainConf.SPLIT_SEED), name);
    }
    Column inPart = plan.expression(table, sql, key.name());
    DataType type = table.select(inPart).schema().fields()[0].dataType();
    if (!(type instanceof BooleanType)) {
      throw new JobException(
          Text.format(
              "Cannot use %s = %s: expected a condition or a share, found %s %s",
              key.name(), sql, type.simpleString(), conf.where(key)));
    }
    return coalesce(inPart, lit(false));
  }

  private static UserDefinedFunction isBad(double largest) {
    UDF1<@Nullable Vector, Boolean> bad = vector -> vector != null && isBad(vector, largest);
    return functions.udf(bad, DataTypes.BooleanType);
  }

  private static boolean isBad(Vector vector, double largest) {
    double[] values = vector instanceof SparseVector sparse ? sparse.values() : vector.toArray();
    for (double value : values) {
      if (!(Math.abs(value) <= largest)) { // NaN, too
        return true;
      }
    }
    return false;
  }
}
