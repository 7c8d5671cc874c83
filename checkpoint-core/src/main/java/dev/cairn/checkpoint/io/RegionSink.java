package dev.cairn.checkpoint.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Supplier;

/** The destination of a region's elements. Positions are elements within the region, row-major. */
public interface RegionSink {

  /** Takes whole elements, little-endian. */
  void put(long element, ByteBuffer raw);

  /** Makes elements zero again that turned out to be damaged. */
  void wipe(long element, long count);

  /** A sink that fills floats, from an offset on. */
  static RegionSink floats(Supplier<float[]> into, int offset) {
    return new RegionSink() {
      @Override
      public void put(long element, ByteBuffer raw) {
        int at = Math.toIntExact(offset + element);
        raw.order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer()
            .get(into.get(), at, raw.remaining() / Float.BYTES);
      }

      @Override
      public void wipe(long element, long count) {
        int at = Math.toIntExact(offset + element);
        Arrays.fill(into.get(), at, Math.toIntExact(at + count), 0);
      }
    };
  }

  /** A sink that fills bytes, from the buffer's position on. */
  static RegionSink bytes(ByteBuffer into, int elementBytes) {
    int start = into.position();
    return new RegionSink() {
      @Override
      public void put(long element, ByteBuffer raw) {
        into.put(
            Math.toIntExact(start + element * elementBytes), raw, raw.position(), raw.remaining());
      }

      @Override
      public void wipe(long element, long count) {
        for (long i = element * elementBytes; i < (element + count) * elementBytes; i++) {
          into.put(Math.toIntExact(start + i), (byte) 0);
        }
      }
    };
  }
}
