package dev.cairn.checkpoint.graph;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A variable whose value is at hand where the graph is made, such as a counter. */
public interface HeldVariable extends Variable {

  /** The elements, row-major, little-endian, from position to limit; a new buffer each time. */
  ByteBuffer value();

  /** A scalar of type INT64. */
  static HeldVariable of(long value) {
    return scalar(
        DType.INT64, ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value));
  }

  /** A scalar of type FLOAT. */
  static HeldVariable of(float value) {
    return scalar(
        DType.FLOAT,
        ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(value));
  }

  private static HeldVariable scalar(DType dtype, ByteBuffer bytes) {
    ByteBuffer held = bytes.flip().asReadOnlyBuffer();
    return new HeldVariable() {
      @Override
      public DType dtype() {
        return dtype;
      }

      @Override
      public Shape shape() {
        return Shape.scalar();
      }

      @Override
      public ByteBuffer value() {
        return held.duplicate().order(ByteOrder.LITTLE_ENDIAN);
      }
    };
  }
}
