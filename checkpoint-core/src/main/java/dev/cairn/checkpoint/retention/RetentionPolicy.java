package dev.cairn.checkpoint.retention;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Chooses the committed checkpoints that expire: all but the newest {@code keep} and those that
 * something refers to, a run's best one above all.
 *
 * @param keep the number of the newest that stay; 0 keeps all
 */
public record RetentionPolicy(int keep) {

  /** Checks the number. */
  public RetentionPolicy {
    if (keep < 0) {
      throw new IllegalArgumentException("Cannot keep " + keep + " checkpoints");
    }
  }

  /**
   * The ones to drop, of a list with the oldest first. The last one is never among them.
   *
   * @param referenced those that stay all the same, beside the newest
   */
  public <T> List<T> expired(List<T> oldestFirst, Predicate<T> referenced) {
    if (keep == 0 || oldestFirst.size() <= keep) {
      return List.of();
    }
    List<T> old = new ArrayList<>(oldestFirst.subList(0, oldestFirst.size() - keep));
    old.removeIf(referenced);
    return old;
  }
}
