package dev.cairn.jobs.data;

import dev.cairn.jobs.config.ConfKey;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.ModelKeys;
import dev.cairn.jobs.config.NearestName;
import dev.cairn.jobs.config.RowKeys;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.spark.ml.FeatureEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;

/**
 * The plan of features from columns: the configuration's keys, handed to a {@link FeatureEncoder},
 * with messages that name these keys.
 */
final class FeaturePlan {
  private final TrainConf conf;
  private final Optional<FeatureEncoder> version;
  private final List<String> inputColumns = new ArrayList<>();

  /**
   * Makes the plan of a configuration.
   *
   * @param version makes the features of the version that is trained further, whose types columns
   *     have; empty for a model that begins
   */
  FeaturePlan(TrainConf conf, Optional<FeatureEncoder> version) {
    this.conf = conf;
    this.version = version;
  }

  /**
   * The rows of the input, whose columns have the types that they had when the version was trained.
   */
  Dataset<Row> read(SparkSession spark) {
    Dataset<Row> input =
        InputReader.read(
            spark,
            conf,
            version.map(FeatureEncoder::writtenTypes).orElse(Collections.emptySortedMap()));
    return version.map(one -> one.typed(input)).orElse(input);
  }

  /**
   * The version's encoder, if its features are other ones; for rows with the derived columns.
   *
   * @throws JobException if they cannot have grown to those of the configuration
   */
  Optional<FeatureEncoder> earlier() {
    if (version.isEmpty() || encoder().makesSame(version.get())) {
      return Optional.empty();
    }
    List<String> hindrances =
        conf.get(ModelKeys.INITIAL_GROWTH)
            ? encoder().hindrances(version.get())
            : List.of(
                "expected those of its own, which no keys can say, since a Spark program trained"
                    + " it; refresh it in one (dev.cairn.spark.refresh.ModelRefresh)");
    if (!hindrances.isEmpty()) {
      throw new JobException(
          Text.format(
              "Cannot refresh the version in use with these features: %s",
              String.join("; ", hindrances)));
    }
    return version;
  }

  /** Adds the derived columns to the input's. */
  Dataset<Row> derive(Dataset<Row> input) {
    Dataset<Row> table = input;
    for (Map.Entry<String, String> column : conf.derived().entrySet()) {
      String key = TrainConf.DERIVE + column.getKey();
      table = table.withColumn(column.getKey(), expression(table, column.getValue(), key));
    }
    inputColumns.clear();
    inputColumns.addAll(visible(table));
    return table;
  }

  /** A column of {@code table} by SQL, checked against its columns before anything is read. */
  Column expression(Dataset<Row> table, String sql, String key) {
    try {
      Column column = functions.expr(sql);
      // Beside other columns an aggregate is refused; alone it would be one row.
      Dataset<Row> with = table.withColumn(InputReader.RESERVED + "try", column);
      if (!with.queryExecution().analyzed().deterministic()) {
        throw new JobException(
            Text.format(
                "Cannot compute %s = %s: expected the same value for a row each time that it is"
                    + " read, found a function of chance, time or place; for a random share of the"
                    + " rows there is split.test = 0.2 (%s, %s)",
                key, sql, key, conf.place(key)));
      }
      return column;
    } catch (Exception e) { // Scala throws checked exceptions that its signatures do not name
      throw SparkErrors.translate(
          "compute " + key + " = " + sql,
          "an SQL expression over the columns " + String.join(", ", visible(table)),
          key + ", " + conf.place(key),
          SparkErrors.remedy(e).orElse("Correct the expression."),
          e);
    }
  }

  /** A number of each row by a key's SQL. */
  Column number(Dataset<Row> table, ConfKey<String> key) {
    String sql = conf.get(key);
    Column number = expression(table, sql, key.name());
    DataType type = table.select(number).schema().fields()[0].dataType();
    if (!(type instanceof NumericType)) {
      throw new JobException(
          Text.format(
              "Cannot use %s = %s: expected a number, found %s %s",
              key.name(), sql, type.simpleString(), conf.where(key)));
    }
    return number.cast(DataTypes.DoubleType);
  }

  /** The number that is added to a row's margin; 0 without an expression. */
  Column offset(Dataset<Row> table) {
    return conf.get(RowKeys.OFFSET).isEmpty() ? functions.lit(0.0) : number(table, RowKeys.OFFSET);
  }

  /** The vectors' length. */
  int size() {
    return 1 << conf.get(TrainConf.HASH_BITS);
  }

  /** Columns that must be finite numbers, with their types checked. */
  List<String> numeric(Dataset<Row> table) {
    for (String name : conf.get(TrainConf.NUMERIC)) {
      DataType type = column(table, name, TrainConf.NUMERIC.name());
      if (!(type instanceof NumericType)) {
        throw new JobException(
            Text.format(
                "Cannot use column %s as a number: expected a numeric column, found %s; list it in"
                    + " features.categorical or cast it with features.derive.NAME"
                    + " (features.numeric, %s)",
                name, type.simpleString(), conf.place(TrainConf.NUMERIC.name())));
      }
    }
    return conf.get(TrainConf.NUMERIC);
  }

  /**
   * The same rows with {@code features} as a sparse vector, those of the version if they are other
   * ones, and the columns of {@code keep}.
   *
   * @param input the columns before any was derived
   */
  Dataset<Row> hash(Dataset<Row> table, StructType input, String... keep) {
    List<Column> columns = new ArrayList<>();
    for (String name : keep) {
      columns.add(functions.col(quoted(name)));
    }
    FeatureEncoder encoder = encoder().withTypesOf(input);
    columns.add(version.map(encoder::withTypesOf).orElse(encoder).features(table.schema()));
    earlier()
        .map(other -> other.setOutputCol(CheckedRows.HASHED_EARLIER).features(table.schema()))
        .ifPresent(columns::add);
    return table.select(columns.toArray(Column[]::new));
  }

  /** The definition of features and label, from which the same can be made again. */
  private FeatureEncoder encoder() {
    FeatureEncoder encoder =
        new FeatureEncoder()
            .setDerived(conf.derived())
            .setCategoricalCols(conf.get(TrainConf.CATEGORICAL).toArray(String[]::new))
            .setNumericCols(conf.get(TrainConf.NUMERIC).toArray(String[]::new))
            .setCrosses(
                conf.get(TrainConf.CROSS).stream()
                    .map(cross -> String.join("*", cross))
                    .toArray(String[]::new))
            .setNumFeatures(size())
            .setLabel(conf.get(TrainConf.LABEL))
            .setOutputCol(CheckedRows.HASHED);
    if (!conf.get(RowKeys.OFFSET).isEmpty()) {
      encoder.setOffset(conf.get(RowKeys.OFFSET));
    }
    String positive = conf.get(TrainConf.LABEL_POSITIVE);
    return positive.isEmpty() ? encoder : encoder.setLabelPositive(positive);
  }

  /** Checks that all columns are there that features are made of, and that there are some. */
  void check(Dataset<Row> table) {
    List<String> names = new ArrayList<>(numeric(table));
    for (String name : conf.get(TrainConf.CATEGORICAL)) {
      column(table, name, TrainConf.CATEGORICAL.name());
      names.add(name);
    }
    for (List<String> cross : conf.get(TrainConf.CROSS)) {
      cross.forEach(name -> column(table, name, TrainConf.CROSS.name()));
      names.addAll(cross);
    }
    if (names.isEmpty()) {
      throw new JobException(
          Text.format(
              "Cannot make features: none are configured, expected columns in features.categorical,"
                  + " features.numeric or features.cross, found columns %s in the input (input=%s)",
              String.join(", ", inputColumns), conf.get(TrainConf.INPUT)));
    }
  }

  private DataType column(Dataset<Row> table, String name, String key) {
    return Arrays.stream(table.schema().fields())
        .filter(field -> field.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new JobException(
                    Text.format(
                        "Unknown column %s: expected one of %s%s (%s, %s)",
                        name,
                        String.join(", ", inputColumns),
                        NearestName.of(name, inputColumns)
                            .map(near -> "; did you mean " + near + "?")
                            .orElse(""),
                        key,
                        conf.place(key))))
        .dataType();
  }

  /** The columns of the user's own. */
  static List<String> visible(Dataset<Row> table) {
    return Arrays.stream(table.columns())
        .filter(name -> !name.startsWith(InputReader.RESERVED))
        .toList();
  }

  static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }
}
