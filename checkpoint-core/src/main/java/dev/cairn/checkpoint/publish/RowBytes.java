package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.io.DataFiles;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A variable as one row of bytes, row-major, in whatever slices of whole rows it is stored. What is
 * read is compared with no checksum: the caller has verified the checkpoint, or verifies the
 * result. Not thread-safe.
 */
final class RowBytes {
  private final StoredSlice[] slices;

  /** The first byte of each slice within the variable. */
  private final long[] starts;

  private final DataFiles.Held files;

  private RowBytes(List<StoredSlice> slices, DataFiles.Held files) {
    this.slices = slices.toArray(StoredSlice[]::new);
    this.starts = slices.stream().mapToLong(RowBytes::start).toArray();
    this.files = files;
  }

  /**
   * Makes one of a variable's slices; empty if its elements have no fixed width, or slices are cut
   * otherwise than between rows, or do not cover it.
   */
  static Optional<RowBytes> of(List<StoredSlice> all, DataFiles.Held files) {
    List<StoredSlice> slices = new ArrayList<>();
    for (StoredSlice slice : all) {
      if (!isRows(slice)) {
        return Optional.empty();
      }
      if (slice.size() > 0) {
        slices.add(slice);
      }
    }
    slices.sort(Comparator.comparingLong(RowBytes::start));
    long end = 0;
    for (StoredSlice slice : slices) {
      if (start(slice) != end) {
        return Optional.empty();
      }
      end += slice.size();
    }
    VariableSpec variable = all.get(0).variable();
    return end == variable.shape().elements() * variable.dtype().elementBytes()
        ? Optional.of(new RowBytes(slices, files))
        : Optional.empty();
  }

  /** Whether a slice is a number of whole rows, one after the other, of elements of one width. */
  static boolean isRows(StoredSlice stored) {
    Shape shape = stored.variable().shape();
    Slice slice = stored.slice();
    int width = stored.variable().dtype().elementBytes();
    for (int d = 1; d < shape.rank(); d++) {
      if (slice.start(d) != 0 || slice.length(d, shape) != shape.dim(d)) {
        return false;
      }
    }
    return width > 0 && stored.size() == stored.elements() * width;
  }

  /** The first byte of such a slice within its variable. */
  static long start(StoredSlice stored) {
    return stored.slice().rank() == 0 ? 0 : stored.slice().start(0) * rowBytes(stored.variable());
  }

  /** The bytes of a row of a variable of fixed width. */
  static long rowBytes(VariableSpec variable) {
    long bytes = variable.dtype().elementBytes();
    for (int d = 1; d < variable.shape().rank(); d++) {
      bytes *= variable.shape().dim(d);
    }
    return bytes;
  }

  /** Fills a buffer from a byte of the variable on. */
  void read(long from, ByteBuffer into) throws IOException {
    int limit = into.limit();
    long at = from;
    int found = Arrays.binarySearch(starts, at);
    for (int i = found >= 0 ? found : -found - 2; into.position() < limit; i++) {
      StoredSlice slice = slices[i];
      long skipped = at - starts[i];
      int bytes = (int) Math.min(limit - into.position(), slice.size() - skipped);
      into.limit(into.position() + bytes);
      try {
        files.open(slice.shard()).readFully(slice.offset() + skipped, into);
      } catch (EOFException e) {
        throw new Corrupt(
            "Cannot read "
                + slice.describe()
                + ": the file became shorter while it was read (path="
                + files.path(slice.shard())
                + ")",
            e);
      }
      into.limit(limit);
      at += bytes;
    }
  }
}
