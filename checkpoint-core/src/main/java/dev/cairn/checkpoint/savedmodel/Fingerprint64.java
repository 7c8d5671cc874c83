package dev.cairn.checkpoint.savedmodel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The hash that TensorFlow takes fingerprints with: FarmHash's {@code Fingerprint64} (G. Pike, the
 * variant {@code farmhashna}), and how it joins two of them. Unsigned numbers in longs; stateless.
 */
final class Fingerprint64 {
  private static final long K0 = 0xc3a5c85c97cb3127L;
  private static final long K1 = 0xb492b66fbe98f273L;
  private static final long K2 = 0x9ae16a3b2f90404fL;

  /** The multiplier of {@link #join}. */
  private static final long MULTIPLIER = 0xc6a4a7935bd1e995L;

  private static final int BLOCK = 64;

  private Fingerprint64() {}

  /** The hash of all bytes. */
  static long of(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int length = bytes.length;
    if (length <= 16) {
      return upTo16(in, length);
    }
    if (length <= 32) {
      return upTo32(in, length);
    }
    return length <= BLOCK ? upTo64(in, length) : longer(in, length);
  }

  /** The hash of what has these two hashes, one after the other. */
  static long join(long first, long second) {
    long result = first ^ MULTIPLIER;
    result ^= shiftMixed(second * MULTIPLIER) * MULTIPLIER;
    result *= MULTIPLIER;
    result = shiftMixed(result) * MULTIPLIER;
    return shiftMixed(result);
  }

  private static long shiftMixed(long value) {
    return value ^ (value >>> 47);
  }

  private static long mixed(long u, long v, long multiplier) {
    long a = shiftMixed((u ^ v) * multiplier);
    return shiftMixed((v ^ a) * multiplier) * multiplier;
  }

  private static long upTo16(ByteBuffer in, int length) {
    long multiplier = K2 + length * 2L;
    if (length >= 8) {
      long a = in.getLong(0) + K2;
      long b = in.getLong(length - 8);
      long c = Long.rotateRight(b, 37) * multiplier + a;
      long d = (Long.rotateRight(a, 25) + b) * multiplier;
      return mixed(c, d, multiplier);
    }
    if (length >= 4) {
      long a = in.getInt(0) & 0xffffffffL;
      long b = in.getInt(length - 4) & 0xffffffffL;
      return mixed(length + (a << 3), b, multiplier);
    }
    if (length == 0) {
      return K2;
    }
    int a = in.get(0) & 0xff;
    int b = in.get(length >> 1) & 0xff;
    int c = in.get(length - 1) & 0xff;
    long y = (long) a + (b << 8);
    long z = (long) length + (c << 2);
    return shiftMixed(y * K2 ^ z * K0) * K2;
  }

  private static long upTo32(ByteBuffer in, int length) {
    long multiplier = K2 + length * 2L;
    long a = in.getLong(0) * K1;
    long b = in.getLong(8);
    long c = in.getLong(length - 8) * multiplier;
    long d = in.getLong(length - 16) * K2;
    return mixed(
        Long.rotateRight(a + b, 43) + Long.rotateRight(c, 30) + d,
        a + Long.rotateRight(b + K2, 18) + c,
        multiplier);
  }

  private static long upTo64(ByteBuffer in, int length) {
    long multiplier = K2 + length * 2L;
    long a = in.getLong(0) * K2;
    long b = in.getLong(8);
    long c = in.getLong(length - 8) * multiplier;
    long d = in.getLong(length - 16) * K2;
    long y = Long.rotateRight(a + b, 43) + Long.rotateRight(c, 30) + d;
    long z = mixed(y, a + Long.rotateRight(b + K2, 18) + c, multiplier);
    long e = in.getLong(16) * multiplier;
    long f = in.getLong(24);
    long g = (y + in.getLong(length - 32)) * multiplier;
    long h = (z + in.getLong(length - 24)) * multiplier;
    return mixed(
        Long.rotateRight(e + f, 43) + Long.rotateRight(g, 30) + h,
        e + Long.rotateRight(f + a, 18) + g,
        multiplier);
  }

  /** Two numbers that 32 bytes were mixed into. */
  private record Pair(long first, long second) {}

  private static Pair weak(ByteBuffer in, int at, long a, long b) {
    long first = a + in.getLong(at);
    long last = in.getLong(at + 24);
    long second = Long.rotateRight(b + first + last, 21);
    long sum = first + in.getLong(at + 8) + in.getLong(at + 16);
    return new Pair(sum + last, second + Long.rotateRight(sum, 44) + first);
  }

  private static long longer(ByteBuffer in, int length) {
    long x = 81;
    long y = x * K1 + 113;
    long z = shiftMixed(y * K2 + 113) * K2;
    Pair v = new Pair(0, 0);
    Pair w = new Pair(0, 0);
    x = x * K2 + in.getLong(0);
    int end = (length - 1) / BLOCK * BLOCK;
    for (int at = 0; at < end; at += BLOCK) {
      x = Long.rotateRight(x + y + v.first() + in.getLong(at + 8), 37) * K1;
      y = Long.rotateRight(y + v.second() + in.getLong(at + 48), 42) * K1;
      x ^= w.second();
      y += v.first() + in.getLong(at + 40);
      z = Long.rotateRight(z + w.first(), 33) * K1;
      v = weak(in, at, v.second() * K1, x + w.first());
      w = weak(in, at + 32, z + w.second(), y + in.getLong(at + 16));
      long swapped = z;
      z = x;
      x = swapped;
    }
    long multiplier = K1 + ((z & 0xff) << 1);
    int at = length - BLOCK;
    w = new Pair(w.first() + ((length - 1) & 63), w.second());
    v = new Pair(v.first() + w.first(), v.second());
    w = new Pair(w.first() + v.first(), w.second());
    x = Long.rotateRight(x + y + v.first() + in.getLong(at + 8), 37) * multiplier;
    y = Long.rotateRight(y + v.second() + in.getLong(at + 48), 42) * multiplier;
    x ^= w.second() * 9;
    y += v.first() * 9 + in.getLong(at + 40);
    z = Long.rotateRight(z + w.first(), 33) * multiplier;
    v = weak(in, at, v.second() * multiplier, x + w.first());
    w = weak(in, at + 32, z + w.second(), y + in.getLong(at + 16));
    return mixed(
        mixed(v.first(), w.first(), multiplier) + shiftMixed(y) * K0 + x,
        mixed(v.second(), w.second(), multiplier) + z,
        multiplier);
  }
}
