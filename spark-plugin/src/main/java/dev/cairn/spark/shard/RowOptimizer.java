package dev.cairn.spark.shard;

import java.util.List;
import java.util.SortedMap;

/**
 * A rule that changes rows by their summed gradients, as a kernel on plain arrays. Implementations
 * are immutable and thread-safe; they compute in double with a fixed order of operations (no fused
 * multiply-add, no transcendental functions) and round each stored number to float once, so the
 * bits do not depend on the machine.
 */
public interface RowOptimizer {

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
   * Applies one gradient to each of some rows.
   *
   * @param values the variable's numbers of one block
   * @param slots for each slot, numbers laid out as {@code values}
   * @param starts position in {@code values} of each row's first number; all rows distinct
   * @param rows how many rows there are
   * @param width numbers in a row
   * @param gradients summed gradients, row after row: {@code rows * width} numbers
   */
  void apply(
      float[] values, float[][] slots, int[] starts, int rows, int width, double[] gradients);
}
