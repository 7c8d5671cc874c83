package dev.cairn.checkpoint.bundle;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * CRC32C and the mask that TensorFlow puts over stored checksums, so that a checksum of bytes that
 * hold checksums stays meaningful ({@code tensorflow/core/lib/hash/crc32c.h}).
 */
public final class MaskedCrc {
  private static final int DELTA = 0xA282EAD8;

  private MaskedCrc() {}

  /** The masked form of a checksum. */
  public static int mask(int crc) {
    return Integer.rotateRight(crc, 15) + DELTA;
  }

  /** The checksum of a masked form. */
  public static int unmask(int masked) {
    return Integer.rotateRight(masked - DELTA, 17);
  }

  /** CRC32C of bytes. */
  public static int of(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }

  /** CRC32C of a buffer's remaining bytes; its position does not move. */
  public static int of(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }
}
