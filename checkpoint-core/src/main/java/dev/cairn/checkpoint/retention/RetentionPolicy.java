package dev.cairn.checkpoint.retention;

import java.util.List;

/**
 * Which of the committed checkpoints expire: all but the newest {@code keep}.
 *
 * @param keep how many stay; 0 keeps all
 */
public record RetentionPolicy(int keep) {

  /** Checks the number. */
  public RetentionPolicy {
    if (keep < 0) {
      throw new IllegalArgumentException("Cannot keep " + keep + " checkpoints");
    }
  }

  /** The ones to drop, of a list with the oldest first. Never its last one. */
  public <T> List<T> expired(List<T> oldestFirst) {
    if (keep == 0 || oldestFirst.size() <= keep) {
      return List.of();
    }
    return List.copyOf(oldestFirst.subList(0, oldestFirst.size() - keep));
  }
}
