package dev.cairn.checkpoint.io;

/**
 * Computes the CRC32C of two pieces of data put together, from their checksums alone:
 * multiplication of polynomials over GF(2), as Mark Adler's {@code crc32_combine} in zlib does it.
 * So a file's checksum follows from those of its slices without a second pass. Stateless; some
 * hundred nanoseconds a call.
 */
public final class Crc32cCombiner {

  private static final int POLYNOMIAL = 0x82f63b78;
  private static final int[] X_TO_2_TO_N = powers();

  private Crc32cCombiner() {}

  private static int[] powers() {
    int[] table = new int[Long.SIZE + 3];
    int power = 1 << 30;
    for (int n = 0; n < table.length; n++) {
      table[n] = power;
      power = multiply(power, power);
    }
    return table;
  }

  /** The product of a and b modulo the polynomial, bits reflected. */
  private static int multiply(int a, int b) {
    int product = 0;
    int factor = b;
    for (int mask = 1 << 31; mask != 0; mask >>>= 1) {
      if ((a & mask) != 0) {
        product ^= factor;
      }
      factor = (factor & 1) != 0 ? (factor >>> 1) ^ POLYNOMIAL : factor >>> 1;
    }
    return product;
  }

  /** The checksum of {@code first} followed by {@code second}, which has this many bytes. */
  public static int combine(int first, int second, long secondLength) {
    int shift = 1 << 31;
    int n = 3;
    for (long rest = secondLength; rest != 0; rest >>>= 1) {
      if ((rest & 1) != 0) {
        shift = multiply(X_TO_2_TO_N[n], shift);
      }
      n++;
    }
    return multiply(shift, first) ^ second;
  }
}
