package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.OptimizerSpec;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The optimizer that is chosen for one variable, as text: the variable, a colon, and, with
 * semicolons between them, an optimizer and its settings: {@code factors: adam; learning-rate=0.01;
 * l2=0.5}. Settings have the names of the jobs' keys.
 *
 * <p>Without an optimizer it is the one of all variables, and settings that are not given are those
 * of all. Another optimizer begins with its own defaults; but L1 and L2, which belong to the loss,
 * are taken over unless they are given. FTRL's are other ones (for the sum of all steps): they are
 * never taken over by another optimizer, nor another's by it.
 *
 * @param variable name of the variable
 * @param name name of the optimizer, empty for the one of all variables
 * @param settings hyperparameters under the optimizers' names for them
 * @param schedule the schedule of the learning rate, empty if none was given
 */
record OptimizerChoice(
    String variable,
    Optional<String> name,
    SortedMap<String, Double> settings,
    Optional<String> schedule) {
  private static final String FTRL = "ftrl";

  /** Reads the text. */
  static OptimizerChoice parse(String text) {
    int colon = text.indexOf(':');
    String variable = colon < 0 ? "" : text.substring(0, colon).strip();
    if (variable.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot set the optimizer of a variable: expected its name and a colon first, such as"
              + " factors: adam; learning-rate=0.01, found "
              + text);
    }
    Optional<String> name = Optional.empty();
    Optional<String> schedule = Optional.empty();
    SortedMap<String, Double> settings = new TreeMap<>();
    String[] parts = text.substring(colon + 1).split(";", -1);
    for (int i = 0; i < parts.length; i++) {
      String part = parts[i].strip();
      int equals = part.indexOf('=');
      String key = equals < 0 ? "" : part.substring(0, equals).strip();
      if (i == 0 && equals < 0 && !part.isEmpty()) {
        name = Optional.of(part);
      } else if (key.isEmpty()) {
        throw bad(variable, "setting=value", part);
      } else if (key.equals("schedule")) {
        schedule = Optional.of(part.substring(equals + 1).strip());
      } else {
        settings.put(hyperparameter(key), number(variable, part, equals));
      }
    }
    return new OptimizerChoice(variable, name, settings, schedule);
  }

  /** The hyperparameter of a key; jobs have a shorter name for one of them. */
  private static String hyperparameter(String key) {
    return key.equals("initial-accumulator") ? "initial_accumulator_value" : key.replace('-', '_');
  }

  private static double number(String variable, String part, int equals) {
    String text = part.substring(equals + 1).strip();
    if (text.equals("true") || text.equals("false")) {
      return text.equals("true") ? 1 : 0;
    }
    try {
      double number = Double.parseDouble(text);
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw bad(variable, "a number, true or false after =", part);
    }
    throw bad(variable, "a finite number after =", part);
  }

  private static IllegalArgumentException bad(String variable, String expected, String found) {
    return new IllegalArgumentException(
        "Cannot set the optimizer of "
            + variable
            + ": expected "
            + expected
            + ", found "
            + (found.isEmpty() ? "nothing" : found));
  }

  /** The optimizer of the variable, beside that of all variables. */
  OptimizerSpec beside(OptimizerSpec ofAll) {
    String chosen = name.orElse(ofAll.name());
    SortedMap<String, Double> all = new TreeMap<>();
    if (name.isEmpty()) {
      all.putAll(ofAll.hyperparameters());
    } else if (chosen.equals(FTRL) == ofAll.name().equals(FTRL)) {
      all.put("l1", ofAll.hyperparameters().getOrDefault("l1", 0.0));
      all.put("l2", ofAll.hyperparameters().getOrDefault("l2", 0.0));
    }
    all.putAll(settings);
    Optional<String> rates = schedule.isPresent() || name.isPresent() ? schedule : ofAll.schedule();
    return new OptimizerSpec(chosen, all, rates);
  }
}
