package dev.cairn.jobs.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * Finds the name that a user meant: the known name that takes the fewest changed, missing or added
 * letters; before that, one that only differs in case and separators, or that the last word
 * abbreviates ({@code optimizer.lr}); after that, one that holds the last word.
 */
public final class NearestName {
  /** The fewest letters of a part: a shorter word is a part of too many names by chance. */
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
    int most = Math.max(2, found.length() / 3);
    LevenshteinDistance distances = new LevenshteinDistance(most);
    int bestDistance = most + 1;
    for (String name : known) {
      int distance = distances.apply(found, name.toLowerCase(Locale.ROOT));
      if (distance >= 0 && distance < bestDistance) { // -1: further than most
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
}
