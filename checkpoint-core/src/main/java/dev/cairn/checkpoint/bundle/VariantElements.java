package dev.cairn.checkpoint.bundle;

import java.io.IOException;

/**
 * A variant tensor's payload ({@code core/util/tensor_bundle/tensor_bundle.cc}, ReadVariantTensor):
 * for each element its length as a varint, a serialized VariantTensorDataProto, and the masked
 * checksum of all before, in which lengths count as eight bytes. The bytes of the proto are not
 * interpreted.
 */
final class VariantElements extends Elements {

  private final Cursor bytes;

  VariantElements(Source source, long count, long size, int crc32c, String what) {
    super(source, count, size, crc32c, what);
    this.bytes = new Cursor(0);
  }

  @Override
  long length() throws IOException {
    long length = bytes.varint();
    checksum(length, Long.BYTES);
    return length;
  }

  @Override
  Cursor payload() {
    return bytes;
  }

  @Override
  void elementEnds() throws IOException {
    storedChecksum(bytes, "element " + (done - 1));
  }

  @Override
  void end() throws IOException {
    if (bytes.position() != size) {
      throw corrupt(size + " bytes", bytes.position() + " bytes of elements");
    }
    super.end();
  }
}
