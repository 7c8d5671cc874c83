package dev.cairn.checkpoint.keras;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.train.ArrayVariable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A dense layer: a kernel of shape {@code [inputs, units]} and a bias of shape {@code [units]},
 * FLOAT, zeros at first. Not thread-safe.
 */
public final class Dense extends Layer {
  private final int units;
  private @Nullable ArrayVariable kernel;
  private @Nullable ArrayVariable bias;

  /**
   * A layer without variables yet.
   *
   * @param units how wide its output is, from 1 on
   */
  public Dense(int units) {
    if (units < 1) {
      throw new IllegalArgumentException(
          "Cannot make a dense layer: expected 1 unit or more, found " + units);
    }
    this.units = units;
  }

  @Override
  public String kind() {
    return "dense";
  }

  @Override
  long build(long inputs) {
    ArrayVariable made = kernel;
    if (made == null) {
      kernel = track("_kernel", ArrayVariable.zeros(DType.FLOAT, Shape.of(inputs, units)));
      bias = track("bias", ArrayVariable.zeros(DType.FLOAT, Shape.of(units)));
    } else if (made.shape().dim(0) != inputs) {
      throw new IllegalArgumentException(
          "Cannot build a dense layer for inputs of length "
              + inputs
              + ": it was built for "
              + made.shape().dim(0));
    }
    return units;
  }

  /** The kernel. */
  public ArrayVariable kernel() {
    return built(kernel);
  }

  /** The bias. */
  public ArrayVariable bias() {
    return built(bias);
  }

  private static ArrayVariable built(@Nullable ArrayVariable variable) {
    if (variable == null) {
      throw new IllegalStateException(
          "Cannot hand out a variable of a dense layer: build the model first");
    }
    return variable;
  }

  @Override
  public List<ArrayVariable> weights() {
    return kernel == null ? List.of() : List.of(kernel(), bias());
  }
}
