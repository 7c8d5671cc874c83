package dev.cairn.checkpoint.savedmodel;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.VariableSpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Rows of some features: the rows of a table that they have are gathered. */
final class SparseFeatures extends RowFeatures {
  /** 0 where a place is below 0, so that there is a row for it; its value is 0. */
  private final Tensor indices;

  private final Tensor values;

  /** Gathered rows of tables times values, by key: rows, features, columns. */
  private final Map<String, Tensor> products = new HashMap<>();

  /**
   * Features at their places.
   *
   * @param indices whole numbers of 64 bits, a matrix; those below 0 count nothing
   * @param values of any type, a matrix
   */
  SparseFeatures(
      Signature in, Tensor indices, Tensor values, FeatureScales scales, Optional<String> offset) {
    super(in, scales, offset);
    Tensor nothing = in.less(indices, in.constant(0L));
    this.indices = in.maximum(indices, in.constant(0L));
    Tensor kept = in.select(nothing, in.constant(0.0), rounded(in, values));
    this.values = scales.isEmpty() ? kept : scaled(kept, scalesOf(this.indices));
  }

  /** The scales of the features at some places: 1 for those that have none. */
  private Tensor scalesOf(Tensor places) {
    int[] named = scales().ids();
    Tensor ids = in.constant(Arrays.stream(named).asLongStream().toArray());
    Tensor numbers = in.constant(Arrays.stream(named).mapToDouble(scales()::scale).toArray());
    Tensor row = in.reshape(places, in.constant(new int[] {1, -1}));
    Tensor found = in.lowerBound(in.expand(ids, 0), row);
    Tensor at = in.minimum(found, in.constant(named.length - 1));
    Tensor same = in.equal(in.gather(ids, at, 0), row);
    Tensor scale = in.select(same, in.gather(numbers, at, 0), in.constant(1.0));
    return in.reshape(scale, in.shape(places));
  }

  private Tensor products(VariableSpec table) {
    return products.computeIfAbsent(
        table.key(),
        key -> in.multiply(in.expand(values, 2), in.cast(in.rows(table, indices), DType.DOUBLE)));
  }

  @Override
  public Tensor sums(VariableSpec table) {
    return in.sum(products(table), 1);
  }

  @Override
  public Tensor squares(VariableSpec table) {
    Tensor all = products(table);
    return in.sum(in.multiply(all, all), 1, 2);
  }
}
