package dev.cairn.checkpoint.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A file being written. Not thread-safe. */
public interface StoreOutput extends Closeable {

  /** Writes all remaining bytes of the buffer. Large direct buffers are the fast ones. */
  void write(ByteBuffer bytes) throws IOException;

  /** Whether direct buffers are written without a copy; else those over arrays are. */
  default boolean prefersDirect() {
    return false;
  }

  /** Returns when all bytes written so far have reached the disks, not only their caches. */
  void sync() throws IOException;

  /**
   * Makes all bytes durable, as {@link #sync} does, and closes the file: in one step where the
   * storage can.
   */
  default void finish() throws IOException {
    try (this) {
      sync();
    }
  }

  /** Closes the file. A failure means that its length is not to be relied on. */
  @Override
  void close() throws IOException;
}
