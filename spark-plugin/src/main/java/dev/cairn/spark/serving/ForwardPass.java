package dev.cairn.spark.serving;

import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.savedmodel.RowFeatures;
import dev.cairn.checkpoint.savedmodel.Signature;
import java.util.function.Function;

/**
 * The forward pass of a model as operations of TensorFlow: the same sums, as precise, as its
 * kernel's. It is known of the models that Cairn has; for one of your own, implement this.
 */
@FunctionalInterface
public interface ForwardPass {
  /**
   * Adds the model's operations to a signature and names its outputs.
   *
   * @param in what is added to
   * @param features of the rows that come in
   * @param variables the model's variables by their names
   */
  void add(Signature in, RowFeatures features, Function<String, VariableSpec> variables);

  /** Whether features are multiplied with each other, so that each must be there once. */
  default boolean pairs() {
    return false;
  }
}
