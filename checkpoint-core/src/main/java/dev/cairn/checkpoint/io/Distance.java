package dev.cairn.checkpoint.io;

import dev.cairn.checkpoint.model.DType;
import java.math.BigInteger;
import java.nio.ByteBuffer;

/** Computes the distance of two stored values of a type. Stateless. */
public final class Distance {

  private Distance() {}

  /** Whether values of a type are numbers that can be subtracted here. */
  public static boolean isDefined(DType dtype) {
    return switch (dtype) {
      case STRING,
          BOOL,
          RESOURCE,
          VARIANT,
          UNKNOWN,
          FLOAT8_E5M2,
          FLOAT8_E4M3FN,
          FLOAT8_E4M3FNUZ,
          FLOAT8_E4M3B11FNUZ,
          FLOAT8_E5M2FNUZ,
          FLOAT4_E2M1FN,
          INT4,
          UINT4,
          INT2,
          UINT2 ->
          false;
      default -> true;
    };
  }

  /**
   * The absolute difference, rounded once for whole numbers; of complex numbers its modulus; NaN if
   * a value is NaN.
   *
   * @param a little-endian
   * @param b little-endian
   * @param at the byte from which on both have their value
   */
  public static double of(DType dtype, ByteBuffer a, ByteBuffer b, int at) {
    return switch (dtype) {
      case INT8, QINT8 -> Math.abs(a.get(at) - b.get(at));
      case UINT8, QUINT8 -> Math.abs((a.get(at) & 0xff) - (b.get(at) & 0xff));
      case INT16, QINT16 -> Math.abs(a.getShort(at) - b.getShort(at));
      case UINT16, QUINT16 -> Math.abs((a.getShort(at) & 0xffff) - (b.getShort(at) & 0xffff));
      case INT32, QINT32 -> Math.abs((double) a.getInt(at) - b.getInt(at));
      case UINT32 ->
          Math.abs(
              (double) Integer.toUnsignedLong(a.getInt(at)) - Integer.toUnsignedLong(b.getInt(at)));
      case INT64 -> unsigned(a.getLong(at) >= b.getLong(at), a.getLong(at), b.getLong(at));
      case UINT64 ->
          unsigned(
              Long.compareUnsigned(a.getLong(at), b.getLong(at)) >= 0,
              a.getLong(at),
              b.getLong(at));
      case FLOAT -> Math.abs((double) a.getFloat(at) - b.getFloat(at));
      case DOUBLE -> Math.abs(a.getDouble(at) - b.getDouble(at));
      case BFLOAT16 -> Math.abs((double) bfloat(a.getShort(at)) - bfloat(b.getShort(at)));
      case HALF -> Math.abs(half(a.getShort(at)) - half(b.getShort(at)));
      case COMPLEX64 ->
          Math.hypot(
              (double) a.getFloat(at) - b.getFloat(at),
              (double) a.getFloat(at + Float.BYTES) - b.getFloat(at + Float.BYTES));
      case COMPLEX128 ->
          Math.hypot(
              a.getDouble(at) - b.getDouble(at),
              a.getDouble(at + Double.BYTES) - b.getDouble(at + Double.BYTES));
      default -> throw new IllegalArgumentException("Cannot subtract values of " + dtype);
    };
  }

  /**
   * The larger one minus the smaller one, as 64 bits without a sign: these hold every difference.
   */
  private static double unsigned(boolean firstIsLarger, long a, long b) {
    long difference = firstIsLarger ? a - b : b - a;
    return difference >= 0
        ? difference
        : new BigInteger(Long.toUnsignedString(difference)).doubleValue();
  }

  private static float bfloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Decodes IEEE 754 binary16: 5 bits of exponent, 10 of fraction. */
  private static double half(short bits) {
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    double size;
    if (exponent == 0x1f) {
      size = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
    } else if (exponent == 0) {
      size = fraction * 0x1p-24;
    } else {
      size = Math.scalb(1 + fraction * 0x1p-10, exponent - 15);
    }
    return bits < 0 ? -size : size;
  }
}
