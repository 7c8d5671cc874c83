package dev.cairn.spark.optimizer;

/** The update of one step to numbers of one variable, as a kernel on plain arrays. Thread-safe. */
@FunctionalInterface
public interface Update {

  /**
   * Applies one gradient to each of some numbers.
   *
   * @param values the variable's numbers of one block
   * @param slots the numbers of each slot, laid out as {@code values}
   * @param places positions in {@code values}, all distinct
   * @param count the number of numbers to change
   * @param gradients summed gradient of the number at each of the places; may be changed
   * @return whether all numbers that were stored are finite
   */
  boolean apply(float[] values, float[][] slots, int[] places, int count, double[] gradients);
}
