package dev.cairn.checkpoint.model;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The kind and settings of a checkpoint's model: enough to make its mathematics again from the
 * checkpoint alone. Immutable.
 *
 * @param kind such as {@code logistic} or {@code softmax}
 * @param settings its sizes and settings by name, such as {@code features} or {@code classes}
 */
public record ModelDefinition(String kind, SortedMap<String, String> settings) {

  /** Copies the settings and checks the names. */
  public ModelDefinition {
    Objects.requireNonNull(settings, "settings");
    if (kind.isBlank()) {
      throw new IllegalArgumentException("Cannot define a model: expected a kind, found none");
    }
    settings = Collections.unmodifiableSortedMap(new TreeMap<>((Map<String, String>) settings));
    if (settings.keySet().stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(
          "Cannot define a model: expected names of settings, found an empty one");
    }
  }

  /** A setting, if the definition has it. */
  public Optional<String> setting(String name) {
    return Optional.ofNullable(settings.get(name));
  }
}
