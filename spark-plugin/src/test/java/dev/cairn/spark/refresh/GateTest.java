package dev.cairn.spark.refresh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.BinaryFigures;
import dev.cairn.checkpoint.model.NumberFigures;
import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.spark.ml.ModelComparison;
import dev.cairn.spark.ml.ModelComparison.Slice;
import dev.cairn.spark.refresh.GateReport.Check;
import dev.cairn.spark.refresh.GateReport.Outcome;
import dev.cairn.spark.refresh.GateReport.Verdict;
import dev.cairn.spark.settings.Threshold;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What the gate lets through. */
final class GateTest {
  private static final long ENOUGH = 5000;

  private static TestFigures figures(double logLoss, double auc, long rows) {
    return new BinaryFigures(
        0.5,
        logLoss,
        Double.isNaN(auc) ? OptionalDouble.empty() : OptionalDouble.of(auc),
        List.of(new BinaryFigures.Tenth(0, rows, 0, 0, 0, 0)));
  }

  private static ModelComparison first(TestFigures after) {
    return new ModelComparison(Optional.empty(), after, new TreeMap<>());
  }

  private static ModelComparison both(TestFigures before, TestFigures after) {
    return new ModelComparison(Optional.of(before), after, new TreeMap<>());
  }

  private static Gate gate(String values, String changes) {
    return Gate.of(Threshold.parse(values), Threshold.parse(changes));
  }

  private static Verdict verdict(Gate gate, ModelComparison compared) {
    return gate.judge(compared).verdict();
  }

  @Test
  void valuesAndChangesAreKeptUpToTheirBounds() {
    Gate gate = gate("logLoss <= 0.5, auc >= 0.625", "logLoss <= 0.0625, auc >= -0.125");
    TestFigures old = figures(0.4375, 0.75, ENOUGH);
    assertEquals(Verdict.PASSED, verdict(gate, both(old, figures(0.5, 0.625, ENOUGH))));
    assertEquals(Verdict.FAILED, verdict(gate, both(old, figures(0.501, 0.7, ENOUGH))));
    assertEquals(Verdict.FAILED, verdict(gate, both(old, figures(0.44, 0.62, ENOUGH))));
    TestFigures better = figures(0.3, 0.8, ENOUGH);
    assertEquals(
        Verdict.FAILED,
        verdict(gate, both(better, figures(0.4, 0.8, ENOUGH))),
        "the value is good, the change is not");
    GateReport report = gate.judge(both(old, figures(0.5, 0.6, ENOUGH)));
    assertEquals(
        List.of(
            "auc >= 0.625, found 0.60000",
            "change of auc >= -0.125, found -0.15000 (0.75000" + " before, 0.60000 now)"),
        report.failed());
    assertEquals(2, report.kept().size());
  }

  @Test
  void withoutAnEarlierVersionChangesDoNotCount() {
    Gate gate = gate("logLoss <= 0.5", "logLoss <= -1");
    GateReport report = gate.judge(first(figures(0.4, 0.7, ENOUGH)));
    assertEquals(Verdict.PASSED, report.verdict());
    assertEquals(Outcome.NOT_COUNTED, report.checks().get(1).outcome());
    assertEquals(Verdict.FAILED, verdict(gate, first(figures(0.6, 0.7, ENOUGH))));
  }

  @Test
  void whatNoThresholdAskedAboutIsNotValidated() {
    TestFigures good = figures(0.1, 0.99, ENOUGH);
    assertEquals(Verdict.NOT_VALIDATED, verdict(gate("", ""), both(good, good)));
    assertEquals(Verdict.NOT_VALIDATED, verdict(gate("", ""), first(good)));
    assertEquals(
        Verdict.NOT_VALIDATED,
        verdict(gate("", "loss <= 0"), first(good)),
        "no threshold counts for a first model");
    assertFalse(gate("", "").judge(first(figures(0.1, 0.9, 1))).passed());
  }

  @Test
  void whatIsNoNumberOrNotDefinedFails() {
    Gate gate = gate("logLoss <= 0.5", "");
    GateReport diverged = gate.judge(first(figures(Double.NaN, 0.7, ENOUGH)));
    assertEquals(Verdict.FAILED, diverged.verdict());
    assertTrue(diverged.failed().get(0).contains("NaN"), diverged::toString);
    assertEquals(
        Verdict.FAILED,
        verdict(
            gate("", "loss <= 1"), both(figures(Double.NaN, 1, ENOUGH), figures(1, 1, ENOUGH))));
    GateReport none = gate("auc >= 0.1", "").judge(first(figures(0.1, Double.NaN, ENOUGH)));
    assertEquals(Verdict.FAILED, none.verdict());
    assertTrue(none.failed().get(0).contains("found no auc"), none::toString);
    assertEquals(Verdict.FAILED, verdict(gate("r2 >= 0", ""), first(figures(0.1, 0.9, ENOUGH))));
  }

  @Test
  void tooFewRowsFail() {
    GateReport report = gate("logLoss <= 0.5", "").judge(first(figures(0.4, 0.7, 999)));
    assertEquals(Verdict.FAILED, report.verdict());
    assertTrue(report.failed().get(0).contains("1,000 held-out rows, found 999"), report::toString);
  }

  private static GateReport sliced(String change, Map<String, Slice> origins) {
    return sliced(change, origins, figures(0.5, 0.7, ENOUGH));
  }

  private static GateReport sliced(String change, Map<String, Slice> origins, TestFigures figures) {
    Gate gate =
        new Gate(
            Threshold.parse("loss <= 1"),
            List.of(),
            1,
            List.of("origin"),
            Threshold.parse(change),
            100);
    SortedMap<String, SortedMap<String, Slice>> slices = new TreeMap<>();
    slices.put("origin", new TreeMap<>(origins));
    return gate.judge(new ModelComparison(Optional.of(figures), figures, slices));
  }

  @Test
  void noSliceOfEnoughRowsMayGetWorse() {
    Slice fine = new Slice(100, 0.5, 0.5);
    Slice bad = new Slice(100, 0.5, 0.625);
    Slice small = new Slice(99, 0.5, 9);
    assertTrue(sliced("loss <= 0.0625", Map.of("ATL", fine, "ORD", small)).passed());
    GateReport failed = sliced("loss <= 0.0625", Map.of("ATL", fine, "JFK", bad, "ORD", small));
    assertEquals(Verdict.FAILED, failed.verdict());
    assertTrue(
        failed.failed().get(0).contains("1 that pass and 1 that do not; the most changed is JFK"),
        failed::toString);
    Slice nan = new Slice(100, 0.5, Double.NaN);
    assertFalse(sliced("loss <= 0.0625", Map.of("A", nan, "B", fine, "C", bad)).passed());
    GateReport none = sliced("loss <= 0.0625", Map.of("ORD", small));
    assertEquals(Outcome.NOT_COUNTED, none.checks().get(1).outcome(), "no slice has enough rows");
  }

  @Test
  void logLossOfSlicesIsOnlyThatOfModelsWhoseLossItIs() {
    Map<String, Slice> fine = Map.of("ATL", new Slice(100, 0.5, 0.5));
    assertTrue(sliced("logLoss <= 0.0625", fine).passed());
    TestFigures numbers = new NumberFigures(ENOUGH, 0.5, 0.25, 0.25, OptionalDouble.empty());
    assertTrue(sliced("loss <= 0.0625", fine, numbers).passed());
    GateReport failed = sliced("logLoss <= 0.0625", fine, numbers);
    assertEquals(Verdict.FAILED, failed.verdict());
    assertTrue(failed.failed().get(0).contains("found no logLoss"), failed::toString);
  }

  @Test
  void thresholdsAreReadOrRefused() {
    assertEquals(
        List.of(new Threshold("logLoss", true, 0.6), new Threshold("auc", false, -0.005)),
        Threshold.parse(" logLoss<=0.6 , auc >= -0.005"));
    assertEquals(List.of(), Threshold.parse(" "));
    assertRefused("logloss <= 1", "did you mean logLoss?");
    assertRefused("acu >= 1", "did you mean auc?");
    assertRefused("auc > 1", "thresholds such as");
    assertRefused("auc >= much", "a number after >=");
    assertRefused("auc >= NaN", "finite");
    assertRefused("auc >= 0.5,", "thresholds such as");
    assertThrows(
        IllegalArgumentException.class,
        () -> new Gate(List.of(), List.of(), 1, List.of("origin"), List.of(), 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Gate(List.of(), List.of(), 1, List.of("a"), Threshold.parse("auc >= 0"), 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Gate(List.of(), List.of(), 0, List.of(), List.of(), 1));
    assertEquals(
        1, new GateReport(Verdict.PASSED, List.of(new Check(Outcome.PASSED, "x"))).kept().size());
  }

  private static void assertRefused(String text, String why) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Threshold.parse(text));
    assertTrue(String.valueOf(e.getMessage()).contains(why), e::getMessage);
  }
}
