package dev.cairn.checkpoint.savedmodel;

import dev.cairn.checkpoint.model.DType;
import java.util.List;

/**
 * MurmurHash3_x86_32 (Austin Appleby's, seed 42) of texts, put together of TensorFlow's operations
 * on whole numbers: the places of features, bit for bit those of {@link
 * dev.cairn.checkpoint.model.RowHasher}.
 *
 * <p>All texts are hashed at once, four bytes of each in one round of a loop that ends with the
 * longest. Numbers of 32 bits without a sign are kept in 64 bits with one: no operation overflows.
 */
final class HashedNames {
  private static final long SEED = 42;
  private static final long LOW = 0xffffffffL;

  private final Operations in;

  private HashedNames(Operations in) {
    this.in = in;
  }

  /**
   * The places of some names.
   *
   * @param names texts in UTF-8, a matrix
   * @param size how many places there are
   * @return whole numbers from 0 on, of 64 bits, a matrix of the same shape
   */
  static Tensor places(Signature in, Tensor names, int size) {
    HashedNames own = new HashedNames(in);
    Tensor hash = own.ended(rounds(in, names), in.cast(in.bytes(names), DType.INT64));
    if (Integer.bitCount(size) == 1) {
      return own.and(hash, size - 1L);
    }
    Tensor negative = in.subtract(hash, in.constant(LOW + 1));
    Tensor signed = in.select(in.greater(hash, in.constant(LOW >>> 1)), negative, hash);
    return in.floorMod(signed, in.constant((long) size));
  }

  /** The hash before the last steps, all bytes taken in. */
  private static Tensor rounds(Signature in, Tensor names) {
    Tensor lengths = in.bytes(names);
    Tensor longest = in.maximum(in.greatest(lengths, 0, 1), in.constant(0));
    // One word more than are whole, for what is left over; it is 0 where nothing is.
    Tensor bytes = in.bits("BitwiseAnd", in.add(longest, in.constant(4)), in.constant(-4));
    HashedNames outside = new HashedNames(in);
    Tensor words = outside.and(in.cast(in.words(names, bytes), DType.INT64), LOW);
    Tensor whole = outside.right(in.cast(lengths, DType.INT64), 2);
    Tensor start =
        in.add(in.multiply(whole, in.constant(0L)), in.constant(SEED)); // in the shape of names
    Tensor rounds = in.bits("RightShift", bytes, in.constant(2));
    return in.loop(
            List.of(in.constant(0), start, rounds, words, whole),
            loop -> List.of(loop.less(loop.arguments().get(0), loop.arguments().get(2))),
            loop -> new HashedNames(loop).round(loop.arguments()))
        .get(1);
  }

  /** Takes in the next word of each text that is not at its end. */
  private List<Tensor> round(List<Tensor> around) {
    Tensor at = around.get(0);
    Tensor hash = around.get(1);
    Tensor whole = around.get(4);
    Tensor word = in.gather(around.get(3), at, 2);
    Tensor mixed = xor(hash, times(turned(times(word, 0xcc9e2d51L), 15), 0x1b873593L));
    Tensor next = and(in.add(times(turned(mixed, 13), 5), in.constant(0xe6546b64L)), LOW);
    Tensor place = in.cast(at, DType.INT64);
    Tensor last = in.select(in.equal(place, whole), mixed, hash);
    return List.of(
        in.add(at, in.constant(1)),
        in.select(in.less(place, whole), next, last),
        around.get(2),
        around.get(3),
        whole);
  }

  private Tensor ended(Tensor hash, Tensor length) {
    Tensor last = xor(hash, length);
    last = times(xor(last, right(last, 16)), 0x85ebca6bL);
    last = times(xor(last, right(last, 13)), 0xc2b2ae35L);
    return xor(last, right(last, 16));
  }

  private Tensor and(Tensor x, long mask) {
    return in.bits("BitwiseAnd", x, in.constant(mask));
  }

  private Tensor xor(Tensor x, Tensor y) {
    return in.bits("BitwiseXor", x, y);
  }

  private Tensor left(Tensor x, long bits) {
    return in.bits("LeftShift", x, in.constant(bits));
  }

  private Tensor right(Tensor x, long bits) {
    return in.bits("RightShift", x, in.constant(bits));
  }

  /** Turned to the left by some bits. */
  private Tensor turned(Tensor x, long bits) {
    return in.bits("BitwiseOr", and(left(x, bits), LOW), right(x, Integer.SIZE - bits));
  }

  /** The lower 32 bits of a product, by halves of the factor: less than 49 bits each. */
  private Tensor times(Tensor x, long factor) {
    Tensor low = in.multiply(x, in.constant(factor & 0xffff));
    if (factor >>> 16 == 0) {
      return and(low, LOW);
    }
    Tensor high = and(in.multiply(x, in.constant(factor >>> 16)), 0xffff);
    return and(in.add(low, left(high, 16)), LOW);
  }
}
