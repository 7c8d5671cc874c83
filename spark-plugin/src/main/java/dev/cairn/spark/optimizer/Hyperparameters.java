package dev.cairn.spark.optimizer;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Reads hyperparameters: each is checked, and recorded with its default filled in. {@link
 * #refuseOthers} refuses those that were given and not read.
 */
final class Hyperparameters {
  private final String optimizer;
  private final SortedMap<String, Double> given;
  private final SortedMap<String, Double> used = new TreeMap<>();
  private final TreeSet<String> known = new TreeSet<>();

  Hyperparameters(String optimizer, SortedMap<String, Double> given) {
    this.optimizer = optimizer;
    this.given = given;
  }

  /** Reads a finite number greater than 0. */
  double positive(String name, double otherwise) {
    double value = read(name, otherwise);
    check(name, value > 0 && value <= Float.MAX_VALUE, "a finite number greater than 0", value);
    return use(name, value);
  }

  /** Reads a finite number, 0 or greater. */
  double notNegative(String name, double otherwise) {
    return use(name, readNotNegative(name, otherwise));
  }

  /** Reads a number from 0 on and below 1. */
  double fraction(String name, double otherwise) {
    double value = read(name, otherwise);
    check(name, value >= 0 && value < 1, "a number from 0 on and below 1", value);
    return use(name, value);
  }

  /**
   * Reads a finite number, 0 or greater, where 0 means that it is not wanted: it is recorded only
   * if it is something else, so that records from before there was the choice stay the same.
   */
  double option(String name, double otherwise) {
    double value = readNotNegative(name, otherwise);
    return value == 0 && otherwise == 0 ? value : use(name, value);
  }

  /** Reads a limit greater than 0, infinite and not recorded if none was given. */
  double limit(String name) {
    known.add(name);
    return given.containsKey(name) ? positive(name, 0) : Double.POSITIVE_INFINITY;
  }

  /** Refuses more than one of hyperparameters that exclude each other. */
  void atMostOne(String... names) {
    List<String> both = Stream.of(names).filter(name -> given.containsKey(name)).toList();
    if (both.size() > 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot create optimizer %s: expected at most one of %s, found %s",
              optimizer,
              String.join(", ", names),
              String.join(" and ", both)));
    }
  }

  /** Reads a switch: 1 for on, or 0 (the default), which is not recorded. */
  boolean flag(String name) {
    double value = read(name, 0);
    check(name, value == 0 || value == 1, "0 or 1", value);
    if (value == 1) {
      use(name, value);
    }
    return value == 1;
  }

  private double readNotNegative(String name, double otherwise) {
    double value = read(name, otherwise);
    check(name, value >= 0 && value <= Float.MAX_VALUE, "a finite number, 0 or greater", value);
    return value;
  }

  private double read(String name, double otherwise) {
    known.add(name);
    return given.getOrDefault(name, otherwise);
  }

  private double use(String name, double value) {
    used.put(name, value);
    return value;
  }

  private void check(String name, boolean good, String expected, double found) {
    if (!good) {
      throw bad(name, expected, found);
    }
  }

  /** Ends the reading: throws for a hyperparameter that was not read. */
  void refuseOthers() {
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

  /** The hyperparameters that were read, with the values used. */
  SortedMap<String, Double> used() {
    return Collections.unmodifiableSortedMap(used);
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
