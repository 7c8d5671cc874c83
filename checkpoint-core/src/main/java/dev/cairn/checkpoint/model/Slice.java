package dev.cairn.checkpoint.model;

import java.util.Arrays;
import java.util.StringJoiner;

/**
 * A box within a shape: a start and a length for each dimension, where length -1 stands for the
 * whole dimension. The pairs are kept as given, since TensorFlow builds the key of a slice from
 * them. Immutable.
 */
public final class Slice {

  /** The length that stands for a whole dimension. */
  public static final long WHOLE = -1;

  private final long[] starts;
  private final long[] lengths;

  private Slice(long[] starts, long[] lengths) {
    if (starts.length != lengths.length) {
      throw new IllegalArgumentException(
          "Cannot make a slice: "
              + starts.length
              + " starts but "
              + lengths.length
              + " lengths, expected as many");
    }
    for (int i = 0; i < starts.length; i++) {
      boolean whole = lengths[i] == WHOLE && starts[i] == 0;
      if (!whole && (starts[i] < 0 || lengths[i] < 0 || starts[i] + lengths[i] < 0)) {
        throw new IllegalArgumentException(
            "Cannot make a slice: dimension "
                + i
                + " starts at "
                + starts[i]
                + " with length "
                + lengths[i]);
      }
    }
    this.starts = starts;
    this.lengths = lengths;
  }

  /** A slice that is all of a variable of this rank. */
  public static Slice full(int rank) {
    long[] lengths = new long[rank];
    Arrays.fill(lengths, WHOLE);
    return new Slice(new long[rank], lengths);
  }

  /**
   * A slice of the rows {@code [start, start + count)}, with all of the other dimensions; the rank
   * is at least 1.
   */
  public static Slice rows(long start, long count, int rank) {
    if (rank < 1) {
      throw new IllegalArgumentException("Cannot slice rows of a scalar");
    }
    long[] starts = new long[rank];
    long[] lengths = new long[rank];
    Arrays.fill(lengths, WHOLE);
    starts[0] = start;
    lengths[0] = count;
    return new Slice(starts, lengths);
  }

  /** A slice of these starts and lengths, -1 for a whole dimension. */
  public static Slice of(long[] starts, long[] lengths) {
    return new Slice(starts.clone(), lengths.clone());
  }

  /** The number of dimensions. */
  public int rank() {
    return starts.length;
  }

  /** The start of dimension {@code i}. */
  public long start(int i) {
    return starts[i];
  }

  /** The length of dimension {@code i} as given: -1 for the whole of it. */
  public long length(int i) {
    return lengths[i];
  }

  /** The length of dimension {@code i} within a shape. */
  public long length(int i, Shape shape) {
    return lengths[i] == WHOLE ? shape.dim(i) : lengths[i];
  }

  /** Whether it covers all of a shape, also when lengths are written out. */
  public boolean coversAll(Shape shape) {
    for (int i = 0; i < lengths.length; i++) {
      if (starts[i] != 0 || length(i, shape) != shape.dim(i)) {
        return false;
      }
    }
    return true;
  }

  /** Whether it is a slice of a shape: as many dimensions, and within each of them. */
  public boolean fits(Shape shape) {
    if (starts.length != shape.rank()) {
      return false;
    }
    for (int i = 0; i < starts.length; i++) {
      if (starts[i] + length(i, shape) > shape.dim(i)) {
        return false;
      }
    }
    return true;
  }

  /** The slice's own shape within a full shape. */
  public Shape shape(Shape full) {
    long[] dims = new long[starts.length];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = length(i, full);
    }
    return Shape.of(dims);
  }

  /** The row-major number, within a full shape, of the {@code k}-th element of this slice. */
  public long element(long k, Shape full) {
    long rest = k;
    long stride = 1;
    long number = 0;
    for (int d = starts.length - 1; d >= 0; d--) {
      long length = Math.max(1, length(d, full));
      number += (starts[d] + rest % length) * stride;
      rest /= length;
      stride *= full.dim(d);
    }
    return number;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Slice slice
        && Arrays.equals(starts, slice.starts)
        && Arrays.equals(lengths, slice.lengths);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(starts) + Arrays.hashCode(lengths);
  }

  /**
   * The slice as TensorFlow writes it: {@code 0,4:-} for rows 0 to 3 with all columns; empty for a
   * scalar.
   */
  @Override
  public String toString() {
    StringJoiner text = new StringJoiner(":");
    for (int i = 0; i < starts.length; i++) {
      text.add(lengths[i] == WHOLE ? "-" : starts[i] + "," + lengths[i]);
    }
    return text.toString();
  }
}
