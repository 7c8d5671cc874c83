package dev.cairn.checkpoint.model;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which optimizer, and its settings.
 *
 * @param name such as {@code ftrl} or {@code adagrad}
 * @param hyperparameters finite numbers by name
 */
public record OptimizerSpec(String name, SortedMap<String, Double> hyperparameters) {

  /** Copies the settings and checks them. */
  public OptimizerSpec {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("Cannot name an optimizer: its name is empty");
    }
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
