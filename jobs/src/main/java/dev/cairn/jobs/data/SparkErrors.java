package dev.cairn.jobs.data;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.Text;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.AnalysisException;

/** Turns what Spark throws into one message for people. */
public final class SparkErrors {
  private static final String STOPPED = "Spark stopped";

  private SparkErrors() {}

  /** {@code Cannot <verb>: <why>, expected <x> (<where>). <remedy>}. */
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

  /**
   * The sentence at the bottom of {@code error}: what went wrong, without classes, plans and stack
   * traces.
   */
  public static String why(Throwable error) {
    Deque<Throwable> chain = chain(error);
    Throwable worded = worded(chain);
    String said = sentence(worded);
    boolean unreadable =
        worded instanceof SparkThrowable spark
            && String.valueOf(spark.getCondition()).startsWith("FAILED_READ_FILE");
    Throwable bottom = chain.getFirst();
    // Of an unreadable file Spark says only which one it is.
    return unreadable && bottom != worded ? said + ": " + sentence(bottom) : said;
  }

  private static String sentence(Throwable error) {
    String text =
        error instanceof AnalysisException analysis
            ? analysis.getSimpleMessage()
            : error.getMessage();
    if (text == null || text.isBlank()) {
      return error.getClass().getSimpleName();
    }
    String line = text.strip().lines().findFirst().orElse("").strip();
    // Spark starts its messages with [CONDITION] and ends them with SQLSTATE: 42703.
    line = line.replaceFirst("^\\[[A-Z0-9_.]+\\]\\s*", "").replaceFirst("\\s*SQLSTATE: \\w+$", "");
    line = line.replaceFirst("[.,;:]+$", "");
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

  /** The error and its causes, the first cause first. */
  private static Deque<Throwable> chain(Throwable error) {
    Deque<Throwable> chain = new ArrayDeque<>();
    for (Throwable e = error; e != null && chain.size() < 50; e = e.getCause()) {
      chain.push(e);
    }
    return chain;
  }

  /** The innermost one that Spark worded for its users, or else the first cause. */
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
