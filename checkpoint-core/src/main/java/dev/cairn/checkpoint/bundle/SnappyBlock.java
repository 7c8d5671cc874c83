package dev.cairn.checkpoint.bundle;

import java.io.IOException;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyError;

/**
 * Reads a block in Snappy's raw format. TensorFlow reads index blocks compressed with it, though
 * its checkpoints' writers never make any; so snappy-java, which Hadoop and Spark bring along, and
 * the native library in it are loaded for such a block alone.
 */
final class SnappyBlock {

  /** The most that a block expands: a copy of 64 bytes takes 3. */
  private static final int MAX_EXPANSION = 24;

  private SnappyBlock() {}

  /**
   * The plain bytes; the length that a damaged block claims is checked before room is made for it.
   *
   * @throws LinkageError if the library is not there or its native part cannot be loaded
   */
  static byte[] decompress(byte[] in, int offset, int length) throws Malformed {
    try {
      int size = Snappy.uncompressedLength(in, offset, length);
      if (size < 0 || size > (long) MAX_EXPANSION * length) {
        throw new Malformed("damaged: it expands to " + Integer.toUnsignedString(size) + " bytes");
      }
      byte[] out = new byte[size];
      int end = Snappy.uncompress(in, offset, length, out, 0);
      if (end != size) {
        throw new Malformed("damaged: " + size + " bytes are announced, " + end + " are there");
      }
      return out;
    } catch (IOException e) {
      throw new Malformed("damaged: " + e.getMessage());
    } catch (SnappyError e) { // what its loader throws in place of an UnsatisfiedLinkError
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /** Thrown for bytes that are not Snappy's. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }
  }
}
