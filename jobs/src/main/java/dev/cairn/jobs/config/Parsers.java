package dev.cairn.jobs.config;

import dev.cairn.spark.settings.FeatureSettings;
import dev.cairn.spark.settings.Values;
import java.util.Arrays;
import java.util.List;

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

  /** A name as it is; a text with a slash in it is a path. */
  static ConfKey.Parser<String> nameOrPath() {
    return (text, base) -> text.contains("/") || text.startsWith("~") ? base.resolve(text) : text;
  }

  /** One of some words, or nothing where the text is empty. */
  static ConfKey.Parser<String> optionalWord(List<String> words) {
    Values<String> values = Values.oneOf(words);
    return (text, base) -> text.isEmpty() ? "" : values.parse(text);
  }

  static ConfKey.Parser<List<List<String>>> crosses() {
    return (text, base) ->
        words(text, ",").stream()
            .map(
                cross -> {
                  List<String> parts = words(cross, "\\*");
                  if (parts.size() < 2) {
                    throw new IllegalArgumentException(FeatureSettings.CROSSES.values().expected());
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
