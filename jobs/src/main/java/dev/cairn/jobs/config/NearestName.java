package dev.cairn.jobs.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds what a user meant: the known name that takes the fewest changed, missing, added or swapped
 * letters; before that, one that only differs in case and separators, or that the last word
 * abbreviates ({@code optimizer.lr}); after that, one that holds the last word.
 */
public final class NearestName {
  /** A word that short is a part of too many names by chance. */
  private static final int LEAST_PART = 4;

  private NearestName() {}

  /**
   * The nearest of {@code known}, unless more than a third of the letters (and more than two) would
   * have to change and no other likeness is there.
   */
  public static Optional<String> of(String found, Collection<String> known) {
    String written = found.toLowerCase(Locale.ROOT);
    return first(known, name -> letters(name).equals(letters(written)))
        .or(() -> first(known, name -> abbreviates(written, name)))
        .or(() -> byDistance(written, known))
        .or(() -> first(known, name -> holds(name, lastPart(written))));
  }

  private static Optional<String> byDistance(String found, Collection<String> known) {
    String best = null;
    int bestDistance = Math.max(2, found.length() / 3) + 1;
    for (String name : known) {
      int distance = distance(found, name.toLowerCase(Locale.ROOT));
      if (distance < bestDistance) {
        best = name;
        bestDistance = distance;
      }
    }
    return Optional.ofNullable(best);
  }

  private static Optional<String> first(
      Collection<String> known, java.util.function.Predicate<String> test) {
    return known.stream().filter(test).findFirst();
  }

  private static String letters(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[-_.]", "");
  }

  /** Whether {@code found} ends in the first letters of the words that {@code name} ends in. */
  private static boolean abbreviates(String found, String name) {
    String[] words = lastPart(name.toLowerCase(Locale.ROOT)).split("[-_]", -1);
    StringBuilder initials = new StringBuilder();
    for (String word : words) {
      initials.append(word, 0, Math.min(1, word.length()));
    }
    boolean sameFamily =
        !found.contains(".") || name.startsWith(found.substring(0, found.lastIndexOf('.') + 1));
    return words.length > 1 && sameFamily && lastPart(found).contentEquals(initials);
  }

  private static boolean holds(String name, String part) {
    return part.length() >= LEAST_PART && letters(lastPart(name)).contains(letters(part));
  }

  private static String lastPart(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
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
