package dev.cairn.spark.coordinator;

import java.time.Duration;
import java.util.Locale;

/**
 * An executor that does not take part any more.
 *
 * @param member the executor
 * @param how the way it was noticed, such as "Spark lost it: killed"
 * @param silent the time since its last sign of life when that was noticed
 * @param leaving whether it had announced that it was going to end
 */
public record Loss(Member member, String how, Duration silent, boolean leaving) {

  /** Describes the loss for people. */
  public String describe() {
    return String.format(
        Locale.ROOT,
        "%s, %s (%d ms after its last sign)",
        member.address(),
        how,
        silent.toMillis());
  }
}
