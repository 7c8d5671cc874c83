package dev.cairn.checkpoint.bundle;

import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The payload of a string tensor: varint lengths, a masked checksum of the lengths, the bytes
 * ({@code core/util/tensor_bundle/tensor_bundle.cc}, WriteStringTensor).
 *
 * @param payload the bytes as stored
 * @param crc32c their checksum as TensorFlow counts it, unmasked: it runs over the lengths as fixed
 *     numbers, not over their varints
 */
public record StringTensor(byte[] payload, int crc32c) {

  /** Encodes elements in row-major order. */
  public static StringTensor encode(List<byte[]> elements) {
    Bytes out = new Bytes();
    CRC32C crc = new CRC32C();
    for (byte[] element : elements) {
      out.varint(element.length);
      crc.update(new Bytes().fixed32(element.length).toArray());
    }
    byte[] lengths = new Bytes().fixed32(MaskedCrc.mask((int) crc.getValue())).toArray();
    out.write(lengths, 0, lengths.length);
    crc.update(lengths);
    for (byte[] element : elements) {
      out.write(element, 0, element.length);
      crc.update(element);
    }
    return new StringTensor(out.toArray(), (int) crc.getValue());
  }

  /**
   * Decodes a payload and compares both checksums.
   *
   * @param elements the number of elements, by the tensor's shape
   * @param expectedCrc the entry's checksum, unmasked
   * @param what variable and file, for messages
   */
  public static List<byte[]> decode(byte[] payload, long elements, int expectedCrc, String what)
      throws CheckpointException {
    Elements all =
        Elements.of(
            DType.STRING,
            elements,
            payload.length,
            expectedCrc,
            (position, into) -> into.put(payload, (int) position, into.remaining()),
            what);
    try {
      return read(all);
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
  }

  /** All elements, each below 2 GiB. */
  public static List<byte[]> read(Elements elements) throws IOException {
    List<byte[]> strings = new ArrayList<>();
    for (long length = elements.next(); length >= 0; length = elements.next()) {
      if (length > Integer.MAX_VALUE - 8) {
        throw new CheckpointException.Mismatch(
            "Cannot hold element "
                + strings.size()
                + ": expected at most "
                + (Integer.MAX_VALUE - 8)
                + " bytes, found "
                + length);
      }
      byte[] string = new byte[(int) length];
      elements.read(ByteBuffer.wrap(string));
      strings.add(string);
    }
    return strings;
  }
}
