package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.model.ModelDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A difference of two records of settings.
 *
 * @param name the setting's name, as a user writes it
 * @param expected its value in one of them; null if it is not there
 * @param found its value in the other one; null if it is not there
 */
record Difference(String name, @Nullable String expected, @Nullable String found) {
  private static final String MODEL = "model";

  /**
   * A model's kind and settings, under the names by which a difference is reported and accepted.
   */
  static SortedMap<String, String> settings(ModelDefinition model) {
    SortedMap<String, String> settings = new TreeMap<>();
    settings.put(MODEL, model.kind());
    model.settings().forEach((name, value) -> settings.put(MODEL + "." + name, value));
    return settings;
  }

  /** All differences, by name. */
  static List<Difference> between(
      SortedMap<String, String> expected, SortedMap<String, String> found) {
    TreeSet<String> names = new TreeSet<>(expected.keySet());
    names.addAll(found.keySet());
    List<Difference> differences = new ArrayList<>();
    for (String name : names) {
      if (!Objects.equals(expected.get(name), found.get(name))) {
        differences.add(new Difference(name, expected.get(name), found.get(name)));
      }
    }
    return differences;
  }

  /** Describes the difference, for a message. */
  String told() {
    return name + ": expected " + said(expected) + ", found " + said(found);
  }

  private static String said(@Nullable String value) {
    return value == null ? "none" : value;
  }
}
