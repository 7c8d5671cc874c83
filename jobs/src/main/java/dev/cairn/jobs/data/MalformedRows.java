package dev.cairn.jobs.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.input_file_name;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.Tuple2;

/** Handles and reports rows that do not fit their format. */
final class MalformedRows {
  private static final int LONGEST = 120;

  private final TrainConf conf;

  MalformedRows(TrainConf conf) {
    this.conf = conf;
  }

  /** Whether the table can have such rows. */
  static boolean possible(Dataset<Row> table) {
    return List.of(table.columns()).contains(InputReader.MALFORMED);
  }

  /** The condition of a malformed row. */
  static Column malformed() {
    return col(FeaturePlan.quoted(InputReader.MALFORMED)).isNotNull();
  }

  /** Whether such rows are left out, which the user asks for by {@code mode}. */
  boolean leftOut() {
    return mode().equals("DROPMALFORMED");
  }

  /** Whether such rows are kept with what could be read of them. */
  boolean kept() {
    return mode().equals("PERMISSIVE");
  }

  private String mode() {
    return conf.inputOptions().getOrDefault("mode", "FAILFAST").toUpperCase(Locale.ROOT);
  }

  /** The error that names one of them by file and line. */
  JobException refusal(Dataset<Row> table, long found, long rows) {
    Row example =
        table
            .filter(malformed())
            .select(col(FeaturePlan.quoted(InputReader.MALFORMED)), input_file_name())
            .first();
    String record = example.getString(0);
    String file = InputPaths.decoded(example.getString(1));
    Optional<Tuple2<String, Long>> place = find(table, file, record);
    String line = place.map(at -> at._1()).orElse(record);
    return new JobException(
        Text.format(
            "Cannot read input: %s in %,d of %,d rows, found \"%s\" (path=%s%s). %s",
            why(record),
            found,
            rows,
            line.length() > LONGEST ? line.substring(0, LONGEST) + "..." : line,
            InputPaths.shown(file),
            place.map(at -> " line " + (at._2() + 1)).orElse(""),
            remedy(record)));
  }

  private String why(String record) {
    if (InputReader.format(conf).equals("libsvm")) {
      LibsvmLine line = new LibsvmLine(conf.get(TrainConf.INPUT_FEATURES));
      line.read(record);
      return String.valueOf(line.problem());
    }
    if (record.equals(CsvInput.UNKNOWN_LETTER)) {
      return Text.format(
          "bytes are not %s, expected them to be", CsvInput.encoding(conf).orElse("UTF-8"));
    }
    return "fields are too many, too few or of another type, expected as many as the header has,";
  }

  private String remedy(String record) {
    String drop = "set input.option.mode=DROPMALFORMED to leave such rows out and count them";
    if (InputReader.format(conf).equals("libsvm")) {
      return "Correct the file, or " + drop + ".";
    }
    return record.equals(CsvInput.UNKNOWN_LETTER)
        ? "Set input.option.encoding, such as ISO-8859-1, or " + drop + "."
        : "Correct the file, set input.option.* (sep, quote, escape, multiLine), or " + drop + ".";
  }

  /** Looks for the line in the file, for an error only: returns the line and its number from 0. */
  private Optional<Tuple2<String, Long>> find(Dataset<Row> table, String file, String record) {
    String first = record.lines().findFirst().orElse("");
    boolean unknown = record.equals(CsvInput.UNKNOWN_LETTER);
    Function<Tuple2<String, Long>, Boolean> same =
        line ->
            unknown
                ? line._1().contains(CsvInput.UNKNOWN_LETTER)
                : line._1().equals(first) || line._1().equals("\ufeff" + first);
    try {
      return new JavaSparkContext(table.sparkSession().sparkContext())
          .textFile(InputPaths.literal(file)).zipWithIndex().filter(same).take(1).stream()
              .findFirst();
    } catch (Exception e) { // Scala throws checked exceptions that its signatures do not name
      return Optional.empty(); // The row itself is reported already.
    }
  }
}
