package dev.cairn.checkpoint.io;

import dev.cairn.checkpoint.bundle.ByteSwap;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.RestorePlan.FileReads;
import dev.cairn.checkpoint.model.RestorePlan.SliceRead;
import dev.cairn.checkpoint.model.RestorePlan.Want;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.store.StoreInput;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * Reads slices of one data file in the order of their offsets: neighbours together in requests of
 * about 1 MiB, each checked against its checksum before its elements go anywhere.
 *
 * <p>A slice of more than 8 MiB is not held whole: its elements go to their places while its
 * checksum is counted, and are made zero again if that differs. Not thread-safe.
 */
final class SliceReader {

  private static final int REQUEST_BYTES = 1 << 20;

  /** A slice that is larger is not held whole. */
  static final int WHOLE_BYTES = 8 << 20;

  private final String path;
  private final StoreInput in;
  private final List<Want> wants;
  private final List<RegionSink> sinks;
  private final DataFiles files;
  private final CRC32C crc = new CRC32C();
  private ByteBuffer buffer;

  SliceReader(DataFiles files, int shard, StoreInput in, List<Want> wants, List<RegionSink> sinks) {
    this.files = files;
    this.path = files.path(shard);
    this.in = in;
    this.wants = wants;
    this.sinks = sinks;
    this.buffer = allocate((int) Math.min(REQUEST_BYTES, in.length()));
  }

  private ByteBuffer allocate(int bytes) {
    return AlignedBuffers.allocate(in.prefersDirect(), bytes);
  }

  void read(FileReads plan) throws IOException {
    List<SliceRead> reads = plan.reads();
    int i = 0;
    while (i < reads.size()) {
      StoredSlice first = reads.get(i).slice();
      int next = i + 1;
      long end = first.end();
      while (next < reads.size()
          && reads.get(next).slice().offset() == end
          && reads.get(next).slice().end() - first.offset() <= REQUEST_BYTES) {
        end = reads.get(next).slice().end();
        next++;
      }
      if (end - first.offset() > WHOLE_BYTES) {
        stream(reads.get(i));
      } else {
        fill(first.offset(), end - first.offset(), first);
        for (SliceRead read : reads.subList(i, next)) {
          deliver(read, Math.toIntExact(read.slice().offset() - first.offset()));
        }
      }
      i = next;
    }
  }

  private void fill(long offset, long bytes, StoredSlice slice) throws IOException {
    if (bytes > buffer.capacity()) {
      if (bytes > in.length() || bytes > Integer.MAX_VALUE - 8) {
        throw ends(slice);
      }
      buffer = allocate((int) bytes);
    }
    buffer.clear().limit((int) bytes);
    try {
      in.readFully(offset, buffer);
    } catch (EOFException e) {
      throw ends(slice);
    }
    files.count(bytes);
    buffer.flip();
  }

  private Corrupt ends(StoredSlice slice) {
    return new Corrupt(
        "Cannot restore "
            + slice.describe()
            + ": the file is too short, expected at least "
            + slice.end()
            + " bytes, found "
            + in.length()
            + " (path="
            + path
            + ", offset="
            + slice.offset()
            + "); use an older checkpoint");
  }

  static Corrupt differs(StoredSlice slice, String path, int found) {
    return new Corrupt(
        String.format(
            Locale.ROOT,
            "Cannot restore %s: checksum differs, expected %08x, found %08x (path=%s, offset=%d,"
                + " %d bytes); use an older checkpoint",
            slice.describe(),
            slice.crc32c(),
            found,
            path,
            slice.offset(),
            slice.size()));
  }

  private void deliver(SliceRead read, int at) throws Corrupt {
    StoredSlice slice = read.slice();
    int size = (int) slice.size();
    crc.reset();
    crc.update(buffer.duplicate().position(at).limit(at + size));
    if ((int) crc.getValue() != slice.crc32c()) {
      throw differs(slice, path, (int) crc.getValue());
    }
    if (files.bigEndian()) {
      ByteSwap.swap(slice.variable().dtype(), buffer, at, at + size);
    }
    int width = slice.variable().dtype().elementBytes();
    for (int number : read.wants()) {
      put(slice.variable().shape(), slice.slice(), at, width, number);
    }
  }

  private void stream(SliceRead read) throws IOException {
    StoredSlice slice = read.slice();
    boolean good = false;
    try {
      stretch(read, 0, slice.size());
      good = checksum() == slice.crc32c();
    } finally {
      if (!good) {
        wipe(read, wants, sinks);
      }
    }
    if (!good) {
      throw differs(slice, path, checksum());
    }
  }

  /**
   * Hands on the elements of a slice band by band, of those bands that begin in a stretch of its
   * bytes.
   *
   * @return how many bytes were read; {@link #checksum} is theirs
   */
  long stretch(SliceRead read, long from, long to) throws IOException {
    StoredSlice slice = read.slice();
    Shape shape = slice.variable().shape();
    int width = slice.variable().dtype().elementBytes();
    crc.reset();
    long at = 0;
    long bytes = 0;
    Bands bands = new Bands(shape, slice.slice(), REQUEST_BYTES / width);
    for (Slice band = bands.next(); band != null && at < to; band = bands.next()) {
      long size = band.shape(shape).elements() * width;
      if (at >= from) {
        fill(slice.offset() + at, size, slice);
        crc.update(buffer.duplicate());
        bytes += size;
        if (files.bigEndian()) {
          ByteSwap.swap(slice.variable().dtype(), buffer, 0, buffer.limit());
        }
        for (int number : read.wants()) {
          put(shape, band, 0, width, number);
        }
      }
      at += size;
    }
    return bytes;
  }

  /** The checksum of the last slice or stretch. */
  int checksum() {
    return (int) crc.getValue();
  }

  /**
   * Hands on the elements that a want has in common with a box whose elements lie in the buffer.
   */
  private void put(Shape shape, Slice box, int at, int width, int want) {
    RegionSink sink = sinks.get(want);
    BoxCopy.stretches(
        shape,
        box,
        wants.get(want).region(),
        (from, to, count) ->
            sink.put(
                to,
                buffer
                    .duplicate()
                    .position((int) (at + from * width))
                    .limit((int) (at + (from + count) * width))));
  }

  /** Makes the elements zero that wants have of a slice. */
  static void wipe(SliceRead read, List<Want> wants, List<RegionSink> sinks) {
    Shape shape = read.slice().variable().shape();
    for (int number : read.wants()) {
      RegionSink sink = sinks.get(number);
      BoxCopy.stretches(
          shape,
          read.slice().slice(),
          wants.get(number).region(),
          (from, to, count) -> sink.wipe(to, count));
    }
  }
}
