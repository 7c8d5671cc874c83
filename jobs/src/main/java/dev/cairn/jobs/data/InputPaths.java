package dev.cairn.jobs.data;

import dev.cairn.jobs.config.TrainConf;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.SparkSession;

/**
 * Interprets paths: one that exists as it is written is that path, whatever letters it has; any
 * other with {@code *?[]{}} in it is a pattern, whose part before the pattern is the table's
 * folder, so that folders such as {@code day=2024-01-01} are columns in each.
 */
final class InputPaths {
  private static final Pattern GLOB = Pattern.compile("[\\[\\]{}*?\\\\]");
  private static final String BASE = "basePath";

  private InputPaths() {}

  /** The paths that Spark's reader takes for the configured input. */
  static String input(SparkSession spark, TrainConf conf) {
    String path = conf.get(TrainConf.INPUT);
    return GLOB.matcher(path).find() && exists(spark, literal(path)) ? literal(path) : path;
  }

  /** A reader with the user's options, and the table's folder where the input is a pattern. */
  static DataFrameReader reader(SparkSession spark, TrainConf conf) {
    DataFrameReader reader = spark.read();
    String path = input(spark, conf);
    Matcher glob = GLOB.matcher(path);
    if (!conf.inputOptions().containsKey(BASE) && glob.find() && !path.contains("\\")) {
      int folder = path.lastIndexOf('/', glob.start());
      if (folder > 0) {
        reader = reader.option(BASE, path.substring(0, folder));
      }
    }
    for (var option : conf.inputOptions().entrySet()) {
      reader = reader.option(option.getKey(), option.getValue());
    }
    return reader;
  }

  /** A path in a form that Hadoop does not take for a pattern. */
  static String literal(String path) {
    return GLOB.matcher(path).replaceAll("\\\\$0");
  }

  /** The path of a file that Spark's {@code input_file_name()} names. */
  static String decoded(String uri) {
    try {
      String path = URI.create(uri).getPath();
      return path != null && uri.startsWith("file:") ? "file:" + path : decodedAsText(uri);
    } catch (IllegalArgumentException e) {
      return uri;
    }
  }

  private static String decodedAsText(String uri) {
    return java.net.URLDecoder.decode(uri.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** A local path without its scheme, as a person writes it. */
  static String shown(String path) {
    return path.replaceFirst("^file:/+", "/");
  }

  static boolean exists(SparkSession spark, String literal) {
    try {
      // Lists the files and reads nothing.
      spark.read().schema("value string").text(literal).inputFiles();
      return true;
    } catch (Exception e) { // Scala throws checked exceptions that its signatures do not name
      return !(e instanceof SparkThrowable worded
          && "PATH_NOT_FOUND".equals(worded.getCondition()));
    }
  }
}
