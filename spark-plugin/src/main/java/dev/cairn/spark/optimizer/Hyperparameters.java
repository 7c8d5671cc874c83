package dev.cairn.spark.optimizer;

import java.util.Collections;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads hyperparameters: each known by name, checked, and remembered with its default filled in.
 */
final class Hyperparameters {
  private final String optimizer;
  private final SortedMap<String, Double> given;
  private final SortedMap<String, Double> used = new TreeMap<>();

  Hyperparameters(String optimizer, SortedMap<String, Double> given, Set<String> known) {
    this.optimizer = optimizer;
    this.given = given;
    for (String name : given.keySet()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Cannot create optimizer %s: unknown hyperparameter, expected one of %s, found %s",
                optimizer,
                String.join(", ", known),
                name));
      }
    }
  }

  /** A finite number greater than 0. */
  double positive(String name, double otherwise) {
    double value = value(name, otherwise);
    if (!(value > 0 && value <= Float.MAX_VALUE)) {
      throw bad(name, "a finite number greater than 0", value);
    }
    return value;
  }

  /** A finite number, 0 or greater. */
  double notNegative(String name, double otherwise) {
    double value = value(name, otherwise);
    if (!(value >= 0 && value <= Float.MAX_VALUE)) {
      throw bad(name, "a finite number, 0 or greater", value);
    }
    return value;
  }

  /** Every hyperparameter that was asked for, with the value used. */
  SortedMap<String, Double> used() {
    return Collections.unmodifiableSortedMap(used);
  }

  private double value(String name, double otherwise) {
    double value = given.getOrDefault(name, otherwise);
    used.put(name, value);
    return value;
  }

  IllegalArgumentException bad(String name, String expected, double found) {
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "Cannot create optimizer %s: %s is out of range, expected %s, found %s",
            optimizer,
            name,
            expected,
            found));
  }
}
