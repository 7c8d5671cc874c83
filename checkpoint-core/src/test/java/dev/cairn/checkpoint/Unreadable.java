package dev.cairn.checkpoint;

import dev.cairn.checkpoint.store.StoreInput;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A file with a place that cannot be read.
 *
 * @param broken the byte at that place
 */
record Unreadable(StoreInput in, long broken) implements StoreInput {
  @Override
  public long length() {
    return in.length();
  }

  @Override
  public boolean prefersDirect() {
    return in.prefersDirect();
  }

  @Override
  public void readFully(long position, ByteBuffer into) throws IOException {
    if (position <= broken && broken < position + into.remaining()) {
      throw new IOException("the disk is broken");
    }
    in.readFully(position, into);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
