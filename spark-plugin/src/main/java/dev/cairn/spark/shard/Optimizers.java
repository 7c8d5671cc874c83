package dev.cairn.spark.shard;

import java.util.SortedMap;

/** Builds optimizers from their recorded name and hyperparameters. */
@SuppressWarnings("DoNotCallSuggester")
public final class Optimizers {
  private Optimizers() {}

  /**
   * The optimizer of that name, {@code adagrad} or {@code ftrl}.
   *
   * @param hyperparameters missing ones take their default
   * @throws IllegalArgumentException for an unknown name, an unknown hyperparameter or a bad value
   */
  public static RowOptimizer of(String name, SortedMap<String, Double> hyperparameters) {
    throw new UnsupportedOperationException();
  }
}
