package dev.cairn.checkpoint.formats;

/** The order of bytes within numbers. Stateless. */
final class ByteOrders {
  private ByteOrders() {}

  /**
   * Turns the bytes of each number round.
   *
   * @param count bytes of all numbers, from the first on
   * @param width bytes of a number
   */
  static void swap(byte[] bytes, int count, int width) {
    for (int at = 0; at + width <= count; at += width) {
      for (int i = at, j = at + width - 1; i < j; i++, j--) {
        byte low = bytes[i];
        bytes[i] = bytes[j];
        bytes[j] = low;
      }
    }
  }
}
