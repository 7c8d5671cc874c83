package dev.cairn.checkpoint.bundle;

import dev.cairn.checkpoint.model.DType;
import java.nio.ByteBuffer;

/** Turns elements of a big-endian checkpoint into little-endian ones, in place. Stateless. */
public final class ByteSwap {

  private ByteSwap() {}

  /**
   * Turns the bytes of each number round; a complex number is two.
   *
   * @param from first byte, by absolute position
   * @param to behind the last byte of the last element
   */
  public static void swap(DType dtype, ByteBuffer buffer, int from, int to) {
    boolean two = dtype == DType.COMPLEX64 || dtype == DType.COMPLEX128;
    int width = two ? dtype.elementBytes() / 2 : dtype.elementBytes();
    for (int at = from; width > 1 && at < to; at += width) {
      for (int low = at, high = at + width - 1; low < high; low++, high--) {
        byte held = buffer.get(low);
        buffer.put(low, buffer.get(high));
        buffer.put(high, held);
      }
    }
  }
}
