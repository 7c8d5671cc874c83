package dev.cairn.jobs.data;

import static org.apache.spark.sql.functions.col;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RuntimeConfig;
import org.apache.spark.sql.SparkSession;

/**
 * Reads the header of each CSV file in the executors: the first lines alone, one task for each
 * block of a file.
 */
final class CsvHeaders {
  /**
   * The setting for a file's cost in bytes when splits are packed together; a large one keeps them
   * apart.
   */
  private static final String COST_OF_A_FILE = "spark.sql.files.openCostInBytes";

  private static final String SPLIT_BYTES = "spark.sql.files.maxPartitionBytes";
  private static final char SEPARATOR = '\n';

  private final SparkSession spark;
  private final TrainConf conf;

  CsvHeaders(SparkSession spark, TrainConf conf) {
    this.spark = spark;
    this.conf = conf;
  }

  /**
   * Files with the same header line, letter by letter.
   *
   * @param files the paths as Hadoop writes them
   */
  record Group(List<String> files) {
    /** The files for Spark's reader, which takes some letters for patterns. */
    String[] paths() {
      return files.stream().map(InputPaths::literal).toArray(String[]::new);
    }
  }

  /** The groups, one for each header; none when no file has a line. */
  List<Group> groups() {
    String encoding = CsvInput.encoding(conf).orElse("UTF-8");
    if (encoding.toUpperCase(Locale.ROOT).matches("UTF-?(16|32).*")) {
      return List.of(); // its lines are none of bytes
    }
    Map<String, List<String>> files = new TreeMap<>();
    for (String found : lines()) {
      int end = found.indexOf(SEPARATOR);
      String file = found.substring(end + 1);
      String header = found.substring(0, end);
      checkLetters(header, file);
      files.computeIfAbsent(header, unused -> new ArrayList<>()).add(file);
    }
    List<Group> groups = new ArrayList<>();
    files.values().forEach(same -> Collections.sort(same));
    files.values().forEach(same -> groups.add(new Group(List.copyOf(same))));
    groups.sort((a, b) -> a.files().get(0).compareTo(b.files().get(0)));
    return groups;
  }

  private List<String> lines() {
    RuntimeConfig settings = spark.conf();
    String cost = settings.get(COST_OF_A_FILE);
    settings.set(COST_OF_A_FILE, settings.get(SPLIT_BYTES));
    try {
      Dataset<Row> text =
          InputPaths.reader(spark, conf)
              .text(InputPaths.input(spark, conf))
              .select(
                  col("value").cast("binary"),
                  col("_metadata.file_path"),
                  col("_metadata.file_block_start"));
      String comment = conf.inputOptions().getOrDefault("comment", "");
      MapPartitionsFunction<Row, String> first = rows -> firstLine(rows, comment);
      return text.mapPartitions(first, Encoders.STRING()).collectAsList();
    } finally {
      settings.set(COST_OF_A_FILE, cost);
    }
  }

  /** The first line, with bytes as Latin-1 letters, so that different ones stay different. */
  private static Iterator<String> firstLine(Iterator<Row> rows, String comment) {
    while (rows.hasNext()) {
      Row row = rows.next();
      if (row.getLong(2) != 0) {
        break;
      }
      String line = new String((byte[]) row.get(0), StandardCharsets.ISO_8859_1);
      if (!line.isBlank() && (comment.isEmpty() || !line.startsWith(comment))) {
        return List.of(line + SEPARATOR + row.getString(1)).iterator();
      }
    }
    return Collections.emptyIterator();
  }

  private void checkLetters(String header, String file) {
    boolean utf8 = CsvInput.encoding(conf).isEmpty();
    String text = new String(header.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    if (utf8 && text.contains(CsvInput.UNKNOWN_LETTER)) {
      throw new JobException(
          Text.format(
              "Cannot read input: the header is not UTF-8, expected UTF-8, found \"%s\" (path=%s"
                  + " line 1); set input.option.encoding, such as ISO-8859-1, or convert the file",
              text, InputPaths.shown(file)));
    }
  }
}
