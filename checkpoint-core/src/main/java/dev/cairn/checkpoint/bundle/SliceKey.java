package dev.cairn.checkpoint.bundle;

import dev.cairn.checkpoint.model.Slice;
import java.io.ByteArrayOutputStream;

/**
 * The key under which a slice of a variable stands in the index: TensorFlow's
 * EncodeTensorNameSlice, an order-preserving code ({@code core/util/saved_tensor_slice_util.cc},
 * {@code core/lib/strings/ordered_code.cc}).
 *
 * <p>The key holds a zero, the name, the rank, and a start and a length for each dimension, where a
 * whole dimension is 0 and -1. Keys begin with byte 0, so they stand before all names.
 */
public final class SliceKey {
  private SliceKey() {}

  /** The key of a slice, exactly as its starts and lengths are given. */
  public static byte[] of(String name, Slice slice) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(name.length() + 8 + 8 * slice.rank());
    unsigned(out, 0);
    string(out, Keys.encode(name));
    unsigned(out, slice.rank());
    for (int i = 0; i < slice.rank(); i++) {
      signed(out, slice.start(i));
      signed(out, slice.length(i));
    }
    return out.toByteArray();
  }

  /** A count of significant big-endian bytes, then the bytes. */
  static void unsigned(ByteArrayOutputStream out, long value) {
    int bytes = (64 - Long.numberOfLeadingZeros(value) + 7) / 8;
    out.write(bytes);
    for (int i = bytes - 1; i >= 0; i--) {
      out.write((int) (value >>> (8 * i)));
    }
  }

  /** Bytes with 00 and FF escaped, ended by 00 01. */
  static void string(ByteArrayOutputStream out, byte[] bytes) {
    for (byte b : bytes) {
      out.write(b);
      if (b == 0) {
        out.write(0xFF);
      } else if (b == (byte) 0xFF) {
        out.write(0);
      }
    }
    out.write(0);
    out.write(1);
  }

  /** A number whose code's byte order is the number's order; small ones take one byte. */
  static void signed(ByteArrayOutputStream out, long value) {
    int bits = 64 - Long.numberOfLeadingZeros(value < 0 ? ~value : value);
    int bytes = bits / 7 + 1;
    byte[] code = new byte[bytes];
    long rest = value;
    for (int i = bytes - 1; i >= 0; i--) {
      code[i] = (byte) rest;
      rest >>= 8;
    }
    // The length stands in front in unary: that many ones, xor-ed over the sign extension.
    if (bytes < 8) {
      code[0] ^= (byte) (0xFF00 >>> bytes);
    } else {
      code[0] ^= (byte) 0xFF;
      code[1] ^= (byte) (0xFF00 >>> (bytes - 8));
    }
    out.write(code, 0, bytes);
  }
}
