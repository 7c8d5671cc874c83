package dev.cairn.checkpoint.bundle;

import java.io.ByteArrayOutputStream;

/** A growing array of bytes with the few number codes of the format, little-endian. */
final class Bytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  int length() {
    return out.size();
  }

  /** Appends a number as a varint: seven bits a byte, low ones first. */
  Bytes varint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) (rest | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
    return this;
  }

  Bytes fixed32(int value) {
    for (int i = 0; i < 4; i++) {
      out.write(value >>> (8 * i));
    }
    return this;
  }

  Bytes fixed64(long value) {
    return fixed32((int) value).fixed32((int) (value >>> 32));
  }

  Bytes padTo(int length) {
    while (out.size() < length) {
      out.write(0);
    }
    return this;
  }

  void write(byte[] bytes, int offset, int length) {
    out.write(bytes, offset, length);
  }

  byte[] toArray() {
    return out.toByteArray();
  }
}
