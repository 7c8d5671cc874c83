package dev.cairn.checkpoint.model;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An optimizer and its settings.
 *
 * @param name such as {@code ftrl} or {@code adagrad}
 * @param hyperparameters finite numbers by name; a switch is 1 if it is on
 * @param schedule the schedule of the learning rate, such as {@code cosine decay_steps=1000}; empty
 *     if the rate is constant
 * @param forVariables the optimizers of variables that have another one, by the variables' names
 */
public record OptimizerSpec(
    String name,
    SortedMap<String, Double> hyperparameters,
    Optional<String> schedule,
    SortedMap<String, OptimizerSpec> forVariables) {

  /** Makes an optimizer of all variables. */
  public OptimizerSpec(
      String name, SortedMap<String, Double> hyperparameters, Optional<String> schedule) {
    this(name, hyperparameters, schedule, Collections.emptySortedMap());
  }

  /** Makes an optimizer with one learning rate for all steps. */
  public OptimizerSpec(String name, SortedMap<String, Double> hyperparameters) {
    this(name, hyperparameters, Optional.empty());
  }

  /** The same with other optimizers for some variables. */
  public OptimizerSpec withForVariables(SortedMap<String, OptimizerSpec> others) {
    return new OptimizerSpec(name, hyperparameters, schedule, others);
  }

  /** Copies the settings and checks them. */
  public OptimizerSpec {
    Objects.requireNonNull(schedule, "schedule");
    if (name.isEmpty()) {
      throw new IllegalArgumentException("Cannot name an optimizer: its name is empty");
    }
    if (schedule.isPresent() && schedule.get().isBlank()) {
      throw new IllegalArgumentException(
          "Cannot set " + name + "'s schedule: expected a text, found an empty one");
    }
    forVariables = Collections.unmodifiableSortedMap(new TreeMap<>(forVariables));
    forVariables.forEach(
        (variable, other) -> {
          if (!other.forVariables().isEmpty()) {
            throw new IllegalArgumentException(
                "Cannot set the optimizer of "
                    + variable
                    + ": expected one for this variable alone, found others for "
                    + String.join(", ", other.forVariables().keySet()));
          }
        });
    hyperparameters = Collections.unmodifiableSortedMap(new TreeMap<>(hyperparameters));
    for (Map.Entry<String, Double> entry : hyperparameters.entrySet()) {
      if (!Double.isFinite(entry.getValue())) {
        throw new IllegalArgumentException(
            "Cannot set "
                + name
                + "'s "
                + entry.getKey()
                + ": expected a finite number, found "
                + entry.getValue());
      }
    }
  }
}
