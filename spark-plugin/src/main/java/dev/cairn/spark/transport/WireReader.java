package dev.cairn.spark.transport;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads the primitives of the protocol. Every length is compared with the bytes that are left
 * before anything of that length is allocated.
 */
final class WireReader {

  /** Reads one value. */
  interface Value<V> {
    V read(WireReader in) throws TransportException.Malformed;
  }

  private final ByteBuffer buffer;

  WireReader(ByteBuffer bytes) {
    this.buffer = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  int u8() throws TransportException.Malformed {
    return need(1).get() & 0xff;
  }

  boolean flag() throws TransportException.Malformed {
    int value = u8();
    if (value > 1) {
      throw malformed("a flag is neither 0 nor 1 but " + value);
    }
    return value == 1;
  }

  int i32() throws TransportException.Malformed {
    return need(Integer.BYTES).getInt();
  }

  long i64() throws TransportException.Malformed {
    return need(Long.BYTES).getLong();
  }

  double f64() throws TransportException.Malformed {
    return need(Double.BYTES).getDouble();
  }

  /** Reads a number of things that take at least {@code bytesEach} bytes each in this message. */
  int count(int bytesEach) throws TransportException.Malformed {
    int count = i32();
    if (count < 0 || (long) count * bytesEach > buffer.remaining()) {
      throw malformed(
          String.format(
              Locale.ROOT,
              "a length does not fit, expected at most %d, found %d",
              buffer.remaining() / bytesEach,
              count));
    }
    return count;
  }

  String text() throws TransportException.Malformed {
    ByteBuffer encoded = ByteBuffer.wrap(bytes());
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(encoded)
          .toString();
    } catch (CharacterCodingException e) {
      throw malformed("a text is not UTF-8");
    }
  }

  byte[] bytes() throws TransportException.Malformed {
    byte[] value = new byte[count(1)];
    buffer.get(value);
    return value;
  }

  float[] floats() throws TransportException.Malformed {
    float[] values = new float[count(Float.BYTES)];
    buffer.asFloatBuffer().get(values);
    skip(values.length * Float.BYTES);
    return values;
  }

  int[] ints() throws TransportException.Malformed {
    int[] values = new int[count(Integer.BYTES)];
    buffer.asIntBuffer().get(values);
    skip(values.length * Integer.BYTES);
    return values;
  }

  long[] longs() throws TransportException.Malformed {
    long[] values = new long[count(Long.BYTES)];
    buffer.asLongBuffer().get(values);
    skip(values.length * Long.BYTES);
    return values;
  }

  double[] doubles() throws TransportException.Malformed {
    double[] values = new double[count(Double.BYTES)];
    buffer.asDoubleBuffer().get(values);
    skip(values.length * Double.BYTES);
    return values;
  }

  <V> SortedMap<String, V> map(int valueBytes, Value<V> value) throws TransportException.Malformed {
    int entries = count(Integer.BYTES + valueBytes);
    SortedMap<String, V> map = new TreeMap<>();
    for (int i = 0; i < entries; i++) {
      String key = text();
      if (map.put(key, value.read(this)) != null) {
        throw malformed("the key " + key + " comes twice");
      }
    }
    return map;
  }

  /** Refuses bytes that are left over. */
  void end() throws TransportException.Malformed {
    if (buffer.hasRemaining()) {
      throw malformed(buffer.remaining() + " bytes are left over");
    }
  }

  private void skip(int bytes) {
    buffer.position(buffer.position() + bytes);
  }

  private ByteBuffer need(int bytes) throws TransportException.Malformed {
    if (buffer.remaining() < bytes) {
      throw malformed("it ends early");
    }
    return buffer;
  }

  TransportException.Malformed malformed(String why) {
    return new TransportException.Malformed(
        String.format(
            Locale.ROOT,
            "Cannot read a message: %s (at byte %d of %d)",
            why,
            buffer.position(),
            buffer.limit()));
  }
}
