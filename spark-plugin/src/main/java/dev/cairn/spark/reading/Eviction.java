package dev.cairn.spark.reading;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Decides which models are freed: those that were not used for long, and, the longest unused first,
 * as many more as there are too many models or bytes. Models in use stay, whatever the bounds. A
 * pure function.
 */
final class Eviction {
  private Eviction() {}

  /**
   * A model that may be freed.
   *
   * @param bytes the bytes that its shards take, or will take
   * @param held whether it has shards
   * @param coming whether it is being loaded; then it is in use
   * @param copying whether something is done with its shards; then it is in use
   * @param unusedNanos the time since it was last asked for
   */
  record Candidate(
      ReadableModel model,
      long bytes,
      boolean held,
      boolean coming,
      boolean copying,
      long unusedNanos) {

    private boolean takesRoom() {
      return held || coming;
    }

    private boolean unused() {
      return !coming && !copying && unusedNanos > ReadModels.IN_USE.toNanos();
    }
  }

  /**
   * The bounds on the models that stay.
   *
   * @param models the number of models
   * @param bytes the bytes that their shards may take together
   * @param idleNanos the time after which an unused model goes in any case
   */
  record Bounds(int models, long bytes, long idleNanos) {}

  /** The models that go, the longest unused first; with them those that have no shards. */
  static List<ReadableModel> victims(List<Candidate> all, Bounds bounds) {
    long bytes = 0;
    int count = 0;
    List<Candidate> unused = new ArrayList<>();
    for (Candidate one : all) {
      if (one.takesRoom()) {
        bytes += one.bytes();
        count++;
      }
      if (one.unused()) {
        unused.add(one);
      }
    }
    unused.sort(Comparator.comparingLong(Candidate::unusedNanos).reversed());
    List<ReadableModel> victims = new ArrayList<>();
    for (Candidate one : unused) {
      boolean idle = one.unusedNanos() > bounds.idleNanos();
      if (idle || !one.held() || count > bounds.models() || bytes > bounds.bytes()) {
        victims.add(one.model());
        if (one.held()) {
          bytes -= one.bytes();
          count--;
        }
      }
    }
    return victims;
  }
}
