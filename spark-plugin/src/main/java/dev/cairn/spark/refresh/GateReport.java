package dev.cairn.spark.refresh;

import java.util.List;

/**
 * A gate's verdict on a model.
 *
 * @param verdict what follows from the checks
 * @param checks all of them, whether they counted or not
 */
public record GateReport(Verdict verdict, List<Check> checks) {

  /** What follows from the checks. */
  public enum Verdict {
    /** At least one threshold counted, and all that counted were kept. */
    PASSED,
    /** A check failed. */
    FAILED,
    /** No threshold counted, so nothing is known of the model. */
    NOT_VALIDATED
  }

  /** How one check came out. */
  public enum Outcome {
    /** Kept. */
    PASSED,
    /** Not kept. */
    FAILED,
    /** It does not count, since there is no earlier version or no slice is large enough. */
    NOT_COUNTED
  }

  /**
   * A check.
   *
   * @param outcome how it came out
   * @param words what was asked and found, such as {@code logLoss <= 0.6, found 0.4312}
   */
  public record Check(Outcome outcome, String words) {}

  /** Copies the list. */
  public GateReport {
    checks = List.copyOf(checks);
  }

  /** Whether the model may be published. */
  public boolean passed() {
    return verdict == Verdict.PASSED;
  }

  /** Those of the checks that counted and were kept, in words. */
  public List<String> kept() {
    return words(Outcome.PASSED);
  }

  /** Those of the checks that failed, in words. */
  public List<String> failed() {
    return words(Outcome.FAILED);
  }

  private List<String> words(Outcome outcome) {
    return checks.stream().filter(one -> one.outcome() == outcome).map(Check::words).toList();
  }
}
