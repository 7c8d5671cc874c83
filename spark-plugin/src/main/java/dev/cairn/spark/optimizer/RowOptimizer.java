package dev.cairn.spark.optimizer;

import java.util.List;
import java.util.SortedMap;

/**
 * A rule that changes rows by their summed gradients, as a kernel on plain arrays. Implementations
 * are immutable and thread-safe; they compute in double with a fixed order of operations (no fused
 * multiply-add, no transcendental functions) and round each stored number to float once, so the
 * bits do not depend on the machine.
 */
public interface RowOptimizer {
  /**
   * A negative number if a float is infinite or NaN: its exponent then has all bits, so that one
   * more flows over into the sign. Without a branch, to be or'ed over many floats.
   */
  static int notFinite(float number) {
    return (Float.floatToRawIntBits(number) & Integer.MAX_VALUE) + 0x00800000;
  }

  /** Name as in a checkpoint's optimizer record, such as {@code adagrad}. */
  String name();

  /** Names of the slot variables, in the order of the arrays handed to {@link #apply}. */
  List<String> slots();

  /** Every hyperparameter with the value used, defaults filled in: what a checkpoint records. */
  SortedMap<String, Double> hyperparameters();

  /** What every element of a slot starts with. */
  float slotInitial(int slot);

  /** The same rule without L1 and L2: what scalars (intercepts) are trained with. */
  RowOptimizer withoutRegularization();

  /**
   * Applies one gradient to each of some numbers.
   *
   * <p>Implementations have one loop and nothing in it that depends on the row: most numbers are
   * far from the one before in memory, and only while the processor can look many of them ahead
   * does it wait for several at once.
   *
   * @param values the variable's numbers of one block
   * @param slots for each slot, numbers laid out as {@code values}
   * @param places positions in {@code values}, all distinct
   * @param count how many numbers to change
   * @param gradients summed gradient of the number at each of the places
   * @return whether all numbers are finite that were stored
   */
  boolean apply(float[] values, float[][] slots, int[] places, int count, double[] gradients);
}
