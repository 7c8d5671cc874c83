package dev.cairn.checkpoint.bundle;

import dev.cairn.checkpoint.model.CheckpointException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
   * @param elements how many there are by the tensor's shape
   * @param expectedCrc the entry's checksum, unmasked
   * @param what variable and file, for messages
   */
  public static List<byte[]> decode(byte[] payload, long elements, int expectedCrc, String what)
      throws CheckpointException {
    if (elements > payload.length) {
      throw corrupt(what, elements + " elements", payload.length + " bytes");
    }
    int count = (int) elements;
    int[] lengths = new int[count];
    int at = 0;
    long total = 0;
    CRC32C crc = new CRC32C();
    for (int i = 0; i < count; i++) {
      long length = 0;
      int shift = 0;
      byte b;
      do {
        if (at >= payload.length || shift > 28) {
          throw corrupt(what, "the length of element " + i, "no such number at byte " + at);
        }
        b = payload[at++];
        length |= (long) (b & 0x7F) << shift;
        shift += 7;
      } while (b < 0);
      total += length;
      if (total > payload.length) {
        throw corrupt(what, "elements within " + payload.length + " bytes", total + " bytes");
      }
      lengths[i] = (int) length;
      crc.update(new Bytes().fixed32(lengths[i]).toArray());
    }
    if (payload.length - at != total + 4) {
      throw corrupt(what, total + 4 + " bytes after the lengths", "" + (payload.length - at));
    }
    byte[] sum = new Bytes().fixed32(MaskedCrc.mask((int) crc.getValue())).toArray();
    for (int i = 0; i < 4; i++) {
      if (payload[at + i] != sum[i]) {
        throw corrupt(what, "the checksum of the lengths", "another");
      }
    }
    crc.update(payload, at, payload.length - at);
    if ((int) crc.getValue() != expectedCrc) {
      throw corrupt(
          what,
          String.format(Locale.ROOT, "checksum %08x", expectedCrc),
          String.format(Locale.ROOT, "%08x", (int) crc.getValue()));
    }
    at += 4;
    List<byte[]> strings = new ArrayList<>(count);
    for (int length : lengths) {
      strings.add(java.util.Arrays.copyOfRange(payload, at, at + length));
      at += length;
    }
    return strings;
  }

  private static CheckpointException.Corrupt corrupt(String what, String expected, String found) {
    return new CheckpointException.Corrupt(
        "Cannot read strings of "
            + what
            + ": expected "
            + expected
            + ", found "
            + found
            + "; restore an older checkpoint");
  }
}
