package dev.cairn.checkpoint;

import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.RestorePlan.FileReads;
import dev.cairn.checkpoint.model.RestorePlan.SliceRead;
import dev.cairn.checkpoint.model.RestorePlan.Want;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.store.StoreInput;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
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
  private static final int WHOLE_BYTES = 8 << 20;

  private final String path;
  private final StoreInput in;
  private final List<Want> wants;
  private final List<RegionSink> sinks;
  private final AtomicLong bytesRead;
  private final CRC32C crc = new CRC32C();
  private ByteBuffer buffer;

  SliceReader(
      String path, StoreInput in, List<Want> wants, List<RegionSink> sinks, AtomicLong bytesRead) {
    this.path = path;
    this.in = in;
    this.wants = wants;
    this.sinks = sinks;
    this.bytesRead = bytesRead;
    this.buffer = allocate(REQUEST_BYTES);
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
      if (end - first.offset() > WHOLE_BYTES && isLinear(reads.get(i))) {
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
    bytesRead.addAndGet(bytes);
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

  private Corrupt differs(StoredSlice slice, int found) {
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
      throw differs(slice, (int) crc.getValue());
    }
    int width = slice.variable().dtype().elementBytes();
    for (int number : read.wants()) {
      RegionSink sink = sinks.get(number);
      Slice region = wants.get(number).region();
      BoxCopy.runs(
          slice.variable().shape(),
          slice.slice(),
          region,
          (from, to, count) ->
              sink.put(
                  to,
                  buffer
                      .duplicate()
                      .position((int) (at + from * width))
                      .limit((int) (at + (from + count) * width))));
    }
  }

  /** Whether slice and regions share one run of elements each. */
  private boolean isLinear(SliceRead read) {
    for (int number : read.wants()) {
      if (run(read.slice(), number).runs != 1) {
        return false;
      }
    }
    return true;
  }

  private LinearRun run(StoredSlice slice, int want) {
    LinearRun run = new LinearRun();
    BoxCopy.runs(slice.variable().shape(), slice.slice(), wants.get(want).region(), run::set);
    return run;
  }

  private static final class LinearRun {
    private int runs;
    private long from;
    private long to;
    private long count;

    void set(long sliceStart, long regionStart, long elements) {
      runs++;
      from = sliceStart;
      to = regionStart;
      count = elements;
    }
  }

  private void stream(SliceRead read) throws IOException {
    StoredSlice slice = read.slice();
    int width = slice.variable().dtype().elementBytes();
    LinearRun[] runs =
        read.wants().stream().map(want -> run(slice, want)).toArray(LinearRun[]::new);
    CRC32C whole = new CRC32C();
    int step = REQUEST_BYTES / 16 * 16;
    boolean good = false;
    try {
      for (long done = 0; done < slice.size(); done += step) {
        fill(slice.offset() + done, Math.min(step, slice.size() - done), slice);
        whole.update(buffer.duplicate());
        long first = done / width;
        long last = first + buffer.limit() / width;
        for (int i = 0; i < runs.length; i++) {
          long from = Math.max(first, runs[i].from);
          long to = Math.min(last, runs[i].from + runs[i].count);
          if (from < to) {
            ByteBuffer part =
                buffer
                    .duplicate()
                    .position((int) ((from - first) * width))
                    .limit((int) ((to - first) * width));
            sinks.get(read.wants().get(i)).put(runs[i].to + from - runs[i].from, part);
          }
        }
      }
      good = (int) whole.getValue() == slice.crc32c();
    } finally {
      for (int i = 0; i < runs.length && !good; i++) {
        sinks.get(read.wants().get(i)).wipe(runs[i].to, runs[i].count);
      }
    }
    if (!good) {
      throw differs(slice, (int) whole.getValue());
    }
  }
}
