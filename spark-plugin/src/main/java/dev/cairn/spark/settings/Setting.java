package dev.cairn.spark.settings;

import java.util.Objects;
import java.util.Optional;

/**
 * A setting with its description. Immutable.
 *
 * @param name its name
 * @param values the values that it may have
 * @param defaultValue its value when it is not set; empty if there is none
 * @param sentence its effect, in one sentence or two
 * @param <T> the type of its values
 */
public record Setting<T>(String name, Values<T> values, Optional<T> defaultValue, String sentence) {

  /** Checks the default. */
  public Setting {
    Objects.requireNonNull(values, "values");
    if (defaultValue.isPresent() && !values.holds(defaultValue.get())) {
      throw new IllegalArgumentException(
          "Cannot define "
              + name
              + ": expected a default that is "
              + values.expected()
              + ", found "
              + defaultValue.get());
    }
  }

  /** A setting with a default. */
  public static <T> Setting<T> of(String name, Values<T> values, T defaultValue, String sentence) {
    return new Setting<>(name, values, Optional.of(defaultValue), sentence);
  }

  /** A setting without a default. */
  public static <T> Setting<T> of(String name, Values<T> values, String sentence) {
    return new Setting<>(name, values, Optional.empty(), sentence);
  }

  /** The default as a person writes it; empty if there is none. */
  public String defaultText() {
    return defaultValue.map(values::text).orElse("");
  }

  /** The same setting under another name. */
  public Setting<T> named(String other) {
    return new Setting<>(other, values, defaultValue, sentence);
  }

  /** The same setting with another default. */
  public Setting<T> withDefault(T other) {
    return new Setting<>(name, values, Optional.of(other), sentence);
  }

  /**
   * The same setting with another setting as the default.
   *
   * @param fallback the name of that one
   */
  public Setting<T> fallingBackTo(String fallback) {
    return new Setting<>(
        name, values, Optional.empty(), sentence + " Not set: what " + fallback + " says.");
  }
}
