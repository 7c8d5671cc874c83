package dev.cairn.jobs.config;

import java.util.Optional;

/**
 * One key of a configuration: all there is to know about it.
 *
 * @param name the name as a user writes it
 * @param type what a value looks like, in a few words
 * @param defaultText the value when none is given; empty when the key is required
 * @param sentence what it does, in one sentence
 * @param parser text to value
 */
public record ConfKey<T>(
    String name, String type, Optional<String> defaultText, String sentence, Parser<T> parser) {

  /** Turns text into a value. */
  @FunctionalInterface
  public interface Parser<T> {
    /**
     * The value of {@code text}.
     *
     * @throws IllegalArgumentException whose message says what was expected
     */
    T parse(String text, PathBase base);
  }

  static <T> ConfKey<T> required(String name, String type, String sentence, Parser<T> parser) {
    return new ConfKey<>(name, type, Optional.empty(), sentence, parser);
  }

  static <T> ConfKey<T> optional(
      String name, String type, String defaultText, String sentence, Parser<T> parser) {
    return new ConfKey<>(name, type, Optional.of(defaultText), sentence, parser);
  }
}
