package dev.cairn.spark.host;

import dev.cairn.spark.transport.Refusal;
import dev.cairn.spark.transport.ShardMessage.Norms;
import dev.cairn.spark.transport.TransportException.Refused;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The second round of the steps of one shard whose optimizer limits a norm: the squares of the open
 * step, and those with which the step before was applied. Not thread-safe: {@link StepGate} locks.
 */
final class NormRound {
  /**
   * The squares of the open step, when all gradients are there and the norms are not; else null.
   */
  private double @Nullable [] squares;

  /** The squares of the step before. */
  private double @Nullable [] squaresBefore;

  /** The squares of all shards' gradients, by variable, with which the step before was applied. */
  private double @Nullable [] appliedWith;

  /** Whether the open step waits for the norms. */
  boolean waits() {
    return squares != null;
  }

  /** Begins the round, when all gradients of the open step are there. */
  void begin(double[] ofBlocks) {
    squares = ofBlocks;
  }

  /** The squares of the open step, which {@link #waits}. */
  double[] squares() {
    return Objects.requireNonNull(squares);
  }

  /** The squares of the step before, for a sender that is behind. */
  double[] before(long step) throws Refused {
    double[] known = squaresBefore;
    if (known == null) {
      throw StepGate.refused(Refusal.WRONG_STEP, "no gradients led to step %d here", step);
    }
    return known;
  }

  /** Forgets the open step. */
  void giveUp() {
    squares = null;
  }

  /**
   * Refuses norms that are neither of the open step nor those of the step before.
   *
   * @param step the number of steps applied
   */
  void check(Norms message, long step, int variables) throws Refused {
    long at = message.step();
    boolean late = at == step && appliedWith != null;
    if (!late && (at != step + 1 || !waits())) {
      throw StepGate.refused(
          Refusal.WRONG_STEP, "the shard is at step %d, the sender has norms of %d", step, at);
    }
    if (message.squares().length != variables) {
      throw StepGate.refused(
          Refusal.MALFORMED,
          "there are %d variables, the sender has norms of %d",
          variables,
          message.squares().length);
    }
    if (late && !Arrays.equals(appliedWith, message.squares())) {
      throw StepGate.refused(
          Refusal.MALFORMED,
          "step %d was applied with the squares %s, the sender has %s",
          at,
          Arrays.toString(appliedWith),
          Arrays.toString(message.squares()));
    }
  }

  /** Ends the round: the open step is applied with these norms. */
  void apply(Norms message) {
    squaresBefore = squares;
    squares = null;
    appliedWith = message.squares();
  }

  /** The squares with which the step is applied. */
  double[] ofVariables() {
    return Objects.requireNonNull(appliedWith);
  }
}
