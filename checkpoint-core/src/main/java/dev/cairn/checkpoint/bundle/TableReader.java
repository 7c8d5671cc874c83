package dev.cairn.checkpoint.bundle;

import dev.cairn.checkpoint.model.CheckpointException;
import java.util.Arrays;
import java.util.Locale;

/**
 * Reads a table that {@link TableWriter} or TensorFlow wrote, from memory. Every block's checksum
 * is compared, every length is checked before it is used, and keys must ascend. Blocks compressed
 * with Snappy are read too.
 */
public final class TableReader {
  /** Takes the entries in the order of their keys. */
  @FunctionalInterface
  public interface Sink {
    /** One entry; the value is {@code bytes[offset, offset + length)}. */
    void entry(byte[] key, byte[] bytes, int offset, int length) throws CheckpointException;
  }

  /** Decides what becomes of damage: it ends the reading, or it is noted and the rest is read. */
  @FunctionalInterface
  interface Problems {
    /** Everything that is read after the damage is noted is good for itself. */
    void found(CheckpointException.Corrupt damage) throws CheckpointException.Corrupt;
  }

  /** The longest key of a variable. */
  private static final int MAX_KEY = 1 << 16;

  /**
   * The most bytes that one stored byte may stand for: shared prefixes let few bytes stand for
   * many.
   */
  private static final long MAX_EXPANSION = 512;

  private final byte[] bytes;
  private final String file;

  /**
   * Makes a reader of a table in memory.
   *
   * @param file its name, for messages
   */
  public TableReader(byte[] bytes, String file) {
    this.bytes = bytes;
    this.file = file;
  }

  /** Reads all entries. */
  public void read(Sink sink) throws CheckpointException {
    read(
        sink,
        damage -> {
          throw damage;
        });
  }

  /** Reads the entries of all blocks that are good. */
  void read(Sink sink, Problems problems) throws CheckpointException {
    int footer = bytes.length - TableWriter.FOOTER_BYTES;
    if (footer < 0) {
      throw corrupt(
          0, "a table of at least " + TableWriter.FOOTER_BYTES + " bytes", bytes.length + " bytes");
    }
    Cursor tail = new Cursor(bytes, footer, bytes.length);
    long metaOffset = tail.varint();
    long metaSize = tail.varint();
    long indexOffset = tail.varint();
    long indexSize = tail.varint();
    int magicAt = bytes.length - 8;
    long magic = (fixed32(magicAt) & 0xFFFFFFFFL) | ((long) fixed32(magicAt + 4) << 32);
    if (magic != TableWriter.MAGIC) {
      throw corrupt(
          magicAt,
          "the magic number " + Long.toHexString(TableWriter.MAGIC),
          Long.toHexString(magic));
    }
    for (int at = tail.at; at < magicAt; at++) {
      if (bytes[at] != 0) {
        throw corrupt(at, "zeros between the handles and the magic number", "" + bytes[at]);
      }
    }
    block(metaOffset, metaSize, footer, (key, from, offset, length) -> {});
    KeyOrder order = new KeyOrder();
    block(
        indexOffset,
        indexSize,
        footer,
        (key, from, offset, length) -> {
          // The index block itself may be compressed: then it is not the file that holds the
          // handle.
          Cursor handle = new Cursor(from, offset, offset + length);
          try {
            block(handle.varint(), handle.varint(), footer, order.then(sink));
            order.blockEnds(key, offset);
          } catch (CheckpointException.Corrupt e) {
            problems.found(e);
          }
        });
  }

  private void block(long blockOffset, long blockSize, int limit, Sink sink)
      throws CheckpointException {
    if (blockOffset < 0
        || blockSize < 8
        || blockOffset > limit
        || blockSize > limit - blockOffset - TableWriter.TRAILER_BYTES) {
      throw corrupt(
          0,
          "blocks of 8 bytes or more before byte " + limit,
          "a block at " + blockOffset + " of " + blockSize + " bytes");
    }
    int start = (int) blockOffset;
    int size = (int) blockSize;
    int stored = MaskedCrc.unmask(fixed32(start + size + 1));
    int found = MaskedCrc.of(bytes, start, size + 1);
    if (stored != found) {
      throw corrupt(
          start,
          String.format(Locale.ROOT, "a block of %d bytes with checksum %08x", size, stored),
          String.format(Locale.ROOT, "%08x", found));
    }
    switch (bytes[start + size]) {
      case 0 -> entries(start, size, sink);
      case 1 -> {
        byte[] plain = plain(start, size);
        new TableReader(plain, file + ", block at " + start).entries(0, plain.length, sink);
      }
      default ->
          throw corrupt(
              start + size,
              "a block of type 0 (plain) or 1 (Snappy)",
              "type " + bytes[start + size]);
    }
  }

  private byte[] plain(int start, int size) throws CheckpointException {
    try {
      return SnappyBlock.decompress(bytes, start, size);
    } catch (SnappyBlock.Malformed e) {
      throw corrupt(start, "a block compressed with Snappy", String.valueOf(e.getMessage()));
    } catch (LinkageError e) {
      throw new CheckpointException.Failed(
          "Cannot read checkpoint index: it is compressed with Snappy, expected the native library"
              + " that snappy-java unpacks into a temporary folder, found that it cannot be loaded"
              + " ("
              + e
              + ") (path="
              + file
              + "); name a folder that libraries may be loaded from with"
              + " -Dorg.xerial.snappy.tempdir",
          e);
    }
  }

  private void entries(int start, int size, Sink sink) throws CheckpointException {
    if (size < 8) {
      throw corrupt(start, "a block of 8 bytes or more", size + " bytes");
    }
    long restarts = fixed32(start + size - 4) & 0xFFFFFFFFL;
    if (restarts * 4 > size - 4) {
      throw corrupt(start + size - 4, "restarts within the block", restarts + " of them");
    }
    Cursor at = new Cursor(bytes, start, start + size - 4 - (int) restarts * 4);
    byte[] key = new byte[0];
    while (at.at < at.end) {
      int shared = at.length(key.length);
      int unshared = at.length(at.end - at.at);
      int valueLength = at.length(at.end - at.at);
      if ((long) unshared + valueLength > at.end - at.at || shared + unshared > MAX_KEY) {
        throw corrupt(at.at, "an entry within its block", unshared + "+" + valueLength + " bytes");
      }
      key = Arrays.copyOf(key, shared + unshared);
      System.arraycopy(bytes, at.at, key, shared, unshared);
      int value = at.at + unshared;
      at.at = value + valueLength;
      sink.entry(key, bytes, value, valueLength);
    }
  }

  private int fixed32(int at) {
    return (bytes[at] & 0xFF)
        | (bytes[at + 1] & 0xFF) << 8
        | (bytes[at + 2] & 0xFF) << 16
        | (bytes[at + 3] & 0xFF) << 24;
  }

  private CheckpointException.Corrupt corrupt(int offset, String expected, String found) {
    return new CheckpointException.Corrupt(
        "Cannot read checkpoint index: expected "
            + expected
            + ", found "
            + found
            + " at byte "
            + offset
            + " (path="
            + file
            + "); restore an older checkpoint");
  }

  /** Refuses keys that do not ascend. */
  private final class KeyOrder {
    private byte[] last = new byte[0];
    private boolean any;
    private long expanded;

    /** Refuses a block whose key in the block index is below the block's last key. */
    void blockEnds(byte[] separator, int offset) throws CheckpointException {
      if (Arrays.compareUnsigned(last, separator) > 0) {
        throw corrupt(
            offset,
            "a block's last key or one above it",
            TableWriter.printable(separator) + " for " + TableWriter.printable(last));
      }
    }

    Sink then(Sink sink) {
      return (key, from, offset, length) -> {
        if (any && Arrays.compareUnsigned(last, key) >= 0) {
          throw corrupt(
              offset,
              "keys in ascending order",
              TableWriter.printable(key) + " after " + TableWriter.printable(last));
        }
        expanded += key.length;
        if (expanded > MAX_EXPANSION * bytes.length) {
          throw corrupt(
              offset,
              "keys of at most " + MAX_EXPANSION + " times the file's size",
              expanded + " bytes");
        }
        last = key;
        any = true;
        sink.entry(key, from, offset, length);
      };
    }
  }

  private final class Cursor {
    private final byte[] from;
    private int at;
    private final int end;

    Cursor(byte[] from, int at, int end) {
      this.from = from;
      this.at = at;
      this.end = end;
    }

    long varint() throws CheckpointException {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        if (at >= end) {
          throw corrupt(at, "a number", "the end of its block");
        }
        byte b = from[at++];
        value |= (long) (b & 0x7F) << shift;
        if (b == 0 && shift > 0) {
          // Readable, but nobody writes it so: a bit has flipped.
          throw corrupt(at - 1, "a number in its shortest form", "a longer form");
        }
        if (b >= 0) {
          return value;
        }
      }
      throw corrupt(at, "a number of at most 10 bytes", "a longer one");
    }

    int length(int most) throws CheckpointException {
      int from = at;
      long value = varint();
      if (value < 0 || value > most) {
        throw corrupt(from, "a length of at most " + most, Long.toString(value));
      }
      return (int) value;
    }
  }
}
