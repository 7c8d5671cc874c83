package dev.cairn.jobs.config;

import java.util.Collection;
import java.util.Optional;

/**
 * Finds what a user meant: the known name that takes the fewest changed, missing, added or swapped
 * letters.
 */
public final class NearestName {
  private NearestName() {}

  /**
   * The nearest of {@code known}, unless more than a third of the letters (and more than two) would
   * have to change.
   */
  public static Optional<String> of(String found, Collection<String> known) {
    String best = null;
    int bestDistance = Math.max(2, found.length() / 3) + 1;
    for (String name : known) {
      int distance = distance(found.toLowerCase(java.util.Locale.ROOT), name);
      if (distance < bestDistance) {
        best = name;
        bestDistance = distance;
      }
    }
    return Optional.ofNullable(best);
  }

  /** Restricted Damerau-Levenshtein distance, three rows at a time. */
  static int distance(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + same);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      int[] free = beforeLast;
      beforeLast = last;
      last = row;
      row = free;
    }
    return last[b.length()];
  }
}
