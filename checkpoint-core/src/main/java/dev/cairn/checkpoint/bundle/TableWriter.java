package dev.cairn.checkpoint.bundle;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Locale;

/**
 * Writes a sorted table of keys and values as TensorFlow does, byte for byte: a LevelDB table with
 * uncompressed blocks of 256 KiB ({@code core/lib/io/table_builder.cc}). Streams: holds one block
 * and the block index. Not thread-safe.
 */
public final class TableWriter {
  /** The last eight bytes of every table, as a little-endian number. */
  static final long MAGIC = 0xDB4775248B80FB57L;

  /** Metaindex and index handle, padded, and the magic number. */
  static final int FOOTER_BYTES = 48;

  static final int TRAILER_BYTES = 5;
  private static final int BLOCK_BYTES = 262_144;
  private static final int RESTART_INTERVAL = 16;

  private final OutputStream out;
  private final BlockBuilder data = new BlockBuilder(RESTART_INTERVAL);
  private final BlockBuilder index = new BlockBuilder(1);
  private long position;
  private byte[] lastKey = new byte[0];
  private boolean anyKey;
  private boolean pending;
  private long pendingOffset;
  private long pendingSize;

  /** Writes to a stream, which the caller closes. */
  public TableWriter(OutputStream out) {
    this.out = out;
  }

  /** Adds an entry; keys ascend as unsigned bytes. */
  public void add(byte[] key, byte[] value) throws IOException {
    if (anyKey && Arrays.compareUnsigned(lastKey, key) >= 0) {
      throw new IllegalArgumentException(
          "Cannot add a key to a table: expected keys in ascending order, found "
              + printable(key)
              + " after "
              + printable(lastKey));
    }
    if (pending) {
      indexBlock(separator(lastKey, key));
    }
    if (!data.isEmpty() && key.length + value.length >= 2 * BLOCK_BYTES) {
      flush();
      indexBlock(separator(lastKey, key));
    }
    data.add(key, value);
    lastKey = key.clone();
    anyKey = true;
    if (data.bytes() >= BLOCK_BYTES) {
      flush();
    }
  }

  /** Ends the table and returns its length. */
  public long finish() throws IOException {
    flush();
    long metaOffset = position;
    long metaSize = write(new BlockBuilder(RESTART_INTERVAL).finish());
    if (pending) {
      indexBlock(successor(lastKey));
    }
    long indexOffset = position;
    long indexSize = write(index.finish());
    Bytes footer = new Bytes();
    footer.varint(metaOffset).varint(metaSize).varint(indexOffset).varint(indexSize);
    footer.padTo(FOOTER_BYTES - 8).fixed64(MAGIC);
    out.write(footer.toArray());
    position += FOOTER_BYTES;
    return position;
  }

  private void flush() throws IOException {
    if (data.isEmpty()) {
      return;
    }
    pendingOffset = position;
    pendingSize = write(data.finish());
    data.reset();
    pending = true;
  }

  private void indexBlock(byte[] key) {
    index.add(key, new Bytes().varint(pendingOffset).varint(pendingSize).toArray());
    pending = false;
  }

  /** Writes a block with its trailer and returns the block's own size. */
  private long write(byte[] block) throws IOException {
    byte[] typed = Arrays.copyOf(block, block.length + 1);
    out.write(typed);
    out.write(new Bytes().fixed32(MaskedCrc.mask(MaskedCrc.of(typed, 0, typed.length))).toArray());
    position += block.length + TRAILER_BYTES;
    return block.length;
  }

  /** A short key from {@code last} on and before {@code next}. */
  static byte[] separator(byte[] last, byte[] next) {
    int at = Arrays.mismatch(last, next);
    if (at >= 0 && at < last.length && at < next.length) {
      int differing = last[at] & 0xFF;
      if (differing < 0xFF && differing + 1 < (next[at] & 0xFF)) {
        byte[] key = Arrays.copyOf(last, at + 1);
        key[at]++;
        return key;
      }
    }
    return last;
  }

  /** A short key from {@code last} on. */
  static byte[] successor(byte[] last) {
    for (int i = 0; i < last.length; i++) {
      if (last[i] != (byte) 0xFF) {
        byte[] key = Arrays.copyOf(last, i + 1);
        key[i]++;
        return key;
      }
    }
    return last;
  }

  static String printable(byte[] key) {
    StringBuilder text = new StringBuilder("\"");
    for (byte b : key) {
      if (b >= 32 && b < 127) {
        text.append((char) b);
      } else {
        text.append(String.format(Locale.ROOT, "\\x%02x", b));
      }
    }
    return text.append('"').toString();
  }

  /** One block: entries that share prefixes, and the places where sharing starts anew. */
  private static final class BlockBuilder {
    private final int interval;
    private Bytes bytes = new Bytes();
    private Bytes restarts = new Bytes().fixed32(0);
    private int restartCount = 1;
    private int sinceRestart;
    private byte[] lastKey = new byte[0];

    BlockBuilder(int interval) {
      this.interval = interval;
    }

    boolean isEmpty() {
      return bytes.length() == 0;
    }

    int bytes() {
      return bytes.length() + 4 * restartCount + 4;
    }

    void add(byte[] key, byte[] value) {
      int shared = 0;
      if (sinceRestart < interval) {
        int differ = Arrays.mismatch(lastKey, key);
        shared = differ < 0 ? key.length : differ;
      } else {
        restarts.fixed32(bytes.length());
        restartCount++;
        sinceRestart = 0;
      }
      bytes.varint(shared).varint(key.length - shared).varint(value.length);
      bytes.write(key, shared, key.length - shared);
      bytes.write(value, 0, value.length);
      lastKey = key.clone();
      sinceRestart++;
    }

    byte[] finish() {
      byte[] restartBytes = restarts.toArray();
      bytes.write(restartBytes, 0, restartBytes.length);
      return bytes.fixed32(restartCount).toArray();
    }

    void reset() {
      bytes = new Bytes();
      restarts = new Bytes().fixed32(0);
      restartCount = 1;
      sinceRestart = 0;
      lastKey = new byte[0];
    }
  }
}
