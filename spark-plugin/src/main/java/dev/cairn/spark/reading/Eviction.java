package dev.cairn.spark.reading;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Decides which models go: those that nobody has used for long, and, the longest unused first, as
 * many more as there are too many models or bytes. What is in use stays, whatever the bounds say. A
 * pure function.
 */
final class Eviction {
  private Eviction() {}

  /**
   * One model that is known.
   *
   * @param bytes what its shards take, or will take
   * @param held whether it has shards
   * @param coming whether it is being loaded; then it is in use
   * @param copying whether something is done with its shards; then it is in use
   * @param unusedNanos for how long nobody has asked for it
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
   * What may stay.
   *
   * @param models how many
   * @param bytes what their shards may take together
   * @param idleNanos a model that was not used for longer than this goes in any case
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
