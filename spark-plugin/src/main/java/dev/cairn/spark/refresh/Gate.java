package dev.cairn.spark.refresh;

import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.spark.ml.ModelComparison;
import dev.cairn.spark.ml.ModelComparison.Slice;
import dev.cairn.spark.refresh.GateReport.Check;
import dev.cairn.spark.refresh.GateReport.Outcome;
import dev.cairn.spark.refresh.GateReport.Verdict;
import dev.cairn.spark.settings.Threshold;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Decides by figures whether a model may be published. Thresholds on values always count; those on
 * changes only beside an earlier version. Without a threshold that counts a model is not validated.
 * Pure.
 *
 * @param values bounds on the new model's metrics
 * @param changes bounds on the new model's metrics less those of the old one
 * @param rows the least number of held-out rows
 * @param slices the columns by whose values rows are sliced
 * @param sliceChanges bounds on the change of {@code loss} in every slice; {@code logLoss} is the
 *     same where the model's loss is that, and fails with other models
 * @param sliceRows the least number of rows of a slice that counts
 */
public record Gate(
    List<Threshold> values,
    List<Threshold> changes,
    long rows,
    List<String> slices,
    List<Threshold> sliceChanges,
    long sliceRows) {

  /** Copies the lists, and checks that slices and their thresholds are there together. */
  public Gate {
    values = List.copyOf(values);
    changes = List.copyOf(changes);
    slices = List.copyOf(slices);
    sliceChanges = List.copyOf(sliceChanges);
    if (rows < 1 || sliceRows < 1) {
      throw new IllegalArgumentException(
          "Cannot make a gate: expected at least one row, found rows="
              + rows
              + " sliceRows="
              + sliceRows);
    }
    if (slices.isEmpty() != sliceChanges.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot make a gate: expected slices and thresholds of their change together, found "
              + (slices.isEmpty() ? "no slices" : "no thresholds for slices " + slices));
    }
    for (Threshold one : sliceChanges) {
      if (!one.metric().equals("loss") && !one.metric().equals("logLoss")) {
        throw new IllegalArgumentException(
            "Cannot make a gate: expected thresholds of loss for slices, found " + one);
      }
    }
  }

  /** A gate with thresholds on all rows together. */
  public static Gate of(List<Threshold> values, List<Threshold> changes) {
    return new Gate(
        values, changes, Threshold.LEAST_ROWS, List.of(), List.of(), Threshold.LEAST_SLICE_ROWS);
  }

  /**
   * Judges a model.
   *
   * @param compared its figures and those of the earlier model, if there is one
   */
  public GateReport judge(ModelComparison compared) {
    List<Check> checks = new ArrayList<>();
    long found = compared.after().rows();
    if (found < rows) {
      checks.add(
          new Check(
              Outcome.FAILED,
              text("at least %,d held-out rows, found %,d: too few to judge by", rows, found)));
    }
    values.forEach(one -> checks.add(value(one, compared.after())));
    changes.forEach(one -> checks.add(change(one, compared.before(), compared.after())));
    for (String column : slices) {
      sliceChanges.forEach(one -> checks.add(slices(one, column, compared)));
    }
    boolean counted =
        checks.stream().anyMatch(one -> one.outcome() == Outcome.PASSED)
            || (values.size() + changes.size() + sliceChanges.size() > 0
                && checks.stream().anyMatch(one -> one.outcome() == Outcome.FAILED));
    boolean failed = checks.stream().anyMatch(one -> one.outcome() == Outcome.FAILED);
    return new GateReport(
        !counted ? Verdict.NOT_VALIDATED : failed ? Verdict.FAILED : Verdict.PASSED, checks);
  }

  private static Check value(Threshold asked, TestFigures figures) {
    Optional<Double> value = metric(figures, asked.metric());
    if (value.isEmpty()) {
      return missing(asked.toString(), figures, asked.metric());
    }
    return check(asked.passes(value.get()), text("%s, found %s", asked, number(value.get())));
  }

  private static Check change(Threshold asked, Optional<TestFigures> before, TestFigures after) {
    String words = "change of " + asked;
    if (before.isEmpty()) {
      return new Check(Outcome.NOT_COUNTED, words + ": there is no earlier version");
    }
    Optional<Double> old = metric(before.get(), asked.metric());
    Optional<Double> now = metric(after, asked.metric());
    if (old.isEmpty() || now.isEmpty()) {
      return missing(words, after, asked.metric());
    }
    double change = now.get() - old.get();
    return check(
        asked.passes(change),
        text(
            "%s, found %s (%s before, %s now)",
            words, signed(change), number(old.get()), number(now.get())));
  }

  private Check slices(Threshold asked, String column, ModelComparison compared) {
    String words = text("change of %s for every %s of %,d rows or more", asked, column, sliceRows);
    if (metric(compared.after(), asked.metric()).isEmpty()) {
      return missing(words, compared.after(), asked.metric());
    }
    if (compared.before().isEmpty()) {
      return new Check(Outcome.NOT_COUNTED, words + ": there is no earlier version");
    }
    SortedMap<String, Slice> all = compared.slices().get(column);
    if (all == null) {
      throw new IllegalArgumentException(
          "Cannot judge slices: expected rows compared by "
              + column
              + ", found "
              + compared.slices().keySet());
    }
    int counted = 0;
    int bad = 0;
    String worst = "";
    double worstChange = 0;
    Slice worstSlice = new Slice(0, 0, 0);
    for (Map.Entry<String, Slice> one : all.entrySet()) {
      Slice slice = one.getValue();
      if (slice.rows() < sliceRows) {
        continue;
      }
      double change = slice.after() - slice.before();
      counted++;
      bad += asked.passes(change) ? 0 : 1;
      boolean worse =
          Double.isNaN(change) || (asked.atMost() ? change > worstChange : change < worstChange);
      if (counted == 1 || (!Double.isNaN(worstChange) && worse)) {
        worst = one.getKey();
        worstChange = change;
        worstSlice = slice;
      }
    }
    if (counted == 0) {
      return new Check(Outcome.NOT_COUNTED, words + ": none has so many");
    }
    return check(
        bad == 0,
        text(
            "%s, found %,d that pass and %,d that do not; the most changed is %s: %s (%s before,"
                + " %s now, %,d rows)",
            words,
            counted - bad,
            bad,
            worst,
            signed(worstChange),
            number(worstSlice.before()),
            number(worstSlice.after()),
            worstSlice.rows()));
  }

  private static Optional<Double> metric(TestFigures figures, String name) {
    return name.equals("loss")
        ? Optional.of(figures.loss())
        : Optional.ofNullable(figures.numbers().get(name));
  }

  private static Check missing(String words, TestFigures figures, String metric) {
    return new Check(
        Outcome.FAILED,
        text(
            "%s, found no %s: it is not defined for this model on these rows, which have %s",
            words, metric, String.join(", ", figures.numbers().keySet())));
  }

  private static Check check(boolean passed, String words) {
    return new Check(passed ? Outcome.PASSED : Outcome.FAILED, words);
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "NaN, which is no number" : text("%.5f", value);
  }

  private static String signed(double value) {
    return Double.isNaN(value) ? "NaN, which is no number" : text("%+.5f", value);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
