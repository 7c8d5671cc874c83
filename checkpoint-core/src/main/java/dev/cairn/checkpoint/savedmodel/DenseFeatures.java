package dev.cairn.checkpoint.savedmodel;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.VariableSpec;
import java.util.Optional;

/** Rows of all features: products of matrices. */
final class DenseFeatures extends RowFeatures {
  private final Tensor values;

  DenseFeatures(Signature in, int size, FeatureScales scales, Optional<String> offset) {
    super(in, scales, offset);
    if (size < 1 || size > MOST_DENSE) {
      throw new IllegalArgumentException(
          "Cannot take rows as vectors: expected 1 to "
              + MOST_DENSE
              + " features, found "
              + size
              + "; take indices and values");
    }
    Tensor features = in.input("features", DType.FLOAT, Signature.FREE, size);
    Tensor plain = in.cast(features, DType.DOUBLE);
    if (scales.isEmpty()) {
      values = plain;
      return;
    }
    double[] all = new double[size];
    for (int id = 0; id < size; id++) {
      all[id] = scales.scale(id);
    }
    values = scaled(plain, in.constant(all));
  }

  private Tensor numbers(VariableSpec table) {
    return in.cast(in.read(table), DType.DOUBLE);
  }

  @Override
  public Tensor sums(VariableSpec table) {
    return in.matrixProduct(values, numbers(table));
  }

  @Override
  public Tensor squares(VariableSpec table) {
    Tensor numbers = numbers(table);
    return in.sum(in.matrixProduct(in.multiply(values, values), in.multiply(numbers, numbers)), 1);
  }
}
