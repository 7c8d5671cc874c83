package dev.cairn.checkpoint.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A file being read. Not thread-safe; reads that follow one another are the fast ones. */
public interface StoreInput extends Closeable {

  /** The file's length in bytes when it was opened. */
  long length();

  /** Whether direct buffers are filled without a copy; else those over arrays are. */
  default boolean prefersDirect() {
    return false;
  }

  /**
   * Fills the remaining room of the buffer from a position on.
   *
   * @throws java.io.EOFException if the file ends before; the number of bytes read is then
   *     unspecified
   */
  void readFully(long position, ByteBuffer into) throws IOException;
}
