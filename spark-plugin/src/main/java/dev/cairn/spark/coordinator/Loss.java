package dev.cairn.spark.coordinator;

import java.time.Duration;
import java.util.Locale;

/**
 * An executor that does not take part any more.
 *
 * @param member who
 * @param how it was noticed, such as "Spark lost it: killed"
 * @param silent how long it had given no sign of life when that was noticed
 * @param leaving whether it was going to end, and had said so
 */
public record Loss(Member member, String how, Duration silent, boolean leaving) {

  /** For people. */
  public String describe() {
    return String.format(
        Locale.ROOT,
        "%s, %s (%d ms after its last sign)",
        member.address(),
        how,
        silent.toMillis());
  }
}
