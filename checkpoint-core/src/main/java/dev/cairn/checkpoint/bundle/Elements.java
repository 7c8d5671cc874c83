package dev.cairn.checkpoint.bundle;

import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * The elements of a tensor of strings or variants, one after another, whatever their size, in a
 * fixed memory of some 100 KiB. A payload of any other type is one element. All checksums have been
 * compared when {@link #next} returns -1. Not thread-safe.
 */
public abstract sealed class Elements permits StringElements, VariantElements, RawElements {

  private static final int BUFFER_BYTES = 64 << 10;

  /** The source of the payload's bytes. */
  @FunctionalInterface
  public interface Source {
    /** Fills a buffer with the payload's bytes from a position on. */
    void read(long position, ByteBuffer into) throws IOException;
  }

  final Source source;
  final long count;
  final long size;
  final CRC32C crc = new CRC32C();
  private final int expected;
  private final String what;
  private final ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
  private boolean bigEndian;
  long done;
  long rest;

  Elements(Source source, long count, long size, int expected, String what) {
    this.source = source;
    this.count = count;
    this.size = size;
    this.expected = expected;
    this.what = what;
  }

  /** Whether the checksum of a type's payload is not that of its bytes. */
  public static boolean ownChecksum(DType dtype) {
    return dtype == DType.STRING || dtype == DType.VARIANT;
  }

  /**
   * The elements of a payload.
   *
   * @param count the number of strings or variants, by the tensor's shape
   * @param size the payload's bytes
   * @param crc32c the entry's checksum, unmasked
   * @param what variable and file, for messages
   */
  public static Elements of(
      DType dtype, long count, long size, int crc32c, Source source, String what) {
    return switch (dtype) {
      case STRING -> new StringElements(source, count, size, crc32c, what);
      case VARIANT -> new VariantElements(source, count, size, crc32c, what);
      default -> new RawElements(source, size, crc32c, what);
    };
  }

  /** The elements of a checkpoint whose writer had the highest byte of a number first. */
  public Elements bigEndian(boolean is) {
    bigEndian = is;
    number.order(is ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    return this;
  }

  /**
   * Goes to the next element, whatever was read of the one before.
   *
   * @return its length in bytes; -1 if there is none, and then all checksums were right
   */
  public final long next() throws IOException {
    if (done > 0 || rest > 0) {
      drain();
    }
    if (done == count) {
      end();
      return -1;
    }
    rest = length();
    done++;
    return rest;
  }

  /** The next bytes of the element: as many as it still has, or as the buffer has room for. */
  public final void read(ByteBuffer into) throws IOException {
    int bytes = (int) Math.min(rest, into.remaining());
    ByteBuffer part = into.slice(into.position(), bytes);
    payload().read(part);
    crc.update(part.flip());
    into.position(into.position() + bytes);
    rest -= bytes;
  }

  private void drain() throws IOException {
    ByteBuffer scratch = ByteBuffer.allocate((int) Math.min(rest, BUFFER_BYTES));
    while (rest > 0) {
      read(scratch.clear());
    }
    elementEnds();
  }

  /** Reads the length of the next element and adds it to the checksum. */
  abstract long length() throws IOException;

  /** The cursor at the bytes of the element. */
  abstract Cursor payload();

  /** Called after all bytes of an element were read. */
  abstract void elementEnds() throws IOException;

  /** Called after the last element. */
  void end() throws IOException {
    if ((int) crc.getValue() != expected) {
      throw corrupt(
          String.format(Locale.ROOT, "checksum %08x", expected),
          String.format(Locale.ROOT, "%08x", (int) crc.getValue()));
    }
  }

  /** Adds a number to the checksum, as the bytes that its writer had. */
  final void checksum(long value, int bytes) {
    number.clear().putLong(0, bigEndian ? value << (8 * (Long.BYTES - bytes)) : value);
    crc.update(number.limit(bytes));
  }

  /** Reads the masked checksum of everything so far, compares it, and adds it to the checksum. */
  final void storedChecksum(Cursor cursor, String of) throws IOException {
    int masked = MaskedCrc.mask((int) crc.getValue());
    number.clear().limit(4);
    cursor.read(number);
    if (number.getInt(0) != masked) {
      throw corrupt("the checksum of " + of, "another");
    }
    crc.update(number.flip());
  }

  final Corrupt corrupt(String expectation, String found) {
    return new Corrupt(
        "Cannot read elements of "
            + what
            + ": expected "
            + expectation
            + ", found "
            + found
            + "; restore an older checkpoint");
  }

  /** A place in the payload from which one reads on. */
  final class Cursor {
    private final ByteBuffer buffer =
        ByteBuffer.allocate((int) Math.min(BUFFER_BYTES, size)).limit(0);
    private long fetched;

    Cursor(long position) {
      this.fetched = position;
    }

    /** The payload's byte that is read next. */
    long position() {
      return fetched - buffer.remaining();
    }

    private void fill() throws IOException {
      int bytes = (int) Math.min(buffer.capacity(), size - fetched);
      source.read(fetched, buffer.clear().limit(bytes));
      buffer.flip();
      fetched += bytes;
    }

    void read(ByteBuffer into) throws IOException {
      if (into.remaining() > size - position()) {
        throw corrupt("elements within " + size + " bytes", "longer ones");
      }
      while (into.hasRemaining()) {
        if (!buffer.hasRemaining()) {
          fill();
        }
        int bytes = Math.min(buffer.remaining(), into.remaining());
        into.put(buffer.slice(buffer.position(), bytes));
        buffer.position(buffer.position() + bytes);
      }
    }

    /** Reads a length, which is at most the payload's own. */
    long varint() throws IOException {
      long value = 0;
      for (int shift = 0; shift < 63; shift += 7) {
        if (!buffer.hasRemaining()) {
          if (fetched == size) {
            break;
          }
          fill();
        }
        byte b = buffer.get();
        value |= (long) (b & 0x7F) << shift;
        if (b >= 0) {
          if (value > size) {
            throw corrupt("elements within " + size + " bytes", "one of " + value + " bytes");
          }
          return value;
        }
      }
      throw corrupt("the length of an element", "no such number before byte " + position());
    }
  }
}
