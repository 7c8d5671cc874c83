package dev.cairn.checkpoint.bundle;

import java.io.IOException;

/**
 * A string tensor's payload ({@code core/util/tensor_bundle/tensor_bundle.cc}, ReadStringTensor):
 * the lengths of all elements as varints, a masked checksum of the lengths, the bytes of all. The
 * lengths are read twice, so that they need not be held.
 */
final class StringElements extends Elements {

  private static final long UINT32 = 0xFFFFFFFFL;

  private final Cursor lengths;
  private final Cursor bytes;

  StringElements(Source source, long count, long size, int crc32c, String what) {
    super(source, count, size, crc32c, what);
    this.lengths = new Cursor(0);
    this.bytes = new Cursor(0);
  }

  @Override
  long length() throws IOException {
    if (done == 0) {
      checkLengths();
    }
    return lengths.varint();
  }

  private void checkLengths() throws IOException {
    if (count > size) {
      throw corrupt(count + " elements", size + " bytes");
    }
    long total = 0;
    for (long i = 0; i < count; i++) {
      long length = bytes.varint();
      total += length;
      if (total > size) {
        throw corrupt("elements within " + size + " bytes", total + " bytes");
      }
      checksum(length, length > UINT32 ? Long.BYTES : Integer.BYTES);
    }
    if (size - bytes.position() != total + Integer.BYTES) {
      throw corrupt(
          total + Integer.BYTES + " bytes after the lengths", "" + (size - bytes.position()));
    }
    storedChecksum(bytes, "the lengths");
  }

  @Override
  Cursor payload() {
    return bytes;
  }

  @Override
  void elementEnds() {}

  @Override
  void end() throws IOException {
    if (count == 0) {
      checkLengths();
    }
    super.end();
  }
}
