package dev.cairn.jobs.data;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.Text;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.AnalysisException;

/** Turns Spark's errors into one message for people. */
public final class SparkErrors {
  private static final String STOPPED = "Spark stopped";

  /** The number of letters after which a message of several lines is cut, at the end of a line. */
  private static final int LONGEST = 600;

  private static final Pattern MISSING_CONNECTOR =
      Pattern.compile("Class \\S*\\.fs\\.\\S+ not found|No FileSystem for scheme \"?[^\"\\s]+\"?");

  /** Parts of messages, each with the module that is missing then. */
  private static final Map<String, String> CONNECTORS =
      Map.of(
          ".s3a.", "org.apache.hadoop:hadoop-aws",
          "scheme \"s3\"", "org.apache.hadoop:hadoop-aws (and s3a:// paths)",
          ".azurebfs.", "org.apache.hadoop:hadoop-azure",
          ".gcs.", "com.google.cloud.bigdataoss:gcs-connector",
          "scheme \"gs\"", "com.google.cloud.bigdataoss:gcs-connector");

  private SparkErrors() {}

  /** Makes a message {@code Cannot <verb>: <why>, expected <x> (<where>). <remedy>}. */
  static JobException translate(
      String verb, String expected, String where, String remedy, Throwable error) {
    if (error instanceof JobException job) {
      return job;
    }
    String why = why(error);
    if (why.startsWith(STOPPED)) { // neither the input's fault nor the configuration's
      return new JobException(Text.format("Cannot %s: %s", verb, why), error);
    }
    return new JobException(
        Text.format("Cannot %s: %s, expected %s (%s). %s", verb, why, expected, where, remedy),
        error);
  }

  /** The sentence at the bottom of {@code error}, without classes, plans and stack traces. */
  public static String why(Throwable error) {
    Deque<Throwable> chain = chain(error);
    Throwable worded = worded(chain);
    String said = sentence(worded);
    boolean unreadable =
        worded instanceof SparkThrowable spark
            && String.valueOf(spark.getCondition()).startsWith("FAILED_READ_FILE");
    Throwable bottom = chain.getFirst();
    // For an unreadable file Spark gives only its name.
    return unreadable && bottom != worded ? said + ": " + sentence(bottom) : said;
  }

  /** Cairn's own message for the user, perhaps from an executor, at the bottom of an error. */
  public static Optional<String> own(Throwable error) {
    for (Throwable e : chain(error)) {
      String text = String.valueOf(e.getMessage());
      if (e instanceof IllegalArgumentException && text.startsWith("Cannot ")) {
        return Optional.of(text);
      }
    }
    return Optional.empty();
  }

  /** Whether a message of an error, or of one of its causes, has a text in it. */
  public static boolean mentions(Throwable error, String text) {
    return chain(error).stream().anyMatch(one -> String.valueOf(one.getMessage()).contains(text));
  }

  private static String sentence(Throwable error) {
    String text =
        error instanceof AnalysisException analysis
            ? analysis.getSimpleMessage()
            : error.getMessage();
    if (text == null || text.isBlank()) {
      return error.getClass().getSimpleName();
    }
    String line = line(error, text);
    Matcher missing = MISSING_CONNECTOR.matcher(line);
    if (missing.find()) {
      return "the connector for such paths is not on the class path (" + missing.group() + ")";
    }
    // Spark starts its messages with [CONDITION] and ends them with SQLSTATE: 42703.
    line =
        line.replaceFirst("^\\[[A-Z0-9_.]+\\]\\s*", "")
            .replaceFirst("\\.?\\s*SQLSTATE: \\w+", "")
            .replaceFirst("[.,;:]+$", "");
    String log = System.getProperty("cairn.log", "its log");
    if (line.contains("stopped SparkContext")) {
      return "the cluster does not answer, or has refused the application; see " + log;
    }
    if (line.contains("SparkContext was shut down")) {
      return STOPPED + ", because a signal came or its executors kept failing; see " + log;
    }
    if (line.isEmpty()) {
      return error.getClass().getSimpleName();
    }
    boolean acronym = line.length() > 1 && Character.isUpperCase(line.charAt(1));
    return acronym ? line : line.substring(0, 1).toLowerCase(Locale.ROOT) + line.substring(1);
  }

  /**
   * The lines of a message: one of Spark's may have several, with its advice at the end; of others
   * the first counts.
   */
  private static String line(Throwable error, String text) {
    if (!(error instanceof SparkThrowable worded && worded.getCondition() != null)) {
      return text.strip().lines().findFirst().orElse("").strip();
    }
    StringBuilder said = new StringBuilder();
    for (String line : text.strip().lines().toList()) {
      // From here on it shows the query, or the stack.
      if (line.startsWith("== ") || line.startsWith("\tat ") || said.length() > LONGEST) {
        break;
      }
      said.append(said.isEmpty() ? "" : " ").append(line.strip());
    }
    return said.toString().replaceAll("\\s+", " ").strip();
  }

  /** Whether computing a value failed, rather than reading a file. */
  static boolean isOfExpression(Throwable error) {
    return worded(chain(error)) instanceof SparkThrowable spark
        && !String.valueOf(spark.getCondition()).startsWith("FAILED_READ_FILE");
  }

  /** The remedy, where a key of ours is the answer to Spark's advice. */
  static Optional<String> remedy(Throwable error) {
    for (Throwable e : chain(error)) {
      String text = String.valueOf(e.getMessage());
      if (text.contains("MISSING_GROUP_BY")) {
        return Optional.of(
            "An aggregate, such as avg, is a value of all rows, not of each: compute it"
                + " beforehand.");
      }
      if (text.contains("CONFLICTING_")) {
        return Optional.of("Set input.option.basePath to the table's folder.");
      }
      if (MISSING_CONNECTOR.matcher(text).find()) {
        String module =
            CONNECTORS.entrySet().stream()
                .filter(known -> text.contains(known.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("its module");
        return Optional.of(
            Text.format(
                "Start with spark-submit --packages and %s, in the version of your Hadoop; or use a"
                    + " local path or HDFS.",
                module));
      }
    }
    return Optional.empty();
  }

  /** The error and its causes, the first cause first. */
  private static Deque<Throwable> chain(Throwable error) {
    Deque<Throwable> chain = new ArrayDeque<>();
    for (Throwable e = error; e != null && chain.size() < 50; e = e.getCause()) {
      chain.push(e);
    }
    return chain;
  }

  /** The innermost error that Spark worded for its users, or else the first cause. */
  private static Throwable worded(Deque<Throwable> chain) {
    for (Throwable e : chain) {
      if (e instanceof SparkThrowable spark
          && spark.getCondition() != null
          && e.getMessage() != null) {
        return e;
      }
    }
    return chain.getFirst();
  }
}
