package dev.cairn.spark.optimizer;

import java.util.List;

/**
 * A rule that changes numbers by their gradients: the part in which optimizers differ. A new
 * optimizer is one file with a rule and its {@link OptimizerKind}, which {@link Optimizers} lists.
 *
 * <p>Rules are immutable and thread-safe. They compute in double with a fixed order of operations
 * (no fused multiply-add; of the functions only roots, which are exact) and round each stored
 * number to float once, so the bits do not depend on the machine. A slot that is read again in the
 * same step is read as it was stored. Terms that are the same for all numbers of a step are
 * computed once a step, with StrictMath.
 */
interface UpdateRule {

  /** The slot variables, in the order of the arrays handed to {@link Update#apply}. */
  List<SlotSpec> slots();

  /**
   * The slots as Keras 3's optimizer lists its variables: one group after the other; in a group
   * those of a variable lie next to each other. As a rule each slot is a group.
   */
  default List<List<SlotSpec>> slotGroups() {
    return slots().stream().map(List::of).toList();
  }

  /**
   * The update of a step.
   *
   * <p>Updates have one loop and nothing in it that depends on the row: most numbers are far from
   * the one before in memory, and only while the processor can look many of them ahead does it wait
   * for several at once.
   */
  Update at(StepContext step);

  /**
   * A negative number if a float is infinite or NaN: its exponent then has all bits, so that one
   * more flows over into the sign. Without a branch, to be or'ed over many floats.
   */
  static int notFinite(float number) {
    return (Float.floatToRawIntBits(number) & Integer.MAX_VALUE) + 0x00800000;
  }
}
