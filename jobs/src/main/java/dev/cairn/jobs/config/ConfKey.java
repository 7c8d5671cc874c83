package dev.cairn.jobs.config;

import dev.cairn.spark.CairnConf;
import dev.cairn.spark.settings.Setting;
import dev.cairn.spark.settings.Values;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A key of a configuration, with its description. If an estimator or the plugin has the same
 * setting, the key has that one's values, default and sentence.
 *
 * @param name the name as a user writes it
 * @param type the form of a value, in a few words
 * @param defaultText the value when none is given; empty when the key is required
 * @param sentence its effect, in one sentence
 * @param parser makes a value of a text
 * @param setting the name of the same setting in the estimator, or, if it begins with {@code
 *     spark.}, in the plugin; empty where neither has it
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
     * @throws IllegalArgumentException with a message that says what was expected
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

  /** Makes the key of a setting that has a default. */
  static <T> ConfKey<T> of(String name, Setting<T> setting) {
    return of(
        name, setting.values().expected(), setting, (text, base) -> setting.values().parse(text));
  }

  /** Makes the key of a setting that is written in another way here. */
  static <T> ConfKey<T> of(String name, String type, Setting<?> setting, Parser<T> parser) {
    return new ConfKey<>(
        name,
        type,
        Optional.of(setting.defaultText()),
        setting.sentence(),
        parser,
        Optional.of(setting.name()));
  }

  /** Makes the key of a number that has no default: an empty text is no value. */
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

  /** Makes the key of a setting that the plugin has, too. */
  static <T> ConfKey<T> of(String name, CairnConf.Key<T> plugin) {
    return of(name, plugin.setting());
  }

  /** Makes a key that only jobs have. */
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
