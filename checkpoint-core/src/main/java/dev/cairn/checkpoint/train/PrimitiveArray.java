package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An array of numbers of one width ("units"), made when it is first needed, and copies between it
 * and little-endian bytes. Not thread-safe, but for puts to different places.
 */
final class PrimitiveArray {
  private final Class<?> unit;
  private final int length;
  private @Nullable Object array;

  private PrimitiveArray(Class<?> unit, int length, @Nullable Object array) {
    this.unit = unit;
    this.length = length;
    this.array = array;
  }

  static PrimitiveArray of(Object array) {
    Class<?> unit = array.getClass().getComponentType();
    if (unit == null || !unit.isPrimitive() || unit == char.class) {
      throw new IllegalArgumentException(
          "Cannot make a variable over "
              + array.getClass().getSimpleName()
              + ": expected an array of float, double, int, long, short, byte or boolean");
    }
    return new PrimitiveArray(unit, Array.getLength(array), array);
  }

  /** An array, still to be made, of the type that is used for elements of a type. */
  static PrimitiveArray suiting(DType dtype, Shape shape) {
    Class<?> unit =
        switch (dtype) {
          case FLOAT, COMPLEX64 -> float.class;
          case DOUBLE, COMPLEX128 -> double.class;
          case BOOL -> boolean.class;
          default ->
              switch (dtype.elementBytes()) {
                case 1 -> byte.class;
                case 2 -> short.class;
                case 4 -> int.class;
                case 8 -> long.class;
                default -> throw noNumbers(dtype);
              };
        };
    PrimitiveArray one = new PrimitiveArray(unit, 0, null);
    return new PrimitiveArray(unit, (int) one.unitsFor(dtype, shape), null);
  }

  private static IllegalArgumentException noNumbers(DType dtype) {
    return new IllegalArgumentException(
        "Cannot make a variable of "
            + dtype
            + " over numbers: its elements have no fixed width; strings have StringVariable");
  }

  /** How many units elements of a type and shape have. */
  long unitsFor(DType dtype, Shape shape) {
    int width = dtype.elementBytes();
    if (width == 0) {
      throw noNumbers(dtype);
    }
    boolean fits =
        switch (dtype) {
          case FLOAT, COMPLEX64 -> unit == float.class;
          case DOUBLE, COMPLEX128 -> unit == double.class;
          case BOOL -> unit == boolean.class;
          default -> unitBytes() == width && unit != float.class && unit != double.class;
        };
    if (!fits) {
      throw new IllegalArgumentException(
          "Cannot keep " + dtype + " in " + unit + "[]: expected an array of its width and kind");
    }
    long units = Math.multiplyExact(shape.elements(), width / unitBytes());
    if (units > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "Cannot keep "
              + dtype
              + shape
              + " in one array: expected at most "
              + (Integer.MAX_VALUE - 8)
              + " numbers; cut it into several variables");
    }
    return units;
  }

  int length() {
    return length;
  }

  int unitBytes() {
    return unit == byte.class || unit == boolean.class
        ? 1
        : unit == short.class ? 2 : unit == int.class || unit == float.class ? 4 : 8;
  }

  /** Made by whichever thread asks first: several of them make the arrays of many variables. */
  synchronized Object array() {
    Object made = array;
    if (made == null) {
      made = Array.newInstance(unit, length);
      array = made;
    }
    return made;
  }

  /** Another one of the same kind and length, still to be made. */
  PrimitiveArray fresh() {
    return new PrimitiveArray(unit, length, null);
  }

  /** Takes over the values of another one, and its array if there is none here yet. */
  synchronized void take(PrimitiveArray other) {
    Object theirs = other.array();
    if (array == null) {
      array = theirs;
    } else {
      System.arraycopy(theirs, 0, array, 0, length);
    }
  }

  void get(int first, ByteBuffer into) {
    int count = into.remaining() / unitBytes();
    Object from = array();
    if (from instanceof float[] floats) {
      into.asFloatBuffer().put(floats, first, count);
    } else if (from instanceof double[] doubles) {
      into.asDoubleBuffer().put(doubles, first, count);
    } else if (from instanceof int[] ints) {
      into.asIntBuffer().put(ints, first, count);
    } else if (from instanceof long[] longs) {
      into.asLongBuffer().put(longs, first, count);
    } else if (from instanceof short[] shorts) {
      into.asShortBuffer().put(shorts, first, count);
    } else if (from instanceof byte[] bytes) {
      into.duplicate().put(bytes, first, count);
    } else {
      boolean[] flags = (boolean[]) from;
      for (int i = 0; i < count; i++) {
        into.put(into.position() + i, (byte) (flags[first + i] ? 1 : 0));
      }
    }
    into.position(into.position() + count * unitBytes());
  }

  void put(int first, ByteBuffer from) {
    int count = from.remaining() / unitBytes();
    Object to = array();
    if (to instanceof float[] floats) {
      from.asFloatBuffer().get(floats, first, count);
    } else if (to instanceof double[] doubles) {
      from.asDoubleBuffer().get(doubles, first, count);
    } else if (to instanceof int[] ints) {
      from.asIntBuffer().get(ints, first, count);
    } else if (to instanceof long[] longs) {
      from.asLongBuffer().get(longs, first, count);
    } else if (to instanceof short[] shorts) {
      from.asShortBuffer().get(shorts, first, count);
    } else if (to instanceof byte[] bytes) {
      from.duplicate().get(bytes, first, count);
    } else {
      boolean[] flags = (boolean[]) to;
      for (int i = 0; i < count; i++) {
        flags[first + i] = from.get(from.position() + i) != 0;
      }
    }
    from.position(from.position() + count * unitBytes());
  }
}
