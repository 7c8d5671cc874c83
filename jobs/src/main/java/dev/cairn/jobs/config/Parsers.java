package dev.cairn.jobs.config;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** The parsers of the value types; each error says what was expected. */
final class Parsers {
  private Parsers() {}

  static ConfKey.Parser<String> text() {
    return (text, base) -> text;
  }

  static ConfKey.Parser<String> nonEmpty(String expected) {
    return (text, base) -> {
      if (text.isEmpty()) {
        throw new IllegalArgumentException(expected);
      }
      return text;
    };
  }

  static ConfKey.Parser<String> path() {
    return (text, base) -> {
      if (text.isEmpty()) {
        throw new IllegalArgumentException("a path");
      }
      return base.resolve(text);
    };
  }

  static ConfKey.Parser<String> optionalPath() {
    return (text, base) -> text.isEmpty() ? "" : base.resolve(text);
  }

  /** A name as it is; what has a slash in it is a path. */
  static ConfKey.Parser<String> nameOrPath() {
    return (text, base) -> text.contains("/") || text.startsWith("~") ? base.resolve(text) : text;
  }

  static ConfKey.Parser<Integer> integer(int min, int max) {
    return (text, base) -> (int) whole(text, min, max);
  }

  static ConfKey.Parser<Long> longInteger(long min, long max) {
    return (text, base) -> whole(text, min, max);
  }

  private static long whole(String text, long min, long max) {
    try {
      long value = Long.parseLong(text.replace("_", ""));
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Same remedy as for a number out of range: say what is expected.
    }
    if (min == Long.MIN_VALUE && max == Long.MAX_VALUE) {
      throw new IllegalArgumentException("a whole number");
    }
    boolean open = max == Integer.MAX_VALUE || max == Long.MAX_VALUE;
    throw new IllegalArgumentException(
        open ? "a whole number, " + min + " or more" : "a whole number from " + min + " to " + max);
  }

  static ConfKey.Parser<Double> number(double min, boolean minIncluded) {
    return (text, base) -> {
      try {
        double value = Double.parseDouble(text);
        // Optimizers calculate with floats: what is none is no number of theirs.
        float kept = (float) value;
        if (Float.isFinite(kept) && (minIncluded ? value >= min : kept > min)) {
          return value;
        }
      } catch (NumberFormatException e) {
        // Same remedy as for a number out of range: say what is expected.
      }
      String bound = min == 0 ? "0" : Double.toString(min);
      throw new IllegalArgumentException(
          "a number " + (minIncluded ? "not below " : "above ") + bound + " that a float can hold");
    };
  }

  /** A number, or nothing where the text is empty. */
  static ConfKey.Parser<OptionalDouble> optionalNumber(double min, boolean minIncluded) {
    ConfKey.Parser<Double> number = number(min, minIncluded);
    return (text, base) ->
        text.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(number.parse(text, base));
  }

  /** A number from 0 on and below 1, or nothing where the text is empty. */
  static ConfKey.Parser<OptionalDouble> optionalFraction() {
    ConfKey.Parser<OptionalDouble> number = optionalNumber(0, true);
    return (text, base) -> {
      OptionalDouble value = number.parse(text, base);
      if (value.isPresent() && value.getAsDouble() >= 1) {
        throw new IllegalArgumentException("a number from 0 on and below 1");
      }
      return value;
    };
  }

  static ConfKey.Parser<Boolean> bool() {
    return (text, base) ->
        switch (text) {
          case "true" -> true;
          case "false" -> false;
          default -> throw new IllegalArgumentException("true or false");
        };
  }

  static ConfKey.Parser<String> oneOf(String... words) {
    return (text, base) -> {
      if (!List.of(words).contains(text)) {
        throw new IllegalArgumentException("one of " + String.join(", ", words));
      }
      return text;
    };
  }

  static ConfKey.Parser<List<String>> list() {
    return (text, base) -> words(text, ",");
  }

  static ConfKey.Parser<List<List<String>>> crosses() {
    return (text, base) ->
        words(text, ",").stream()
            .map(
                cross -> {
                  List<String> parts = words(cross, "\\*");
                  if (parts.size() < 2) {
                    throw new IllegalArgumentException(
                        "a list of crosses such as origin*hour, two or more columns each");
                  }
                  return parts;
                })
            .toList();
  }

  private static List<String> words(String text, String separator) {
    return Arrays.stream(text.split(separator, -1))
        .map(String::strip)
        .filter(word -> !word.isEmpty())
        .toList();
  }
}
