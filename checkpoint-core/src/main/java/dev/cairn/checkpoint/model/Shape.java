package dev.cairn.checkpoint.model;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The dimensions of a variable, outermost first; a scalar has none. Immutable. */
public final class Shape {

  private static final Shape SCALAR = new Shape(new long[0]);
  private static final int MAX_RANK = 254;

  private final long[] dims;
  private final long elements;

  private Shape(long[] dims) {
    if (dims.length > MAX_RANK) {
      throw new IllegalArgumentException(
          "Cannot make a shape: expected at most 254 dimensions, found " + dims.length);
    }
    long product = 1;
    boolean empty = false;
    for (long dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException(
            "Cannot make a shape: expected dimensions from 0 on, found " + Arrays.toString(dims));
      }
      empty |= dim == 0;
    }
    if (!empty) {
      for (long dim : dims) {
        if (Math.multiplyHigh(product, dim) != 0 || product * dim < 0) {
          throw new IllegalArgumentException(
              "Cannot make a shape: more than 2^63 elements in " + Arrays.toString(dims));
        }
        product *= dim;
      }
    }
    this.dims = dims;
    this.elements = empty ? 0 : product;
  }

  /** A shape of these dimensions. */
  public static Shape of(long... dims) {
    return new Shape(dims.clone());
  }

  /** The shape without dimensions, of one element. */
  public static Shape scalar() {
    return SCALAR;
  }

  /** The number of dimensions. */
  public int rank() {
    return dims.length;
  }

  /** The length of dimension {@code i}. */
  public long dim(int i) {
    return dims[i];
  }

  /** The product of all dimensions; 1 for a scalar. */
  public long elements() {
    return elements;
  }

  /** The length of the outermost dimension; 1 for a scalar. */
  public long rows() {
    return dims.length == 0 ? 1 : dims[0];
  }

  /** Elements of one row: the product of all dimensions but the outermost. */
  public long rowElements() {
    long product = 1;
    for (int i = 1; i < dims.length; i++) {
      product = Math.multiplyExact(product, dims[i]);
    }
    return product;
  }

  /** The dimensions, as a copy. */
  public long[] dims() {
    return dims.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** The shape as TensorFlow's tools print it: {@code [4,2]}, {@code []}. */
  @Override
  public String toString() {
    return Arrays.stream(dims).mapToObj(Long::toString).collect(Collectors.joining(",", "[", "]"));
  }
}
