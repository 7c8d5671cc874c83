package dev.cairn.spark.transport;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.BiConsumer;

/** Writes the primitives of the protocol, little-endian, to a buffer that grows. */
final class WireWriter {
  private ByteBuffer buffer;

  /** Makes a writer that need not grow for {@code expected} bytes. */
  WireWriter(long expected) {
    if (expected > Integer.MAX_VALUE - 64) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot send a message of %d bytes: expected at most 2 GiB; use smaller batches",
              expected));
    }
    buffer = ByteBuffer.allocate((int) expected).order(ByteOrder.LITTLE_ENDIAN);
  }

  WireWriter u8(int value) {
    room(1).put((byte) value);
    return this;
  }

  WireWriter i32(int value) {
    room(Integer.BYTES).putInt(value);
    return this;
  }

  WireWriter i64(long value) {
    room(Long.BYTES).putLong(value);
    return this;
  }

  WireWriter f64(double value) {
    room(Double.BYTES).putDouble(value);
    return this;
  }

  WireWriter text(String value) {
    return bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  WireWriter bytes(byte[] value) {
    i32(value.length);
    room(value.length).put(value);
    return this;
  }

  WireWriter floats(float[] values, int from, int to) {
    int count = to - from;
    i32(count);
    ByteBuffer target = room((long) count * Float.BYTES);
    target.asFloatBuffer().put(values, from, count);
    return advance(count * Float.BYTES);
  }

  WireWriter ints(int[] values, int from, int to) {
    int count = to - from;
    i32(count);
    ByteBuffer target = room((long) count * Integer.BYTES);
    target.asIntBuffer().put(values, from, count);
    return advance(count * Integer.BYTES);
  }

  WireWriter longs(long[] values) {
    i32(values.length);
    room((long) values.length * Long.BYTES).asLongBuffer().put(values);
    return advance(values.length * Long.BYTES);
  }

  WireWriter doubles(double[] values) {
    i32(values.length);
    room((long) values.length * Double.BYTES).asDoubleBuffer().put(values);
    return advance(values.length * Double.BYTES);
  }

  <V> WireWriter map(SortedMap<String, V> values, BiConsumer<WireWriter, V> value) {
    i32(values.size());
    for (Map.Entry<String, V> entry : values.entrySet()) {
      text(entry.getKey());
      value.accept(this, entry.getValue());
    }
    return this;
  }

  /** The bytes that were written. */
  ByteBuffer done() {
    return buffer.flip();
  }

  private WireWriter advance(int bytes) {
    buffer.position(buffer.position() + bytes);
    return this;
  }

  private ByteBuffer room(long bytes) {
    if (buffer.remaining() < bytes) {
      long wanted = Math.max(buffer.capacity() * 2L, buffer.position() + bytes);
      long largest = Integer.MAX_VALUE - 64;
      if (buffer.position() + bytes > largest) {
        throw new IllegalArgumentException(
            "Cannot send a message of more than 2 GiB; use smaller batches");
      }
      ByteBuffer larger = ByteBuffer.allocate((int) Math.min(wanted, largest));
      buffer = larger.order(ByteOrder.LITTLE_ENDIAN).put(buffer.flip());
    }
    return buffer;
  }
}
