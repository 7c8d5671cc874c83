package dev.cairn.spark.settings;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A bound on a metric, or on its change.
 *
 * @param metric one of {@link #METRICS}
 * @param atMost whether the bound is the largest value that passes; else it is the smallest
 * @param bound finite
 */
public record Threshold(String metric, boolean atMost, double bound) {
  /** The least number of held-out rows where nothing else is said. */
  public static final long LEAST_ROWS = 1000;

  /** The least number of rows of a slice where nothing else is said. */
  public static final long LEAST_SLICE_ROWS = 100;

  /** The names of all metrics; {@code loss} is the model's own, whatever its kind. */
  public static final List<String> METRICS =
      List.of(
          "logLoss",
          "loss",
          "auc",
          "precision",
          "recall",
          "f1",
          "accuracy",
          "meanSquaredError",
          "meanAbsoluteError",
          "r2");

  private static final Pattern FORM =
      Pattern.compile("\\s*([A-Za-z0-9]+)\\s*(<=|>=)\\s*(\\S+)\\s*");

  /** Checks metric and bound. */
  public Threshold {
    if (!METRICS.contains(metric)) {
      String nearest =
          METRICS.stream()
              .filter(name -> distance(name, metric) <= Math.max(2, name.length() / 3))
              .min(Comparator.comparingInt(name -> distance(name, metric)))
              .map(name -> "; did you mean " + name + "?")
              .orElse("");
      throw new IllegalArgumentException(
          "a metric among " + String.join(", ", METRICS) + ", not " + metric + nearest);
    }
    if (!Double.isFinite(bound)) {
      throw new IllegalArgumentException("a finite bound of " + metric);
    }
  }

  /**
   * Reads thresholds, such as {@code logLoss <= 0.6, auc >= 0.65}; none of an empty text.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  public static List<Threshold> parse(String text) {
    List<Threshold> all = new ArrayList<>();
    if (text.isBlank()) {
      return all;
    }
    for (String part : text.split(",", -1)) {
      Matcher matcher = FORM.matcher(part);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "thresholds such as logLoss <= 0.6, auc >= 0.65, not " + part.strip());
      }
      double bound;
      try {
        bound = Double.parseDouble(matcher.group(3));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "a number after " + matcher.group(2) + ", not " + matcher.group(3), e);
      }
      all.add(new Threshold(matcher.group(1), matcher.group(2).equals("<="), bound));
    }
    return all;
  }

  /** Whether a value passes; NaN never does. */
  public boolean passes(double value) {
    return atMost ? value <= bound : value >= bound;
  }

  /** The edit distance of two names, whatever their case. */
  private static int distance(String one, String other) {
    String a = one.toLowerCase(Locale.ROOT);
    String b = other.toLowerCase(Locale.ROOT);
    int[] last = new int[b.length() + 1];
    Arrays.setAll(last, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int[] next = new int[b.length() + 1];
      next[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        next[j] = Math.min(change, 1 + Math.min(last[j], next[j - 1]));
      }
      last = next;
    }
    return last[b.length()];
  }

  @Override
  public String toString() {
    return metric + (atMost ? " <= " : " >= ") + bound;
  }
}
