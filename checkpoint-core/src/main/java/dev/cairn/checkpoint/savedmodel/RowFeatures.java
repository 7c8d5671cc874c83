package dev.cairn.checkpoint.savedmodel;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.VariableSpec;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * The features of the rows that a {@link Signature} is called with, each value divided by its
 * feature's scale, and the sums over them that models are made of. All numbers are double; tables
 * have a row for each feature.
 */
public abstract sealed class RowFeatures permits SparseFeatures, DenseFeatures {
  /** The most features that rows are given as vectors of: a table is read as a whole. */
  public static final int MOST_DENSE = 1 << 16;

  /** The input for offsets where no column is named. */
  static final String OFFSET = FeatureDefinition.Offset.NAME;

  final Signature in;
  private final FeatureScales scales;
  private final Optional<Tensor> offset;

  RowFeatures(Signature in, FeatureScales scales, Optional<String> offset) {
    this.in = in;
    this.scales = scales;
    this.offset = offset.map(name -> rounded(in, in.input(name, DType.DOUBLE, Signature.FREE)));
  }

  /**
   * Rows as columns: of each feature definition's columns a vector. Texts are as they were in
   * training; an empty one is an absent feature, as a NaN is where numbers are wanted. A column
   * that is wanted as a text and as a number comes in as a text. The offset, if rows have one, is a
   * column, too. Names of inputs are as {@link Signature#argumentName} makes them.
   *
   * @param distinct whether features that fall into one place are added up first, as training does
   *     it. A model that multiplies features with each other needs that, and memory for the square
   *     of their number; one that adds them up comes to the same sums, roundings apart
   */
  public static RowFeatures ofColumns(
      Signature in, FeatureDefinition definition, FeatureScales scales, boolean distinct) {
    return ColumnFeatures.of(in, definition, scales, distinct);
  }

  /** The input of each column that {@link #ofColumns} takes, the offset's among them. */
  public static Map<String, String> inputNames(FeatureDefinition definition) {
    return ColumnFeatures.names(definition);
  }

  /**
   * Rows as places of features and their values, each row filled up to the longest: {@code indices}
   * and {@code values}, matrices. A place below 0 counts nothing. A row has each place once.
   *
   * @param shifted whether rows have an offset, the input {@code offset}
   */
  public static RowFeatures ofIndices(Signature in, FeatureScales scales, boolean shifted) {
    Tensor indices = in.input("indices", DType.INT64, Signature.FREE, Signature.FREE);
    Tensor values = in.input("values", DType.FLOAT, Signature.FREE, Signature.FREE);
    return new SparseFeatures(in, indices, values, scales, name(shifted));
  }

  /**
   * Rows as vectors of all features: {@code features}, a matrix.
   *
   * @param size how many features there are, at most {@link #MOST_DENSE}
   * @param shifted whether rows have an offset, the input {@code offset}
   */
  public static RowFeatures ofVectors(
      Signature in, int size, FeatureScales scales, boolean shifted) {
    return new DenseFeatures(in, size, scales, name(shifted));
  }

  private static Optional<String> name(boolean shifted) {
    return shifted ? Optional.of(OFFSET) : Optional.empty();
  }

  /** A number as training saw it: rounded to float. */
  static Tensor rounded(Operations in, Tensor x) {
    return in.cast(in.cast(x, DType.FLOAT), DType.DOUBLE);
  }

  /** A rounded value, divided by its scale and rounded again; 0 where the scale is 0. */
  final Tensor scaled(Tensor value, Tensor scale) {
    return rounded(in, in.divideOrZero(value, scale));
  }

  final FeatureScales scales() {
    return scales;
  }

  /** The numbers that are added to the rows' margins; empty if rows have none. */
  public final Optional<Tensor> offset() {
    return offset;
  }

  /** The sums of values times numbers, for each row and each column of a table: a matrix. */
  public abstract Tensor sums(VariableSpec table);

  /** The sums of the squares of all values times numbers, for each row: a vector. */
  public abstract Tensor squares(VariableSpec table);

  /**
   * The numbers that centring takes from the sums of every row, one for each column of a table;
   * empty if no feature was centred.
   */
  public final Optional<Tensor> shift(VariableSpec table) {
    int[] centred = scales.centred();
    if (centred.length == 0) {
      return Optional.empty();
    }
    long[] ids = Arrays.stream(centred).asLongStream().toArray();
    Tensor rows = in.cast(in.rows(table, in.constant(ids)), DType.DOUBLE);
    Tensor shifts = in.expand(in.constant(scales.shifts()), 1);
    return Optional.of(in.sum(in.multiply(shifts, rows), 0));
  }
}
