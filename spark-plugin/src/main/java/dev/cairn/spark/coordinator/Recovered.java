package dev.cairn.spark.coordinator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One recovery, or one rebalancing at a cut: shards have new owners and hold the state of a
 * committed step.
 *
 * @param group the shards from now on
 * @param losses the executors lost since the recovery before; none when only a connection failed,
 *     or when shards were rebalanced
 * @param cause the reason, for people
 * @param step the committed step that training goes on from
 * @param reachedStep the step that had been reached, as far as is known
 * @param memoryBytes bytes that came from the copies in memory
 * @param storageBytes bytes that were read from storage
 * @param took the time from the beginning until the shards were ready
 */
public record Recovered(
    ShardGroup group,
    List<Loss> losses,
    String cause,
    long step,
    long reachedStep,
    long memoryBytes,
    long storageBytes,
    Duration took) {

  /** Copies the list. */
  public Recovered {
    losses = List.copyOf(losses);
  }

  /**
   * This one together with one before it after which no step was done: one interruption of
   * training, for listeners. Its step is this one's; losses and bytes are those of both.
   */
  public Recovered after(Recovered earlier) {
    List<Loss> all = new ArrayList<>(earlier.losses);
    all.addAll(losses);
    return new Recovered(
        group,
        all,
        earlier.cause + "; then " + cause,
        step,
        Math.max(earlier.reachedStep, reachedStep),
        earlier.memoryBytes + memoryBytes,
        earlier.storageBytes + storageBytes,
        earlier.took.plus(took));
  }
}
