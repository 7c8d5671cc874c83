package dev.cairn.checkpoint.model;

import java.util.Objects;

/**
 * A variable's identity in a checkpoint.
 *
 * @param key TensorFlow's key, such as {@code w/.ATTRIBUTES/VARIABLE_VALUE}; not empty
 * @param dtype type of the elements
 * @param shape full shape, whatever slices it is stored in
 */
public record VariableSpec(String key, DType dtype, Shape shape) {

  /** Checks that it has a key. */
  public VariableSpec {
    Objects.requireNonNull(dtype, "dtype");
    Objects.requireNonNull(shape, "shape");
    if (key.isEmpty()) {
      throw new IllegalArgumentException("Cannot name a variable: its key is empty");
    }
  }

  @Override
  public String toString() {
    return key + " " + dtype + shape;
  }
}
