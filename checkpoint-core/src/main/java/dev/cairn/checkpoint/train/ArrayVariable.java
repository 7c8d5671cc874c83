package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.graph.MutableVariable;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import java.nio.ByteBuffer;

/**
 * A variable over a primitive array, which stays the program's own: nothing is copied, the program
 * computes in the array and restores come into it. Of any type of fixed width.
 *
 * <p>The array's type is as wide as the element or a part of it: {@code float[]} for FLOAT, and two
 * floats an element for COMPLEX64; {@code double[]} for DOUBLE; {@code int[]}, {@code long[]},
 * {@code short[]} and {@code byte[]} for whole numbers of their width with and without sign, and
 * for the bits of types that Java does not have, such as {@code short[]} for HALF and BFLOAT16;
 * {@code boolean[]} for BOOL. Row-major.
 *
 * <p>A variable without an array ({@link #zeros}) has one once somebody asks for it or a value is
 * restored. Not thread-safe: nobody else writes into the array while it is saved or restored.
 */
public final class ArrayVariable implements MutableVariable {
  private final DType dtype;
  private final Shape shape;
  private final PrimitiveArray values;

  private ArrayVariable(DType dtype, Shape shape, PrimitiveArray values) {
    this.dtype = dtype;
    this.shape = shape;
    this.values = values;
    long units = values.unitsFor(dtype, shape);
    if (values.length() != units) {
      throw new IllegalArgumentException(
          "Cannot make a variable "
              + dtype
              + shape
              + ": expected an array of "
              + units
              + " numbers, found "
              + values.length());
    }
  }

  /** A FLOAT variable over an array of as many values as the dimensions say. */
  public static ArrayVariable of(float[] values, long... dims) {
    return of(DType.FLOAT, Shape.of(dims), values);
  }

  /** A DOUBLE variable over an array of as many values as the dimensions say. */
  public static ArrayVariable of(double[] values, long... dims) {
    return of(DType.DOUBLE, Shape.of(dims), values);
  }

  /** An INT32 variable over an array of as many values as the dimensions say. */
  public static ArrayVariable of(int[] values, long... dims) {
    return of(DType.INT32, Shape.of(dims), values);
  }

  /** An INT64 variable over an array of as many values as the dimensions say. */
  public static ArrayVariable of(long[] values, long... dims) {
    return of(DType.INT64, Shape.of(dims), values);
  }

  /** A BOOL variable over an array of as many values as the dimensions say. */
  public static ArrayVariable of(boolean[] values, long... dims) {
    return of(DType.BOOL, Shape.of(dims), values);
  }

  /**
   * A variable of any type of fixed width.
   *
   * @param array a primitive array that suits the type, with as many numbers as the shape needs
   */
  public static ArrayVariable of(DType dtype, Shape shape, Object array) {
    return new ArrayVariable(dtype, shape, PrimitiveArray.of(array));
  }

  /** A FLOAT scalar. */
  public static ArrayVariable scalar(float value) {
    return of(new float[] {value});
  }

  /** A variable of zeros, in the array type that the class says; made once it is needed. */
  public static ArrayVariable zeros(DType dtype, Shape shape) {
    return new ArrayVariable(dtype, shape, PrimitiveArray.suiting(dtype, shape));
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  @Override
  public Shape shape() {
    return shape;
  }

  /** The array itself; for types that are kept in float[]. */
  public float[] floats() {
    return array(float[].class);
  }

  /** The array itself; for types that are kept in double[]. */
  public double[] doubles() {
    return array(double[].class);
  }

  /** The array itself; for types that are kept in int[]. */
  public int[] ints() {
    return array(int[].class);
  }

  /** The array itself; for types that are kept in long[]. */
  public long[] longs() {
    return array(long[].class);
  }

  /** The array itself; for types that are kept in short[]. */
  public short[] shorts() {
    return array(short[].class);
  }

  /** The array itself; for types that are kept in byte[]. */
  public byte[] bytes() {
    return array(byte[].class);
  }

  /** The array itself; for types that are kept in boolean[]. */
  public boolean[] booleans() {
    return array(boolean[].class);
  }

  private <A> A array(Class<A> type) {
    Object array = values.array();
    if (!type.isInstance(array)) {
      throw new IllegalStateException(
          "Cannot hand out the values of "
              + this
              + " as "
              + type.getSimpleName()
              + ": they are in "
              + array.getClass().getSimpleName());
    }
    return type.cast(array);
  }

  @Override
  public void get(long first, ByteBuffer into) {
    values.get(unit(first), into);
  }

  private int unit(long element) {
    return (int) (element * (dtype.elementBytes() / values.unitBytes()));
  }

  @Override
  public Incoming incoming() {
    PrimitiveArray fresh = values.fresh();
    return new Incoming() {
      @Override
      public void put(long first, ByteBuffer from) {
        fresh.put(unit(first), from);
      }

      @Override
      public void take() {
        values.take(fresh);
      }
    };
  }

  @Override
  public String toString() {
    return dtype + shape.toString();
  }
}
