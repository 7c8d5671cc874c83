package dev.cairn.checkpoint.bundle;

import java.io.IOException;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyError;

/**
 * A block in Snappy's raw format, reading only. TensorFlow reads index blocks compressed with it,
 * though its checkpoints' writers never make any; so snappy-java, which Hadoop and Spark bring
 * along, and the native library in it are loaded for such a block alone.
 */
final class SnappyBlock {

  /** A copy of 64 bytes takes 3, so that no block expands further. */
  private static final int MAX_EXPANSION = 24;

  private SnappyBlock() {}

  /**
   * The plain bytes; what a damaged block claims is looked at before room is made for it.
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

  /** Bytes that are not Snappy's. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }
  }
}
