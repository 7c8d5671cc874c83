package dev.cairn.spark.optimizer;

/** What one step does to numbers of one variable, as a kernel on plain arrays. Thread-safe. */
@FunctionalInterface
public interface Update {

  /**
   * Applies one gradient to each of some numbers.
   *
   * @param values the variable's numbers of one block
   * @param slots for each slot, numbers laid out as {@code values}
   * @param places positions in {@code values}, all distinct
   * @param count how many numbers to change
   * @param gradients summed gradient of the number at each of the places; may be changed
   * @return whether all numbers are finite that were stored
   */
  boolean apply(float[] values, float[][] slots, int[] places, int count, double[] gradients);
}
