package dev.cairn.spark.optimizer;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;

/** No optimizer: for a model that is read, not trained. It has no slots. */
record Untrained() implements RowOptimizer {
  static final String NAME = "none";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> slots() {
    return List.of();
  }

  @Override
  public SortedMap<String, Double> hyperparameters() {
    return Collections.emptySortedMap();
  }

  @Override
  public float slotInitial(int slot) {
    throw new IndexOutOfBoundsException(slot);
  }

  @Override
  public RowOptimizer withoutRegularization() {
    return this;
  }

  @Override
  public boolean apply(
      float[] values, float[][] slots, int[] places, int count, double[] gradients) {
    throw new IllegalStateException(
        "Cannot apply gradients: this model was opened for reading, without an optimizer");
  }
}
