package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.HiddenFolder;
import dev.cairn.checkpoint.io.AlignedBuffers;
import dev.cairn.checkpoint.io.Pieces;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoreOutput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * A file that is written from its first byte to its last, and appears under its name when it is
 * whole: until then it lies in a hidden folder beside it. One buffer of 1 MiB. Not thread-safe.
 */
final class FileSink {
  private static final int BUFFER_BYTES = 1 << 20;

  private final StoreOutput out;
  private final ByteBuffer buffer;
  private long position;

  private FileSink(StoreOutput out) {
    this.out = out;
    this.buffer = AlignedBuffers.allocate(out.prefersDirect(), BUFFER_BYTES);
  }

  /** Takes the bytes of a file that is not to be written, for their checksum and number. */
  static FileSink counting(CRC32 crc) {
    return new FileSink(output(crc::update));
  }

  /** Writes into another stream; {@link #flush} when all is written. */
  static FileSink over(OutputStream stream) {
    return new FileSink(
        output(
            bytes -> {
              stream.write(
                  bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
            }));
  }

  private static StoreOutput output(Pieces to) {
    return new StoreOutput() {
      @Override
      public void write(ByteBuffer bytes) throws IOException {
        to.take(bytes);
      }

      @Override
      public void sync() {}

      @Override
      public void close() {}
    };
  }

  /** What goes into a file. */
  @FunctionalInterface
  interface Content {
    /** Writes all of it. */
    void to(FileSink sink) throws IOException;
  }

  /**
   * Writes a file; its folder is made when it does not exist.
   *
   * @param overwrite whether a file of that name is replaced
   * @return bytes
   * @throws Conflict if there is one, and it is not to be replaced, or a folder
   */
  static long write(String path, boolean overwrite, FolderOptions options, Content content)
      throws IOException {
    String full = CheckpointStores.qualify(path, options.hadoopProperties());
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties())) {
      requireFree(store, full, overwrite);
      try (HiddenFolder hidden = HiddenFolder.make(store, full, options)) {
        String file = hidden.child(CheckpointFileNames.lastPart(full));
        long length = write(store, file, content);
        if (overwrite) {
          store.replace(file, full);
        } else {
          store.rename(file, full);
        }
        return length;
      }
    }
  }

  private static void requireFree(CheckpointStore store, String path, boolean overwrite)
      throws IOException {
    StoredFile there = store.stat(path).orElse(null);
    if (there != null && !(overwrite && there.isFile())) {
      throw new Conflict(
          "Cannot write file: expected nothing of that name, found a "
              + (there.isFile() ? "file" : "folder")
              + " (path="
              + path
              + "); "
              + (there.isFile()
                  ? "have it overwritten, or choose another name"
                  : "choose another"));
    }
  }

  private static long write(CheckpointStore store, String file, Content content)
      throws IOException {
    try (StoreOutput out = store.create(file)) {
      FileSink sink = new FileSink(out);
      content.to(sink);
      sink.flush();
      out.finish();
      return sink.position;
    }
  }

  /** How many bytes were written. */
  long position() {
    return position;
  }

  /** Writes all remaining bytes, and moves the position behind them. */
  void write(ByteBuffer bytes) throws IOException {
    position += bytes.remaining();
    while (bytes.hasRemaining()) {
      if (!buffer.hasRemaining()) {
        flush();
      }
      int count = Math.min(buffer.remaining(), bytes.remaining());
      buffer.put(bytes.slice(bytes.position(), count));
      bytes.position(bytes.position() + count);
    }
  }

  void write(byte[] bytes) throws IOException {
    write(ByteBuffer.wrap(bytes));
  }

  /** Hands on what is still held. */
  void flush() throws IOException {
    buffer.flip();
    out.write(buffer);
    buffer.clear();
  }

  /** The same as a stream; closing it closes nothing. */
  OutputStream stream() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        FileSink.this.write(new byte[] {(byte) b});
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        FileSink.this.write(ByteBuffer.wrap(bytes, offset, length));
      }
    };
  }
}
