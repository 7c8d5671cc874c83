package dev.cairn.jobs.data;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import java.util.Locale;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Opens the input as a table, whatever its format. */
final class InputReader {
  private InputReader() {}

  static Dataset<Row> read(SparkSession spark, TrainConf conf) {
    String path = conf.get(TrainConf.INPUT);
    String format = format(conf);
    DataFrameReader reader = spark.read();
    try {
      Dataset<Row> table =
          switch (format) {
            case "csv" -> reader.option("header", true).option("inferSchema", true).csv(path);
            case "libsvm" -> libsvm(reader, conf).load(path);
            default -> reader.parquet(path);
          };
      if (table.isEmpty()) {
        throw new JobException(
            Text.format(
                "Cannot train on empty input: expected rows, found none (path=%s, %s)",
                path, conf.place(TrainConf.INPUT.name())));
      }
      return table;
    } catch (Exception e) { // Scala throws checked exceptions that its signatures do not name
      throw SparkErrors.translate(
          "read input",
          "a readable " + format + " file or folder",
          "path=" + path + ", " + conf.place(TrainConf.INPUT.name()),
          "Check the path, its permissions and input.format.",
          e);
    }
  }

  private static DataFrameReader libsvm(DataFrameReader reader, TrainConf conf) {
    int features = conf.get(TrainConf.INPUT_FEATURES);
    DataFrameReader libsvm = reader.format("libsvm");
    return features == 0 ? libsvm : libsvm.option("numFeatures", Integer.toString(features));
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
              "Cannot make features: libsvm input has its features already, expected no features.* keys, found some;"
                  + " remove them or set input.format (input=%s)",
              conf.get(TrainConf.INPUT)));
    }
  }
}
