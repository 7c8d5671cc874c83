package dev.cairn.spark.optimizer;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The text of a {@link RateSchedule}: a name, and arguments with their values. {@link
 * #refuseOthers} refuses those that were not read.
 */
final class ScheduleText {
  private static final Pattern NUMBER = Pattern.compile("[0-9.]+([eE][+-]?[0-9]+)?");

  private final String text;
  private final String name;
  private final SortedMap<String, String> given = new TreeMap<>();
  private final SortedSet<String> known = new TreeSet<>();

  ScheduleText(String text) {
    this.text = text;
    String[] words = text.strip().replaceAll("\\s*([=,])\\s*", "$1").split("\\s+", -1);
    this.name = words[0];
    for (int i = 1; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      if (equals < 1 || equals == words[i].length() - 1) {
        throw bad("an argument", "a name and a value such as alpha=0.1", words[i]);
      }
      if (given.put(words[i].substring(0, equals), words[i].substring(equals + 1)) != null) {
        throw bad(words[i].substring(0, equals), "one value", "two");
      }
    }
  }

  String name() {
    return name;
  }

  /** Whether an argument was given. */
  boolean has(String argument) {
    known.add(argument);
    return given.containsKey(argument);
  }

  /** Reads a number of steps. */
  long steps(String argument, long least) {
    return steps(argument, required(argument, "a whole number, " + least + " or more"), least);
  }

  /** Reads a number of a range. */
  double number(String argument, double least, double most) {
    return number(argument, required(argument, range(least, most)), least, most);
  }

  boolean flag(String argument) {
    if (!has(argument)) {
      return false;
    }
    String found = given.getOrDefault(argument, "");
    if (!found.equals("true") && !found.equals("false")) {
      throw bad(argument, "true or false", found);
    }
    return found.equals("true");
  }

  /** Reads numbers of steps, separated by commas, each greater than the one before. */
  List<Long> ascending(String argument) {
    String expected = "whole numbers that ascend, such as 10,30";
    List<Long> read = new ArrayList<>();
    for (String word : required(argument, expected).split(",", -1)) {
      long next = steps(argument, word, 0);
      if (!read.isEmpty() && next <= read.get(read.size() - 1)) {
        throw bad(argument, expected, given.getOrDefault(argument, ""));
      }
      read.add(next);
    }
    return read;
  }

  /** Reads numbers above 0, separated by commas. */
  List<Double> numbers(String argument) {
    List<Double> read = new ArrayList<>();
    for (String word : required(argument, "numbers such as 0.1,0.05").split(",", -1)) {
      read.add(number(argument, word, Float.MIN_VALUE, Float.MAX_VALUE));
    }
    return read;
  }

  private long steps(String argument, String found, long least) {
    try {
      long value = Long.parseLong(found);
      if (value >= least) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Same remedy as for a number out of range: say what is expected.
    }
    throw bad(argument, "a whole number, " + least + " or more", found);
  }

  private double number(String argument, String found, double least, double most) {
    if (NUMBER.matcher(found).matches()) {
      try {
        double value = Double.parseDouble(found);
        if (value >= least && value <= most) {
          return value;
        }
      } catch (NumberFormatException e) {
        // Two points, say.
      }
    }
    throw bad(argument, range(least, most), found);
  }

  private static String range(double least, double most) {
    String lower = least == 0 ? "a number, 0 or greater" : "a number above 0";
    return most == 1 ? "a number from 0 to 1" : lower;
  }

  private String required(String argument, String expected) {
    if (!has(argument)) {
      throw bad(argument, expected, "none");
    }
    return given.getOrDefault(argument, "");
  }

  /** Ends the reading: throws for an argument that was not read. */
  void refuseOthers() {
    for (String argument : given.keySet()) {
      if (!known.contains(argument)) {
        throw bad(
            "an argument",
            known.isEmpty() ? "none for " + name : "one of " + String.join(", ", known),
            argument);
      }
    }
  }

  IllegalArgumentException bad(String what, String expected, String found) {
    return new IllegalArgumentException(
        "Cannot use learning-rate schedule \""
            + text
            + "\": "
            + what
            + ", expected "
            + expected
            + ", found "
            + found);
  }
}
