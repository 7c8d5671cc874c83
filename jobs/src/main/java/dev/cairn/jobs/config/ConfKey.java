package dev.cairn.jobs.config;

import dev.cairn.spark.CairnConf;
import dev.cairn.spark.settings.Setting;
import dev.cairn.spark.settings.Values;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One key of a configuration: all there is to know about it. Where it sets what an estimator or the
 * plugin has a setting for, it has that one's values, default and sentence.
 *
 * @param name the name as a user writes it
 * @param type what a value looks like, in a few words
 * @param defaultText the value when none is given; empty when the key is required
 * @param sentence what it does, in one sentence
 * @param parser text to value
 * @param setting what the estimator, or, from {@code spark.} on, the plugin calls the same setting;
 *     empty where neither has it
 */
public record ConfKey<T>(
    String name,
    String type,
    Optional<String> defaultText,
    String sentence,
    Parser<T> parser,
    Optional<String> setting) {

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
    return new ConfKey<>(name, type, Optional.empty(), sentence, parser, Optional.empty());
  }

  static <T> ConfKey<T> optional(
      String name, String type, String defaultText, String sentence, Parser<T> parser) {
    return new ConfKey<>(name, type, Optional.of(defaultText), sentence, parser, Optional.empty());
  }

  /** The key of a setting that has a default. */
  static <T> ConfKey<T> of(String name, Setting<T> setting) {
    return of(
        name, setting.values().expected(), setting, (text, base) -> setting.values().parse(text));
  }

  /** The key of a setting that is written in another way here. */
  static <T> ConfKey<T> of(String name, String type, Setting<?> setting, Parser<T> parser) {
    return new ConfKey<>(
        name,
        type,
        Optional.of(setting.defaultText()),
        setting.sentence(),
        parser,
        Optional.of(setting.name()));
  }

  /** The key of a number that has no default: nothing, where the text is empty. */
  static ConfKey<OptionalDouble> maybe(String name, Setting<Double> setting) {
    return of(
        name,
        setting.values().expected(),
        setting,
        (text, base) ->
            text.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(setting.values().parse(text)));
  }

  /** The key of a setting that the plugin has, too. */
  static <T> ConfKey<T> of(String name, CairnConf.Key<T> plugin) {
    return of(name, plugin.setting());
  }

  /** A key that nothing but a job has. */
  static <T> ConfKey<T> own(String name, Values<T> values, T otherwise, String sentence) {
    return optional(
        name,
        values.expected(),
        values.text(otherwise),
        sentence,
        (text, base) -> values.parse(text));
  }

  /** The same key, without a default: it has to be set. */
  ConfKey<T> asRequired() {
    return new ConfKey<>(name, type, Optional.empty(), sentence, parser, setting);
  }

  /** The plugin's name for the same setting, where it has one. */
  public Optional<String> plugin() {
    return setting.filter(name -> name.startsWith(CairnConf.PREFIX));
  }
}
