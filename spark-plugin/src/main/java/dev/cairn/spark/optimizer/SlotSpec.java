package dev.cairn.spark.optimizer;

/**
 * A slot variable: a number that an optimizer keeps for each number of a variable.
 *
 * @param name its name in Keras's optimizer of that name, such as {@code accumulator}
 * @param initial the value that every element starts with
 */
public record SlotSpec(String name, float initial) {

  static SlotSpec zero(String name) {
    return new SlotSpec(name, 0);
  }
}
