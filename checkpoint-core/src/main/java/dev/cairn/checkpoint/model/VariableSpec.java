package dev.cairn.checkpoint.model;

import java.util.Objects;

/**
 * A variable's identity in a checkpoint.
 *
 * @param key TensorFlow's key, such as {@code w/.ATTRIBUTES/VARIABLE_VALUE}; not empty, and not
 *     with a zero character in front: by that the index tells slices
 * @param dtype type of the elements
 * @param shape full shape, whatever slices it is stored in
 */
public record VariableSpec(String key, DType dtype, Shape shape) {

  /** Checks the key. */
  public VariableSpec {
    Objects.requireNonNull(dtype, "dtype");
    Objects.requireNonNull(shape, "shape");
    if (key.isEmpty()) {
      throw new IllegalArgumentException("Cannot name a variable: its key is empty");
    }
    if (key.charAt(0) == 0) {
      throw new IllegalArgumentException(
          "Cannot name a variable: expected a key that does not begin with a zero character, found"
              + " \\0"
              + key.substring(1));
    }
  }

  @Override
  public String toString() {
    return key + " " + dtype + shape;
  }
}
