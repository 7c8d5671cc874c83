package dev.cairn.jobs.data;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.RowKeys;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Opens the input as a table, whatever its format. A table of text (CSV, libsvm) has one column
 * more, {@link #MALFORMED}: the line of a row that cannot be read as it should be, else null.
 */
final class InputReader {
  /** The prefix of all names that are Cairn's own. */
  static final String RESERVED = "cairn.";

  /** The column of the line of a row that does not fit its format; null for a good row. */
  static final String MALFORMED = RESERVED + "malformed";

  private static final String NANOS = "spark.sql.legacy.parquet.nanosAsLong";

  private InputReader() {}

  /**
   * Reads rows to train on or to score.
   *
   * @param types the types as which columns of CSV are read; those of others follow from their
   *     values
   */
  static Dataset<Row> read(SparkSession spark, TrainConf conf, SortedMap<String, DataType> types) {
    String format = format(conf);
    Dataset<Row> table;
    boolean empty;
    try {
      table =
          switch (format) {
            case "csv" -> new CsvInput(spark, conf, types).read();
            case "libsvm" -> LibsvmInput.read(spark, conf);
            default -> InputPaths.reader(spark, conf).parquet(InputPaths.input(spark, conf));
          };
      empty = table.isEmpty();
    } catch (Exception e) { // Scala throws checked exceptions that its signatures do not name
      if (String.valueOf(e.getMessage()).contains("TIMESTAMP(NANOS")) {
        throw nanoseconds(spark, conf, e);
      }
      throw SparkErrors.translate(
          "read input",
          "a readable " + format + " file or folder",
          "path=" + conf.get(TrainConf.INPUT) + ", " + conf.place(TrainConf.INPUT.name()),
          SparkErrors.remedy(e).orElse("Check the path, its permissions and input.format."),
          e);
    }
    if (empty) {
      throw new JobException(
          Text.format(
              "Cannot use an empty input: expected rows, found none (path=%s, %s)",
              conf.get(TrainConf.INPUT), conf.place(TrainConf.INPUT.name())));
    }
    checkNames(table, conf);
    return table;
  }

  /** Refuses names that clash, at once, before anything is read. */
  private static void checkNames(Dataset<Row> table, TrainConf conf) {
    List<String> names = new ArrayList<>(Arrays.asList(table.columns()));
    names.remove(MALFORMED);
    names.addAll(conf.derived().keySet());
    for (String name : names) {
      if (name.toLowerCase(Locale.ROOT).startsWith(RESERVED)) {
        throw new JobException(
            Text.format(
                "Cannot use column %s: names that begin with \"%s\" are kept for Cairn's own,"
                    + " expected another name; rename it (path=%s)",
                name, RESERVED, conf.get(TrainConf.INPUT)));
      }
    }
  }

  private static JobException nanoseconds(SparkSession spark, TrainConf conf, Exception cause) {
    List<String> names = new ArrayList<>();
    try {
      SparkSession other = spark.newSession();
      other.conf().set(NANOS, true);
      String path = InputPaths.input(spark, conf);
      StructType schema = InputPaths.reader(other, conf).parquet(path).schema();
      for (StructField field : schema.fields()) {
        if (field.dataType().equals(DataTypes.LongType) && isNanoseconds(spark, conf, field)) {
          names.add(field.name());
        }
      }
    } catch (Exception e) { // the first error counts, with or without names
      cause.addSuppressed(e);
    }
    String columns = names.isEmpty() ? "a column" : "column " + String.join(", ", names);
    String example = names.isEmpty() ? "t" : names.get(0);
    return new JobException(
        Text.format(
            "Cannot read input: %s has timestamps in nanoseconds, expected microseconds; write the"
                + " file with them (pandas: to_parquet(..., coerce_timestamps='us')), or set"
                + " %s=true and derive a time from the number: features.derive.NAME ="
                + " timestamp_micros(%s div 1000) (path=%s)",
            columns, NANOS, example, conf.get(TrainConf.INPUT)),
        cause);
  }

  /**
   * Whether a column has times in nanoseconds. Spark does not name the column that it refuses: each
   * is read by itself, as a type that plain numbers widen to and times do not.
   */
  private static boolean isNanoseconds(SparkSession spark, TrainConf conf, StructField field) {
    try {
      InputPaths.reader(spark, conf)
          .schema(new StructType().add(field.name(), DataTypes.createDecimalType(20, 0)))
          .parquet(InputPaths.input(spark, conf))
          .head(1);
      return false;
    } catch (Exception e) { // Scala throws checked exceptions that its signatures do not name
      return true;
    }
  }

  static String format(TrainConf conf) {
    String format = conf.get(TrainConf.INPUT_FORMAT);
    if (!format.equals("auto")) {
      return format;
    }
    String name = conf.get(TrainConf.INPUT).toLowerCase(Locale.ROOT);
    if (name.matches(".*\\.csv(\\.[a-z0-9]+)?/?")) {
      return "csv";
    }
    if (name.matches(".*\\.(libsvm|svm)(\\.[a-z0-9]+)?/?")) {
      return "libsvm";
    }
    return "parquet";
  }

  /** Fails when libsvm's own columns would be ignored or re-made. */
  static void checkNoColumnKeys(TrainConf conf) {
    if (!conf.derived().isEmpty()
        || !conf.get(TrainConf.CATEGORICAL).isEmpty()
        || !conf.get(TrainConf.NUMERIC).isEmpty()
        || !conf.get(TrainConf.CROSS).isEmpty()) {
      throw new JobException(
          Text.format(
              "Cannot make features: libsvm input has its features already, expected no features.*"
                  + " keys, found some; remove them or set input.format (input=%s)",
              conf.get(TrainConf.INPUT)));
    }
    if (!conf.get(RowKeys.OFFSET).isEmpty()) {
      throw new JobException(
          Text.format(
              "Cannot use train.offset: expected rows with a column of offsets, found libsvm input,"
                  + " which has labels and features alone %s",
              conf.where(RowKeys.OFFSET)));
    }
  }
}
