package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.graph.MutableVariable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/** The elements of variables as bytes, whatever their type. */
final class MutableBytes {
  private MutableBytes() {}

  private static ByteBuffer room(MutableVariable variable) {
    int bytes = (int) variable.shape().elements() * variable.dtype().elementBytes();
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** All elements, little-endian, as hex digits. */
  static String of(MutableVariable variable) {
    ByteBuffer bytes = room(variable);
    variable.get(0, bytes);
    return HexFormat.of().formatHex(bytes.array());
  }

  /** Fills a variable with bytes 0 and 1, of which a seed says the order. */
  static void fill(MutableVariable variable, int seed) {
    ByteBuffer bytes = room(variable);
    for (int i = 0; bytes.hasRemaining(); i++) {
      bytes.put((byte) ((i * 31 + seed) % 5 % 2));
    }
    MutableVariable.Incoming incoming = variable.incoming();
    incoming.put(0, bytes.rewind());
    incoming.take();
  }
}
