package dev.cairn.spark.optimizer;

import java.util.Locale;
import java.util.SortedMap;

/** Builds optimizers from their recorded name and hyperparameters. */
public final class Optimizers {
  /** The name of no optimizer: parameters that are only read, without slots. */
  public static final String NONE = Untrained.NAME;

  private Optimizers() {}

  /**
   * The optimizer of that name.
   *
   * <p>{@code adagrad} has {@code learning_rate} (0.1), {@code initial_accumulator_value} (0.1),
   * {@code l1} (0) and {@code l2} (0). {@code ftrl} has {@code learning_rate} (0.1), {@code beta}
   * (1), {@code initial_accumulator_value} (0), {@code l1} (0) and {@code l2} (0). Gradients are
   * sums over a batch, so a rate for sums is meant. {@link #NONE} has no slots and refuses
   * gradients.
   *
   * @param hyperparameters missing ones take the default in parentheses
   * @throws IllegalArgumentException for an unknown name, an unknown hyperparameter or a bad value
   */
  public static RowOptimizer of(String name, SortedMap<String, Double> hyperparameters) {
    return switch (name) {
      case Adagrad.NAME -> Adagrad.of(hyperparameters);
      case Ftrl.NAME -> Ftrl.of(hyperparameters);
      case Untrained.NAME -> new Untrained();
      default ->
          throw new IllegalArgumentException(
              String.format(
                  Locale.ROOT,
                  "Cannot create optimizer: unknown name, expected %s or %s, found %s",
                  Adagrad.NAME,
                  Ftrl.NAME,
                  name));
    };
  }
}
