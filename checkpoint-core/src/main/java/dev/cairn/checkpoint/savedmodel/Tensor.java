package dev.cairn.checkpoint.savedmodel;

import dev.cairn.checkpoint.model.DType;
import java.util.Objects;

/**
 * A tensor of one {@link Signature}: an argument, or what an operation gives. Immutable.
 *
 * @param name by which operations of the same signature ask for it
 * @param type of its elements
 */
public record Tensor(String name, DType type) {
  /** Checks that nothing is null. */
  public Tensor {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
  }
}
