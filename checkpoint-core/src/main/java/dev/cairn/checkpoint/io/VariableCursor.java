package dev.cairn.checkpoint.io;

import dev.cairn.checkpoint.bundle.ByteSwap;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Walks through a variable of any size from its first element to its last, in pieces of at most 1
 * MiB, whatever slices it is stored in. Every slice is read once and from front to back, since its
 * own order is the variable's; its checksum is counted on the way and compared at its end, so what
 * was handed out is certain only once {@link #next} has returned a buffer without elements.
 *
 * <p>Memory: 1 MiB, and up to 64 MiB for as many slices as have a row in common. Not thread-safe.
 */
public final class VariableCursor {

  private static final int PIECE_BYTES = 1 << 20;
  private static final int LEAST_BUFFER_BYTES = 4 << 10;
  private static final int ALL_BUFFERS_BYTES = 64 << 20;

  private final VariableSpec variable;
  private final DataFiles.Held files;
  private final int width;
  private final Bands bands;
  private final List<StoredSlice> byRow;
  private final int bufferBytes;
  private final List<SliceCursor> open = new ArrayList<>();
  private int next;
  private long first;
  private long delivered;
  private @Nullable ByteBuffer piece;

  /** Makes a cursor over slices that cover the variable exactly once, of a type of fixed width. */
  public VariableCursor(List<StoredSlice> slices, DataFiles.Held files) {
    this(slices, files, PIECE_BYTES);
  }

  /**
   * Does the same in pieces of another size.
   *
   * @param pieceBytes the most bytes of a piece, unless one element has more
   */
  public VariableCursor(List<StoredSlice> slices, DataFiles.Held files, int pieceBytes) {
    this.variable = slices.get(0).variable();
    this.files = files;
    this.width = variable.dtype().elementBytes();
    Shape shape = variable.shape();
    this.bands = new Bands(shape, Slice.full(shape.rank()), Math.max(1, pieceBytes / width));
    this.byRow = new ArrayList<>(slices);
    byRow.sort(Comparator.comparingLong(VariableCursor::startRow));
    int perSlice = ALL_BUFFERS_BYTES / Math.max(1, mostAtOnce());
    this.bufferBytes = Math.min(pieceBytes, Math.max(LEAST_BUFFER_BYTES, perSlice));
  }

  private ByteBuffer allocate(long bytes) throws IOException {
    boolean direct = files.open(byRow.get(0).shard()).prefersDirect();
    return AlignedBuffers.allocate(direct, (int) bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long startRow(StoredSlice slice) {
    return slice.slice().rank() == 0 ? 0 : slice.slice().start(0);
  }

  private static long endRow(StoredSlice slice) {
    return slice.slice().rank() == 0
        ? 1
        : startRow(slice) + slice.slice().length(0, slice.variable().shape());
  }

  /** The largest number of slices that have a row in common. */
  private int mostAtOnce() {
    long[] ends = byRow.stream().mapToLong(VariableCursor::endRow).sorted().toArray();
    int most = 0;
    int ended = 0;
    for (int begun = 0; begun < byRow.size(); begun++) {
      while (ended < ends.length && ends[ended] <= startRow(byRow.get(begun))) {
        ended++;
      }
      most = Math.max(most, begun + 1 - ended);
    }
    return most;
  }

  /**
   * The next elements, little-endian, from the first one that was not handed out yet; the buffer is
   * used again for the next piece. It has no elements at the end.
   */
  public ByteBuffer next() throws IOException {
    Slice region = bands.next();
    if (region == null) {
      return ByteBuffer.allocate(0);
    }
    int elements = (int) region.shape(variable.shape()).elements();
    ByteBuffer piece = this.piece;
    if (piece == null) {
      // The first piece is the largest one.
      piece = allocate((long) elements * width);
      this.piece = piece;
    }
    piece.clear().limit(elements * width);
    long fromRow = region.rank() == 0 ? 0 : region.start(0);
    long toRow = region.rank() == 0 ? 1 : fromRow + region.length(0);
    while (next < byRow.size() && startRow(byRow.get(next)) < toRow) {
      open.add(new SliceCursor(byRow.get(next++)));
    }
    for (Iterator<SliceCursor> all = open.iterator(); all.hasNext(); ) {
      SliceCursor slice = all.next();
      slice.copy(region, piece);
      if (endRow(slice.stored) <= toRow && slice.ended()) {
        all.remove();
      }
    }
    if (files.bigEndian()) {
      ByteSwap.swap(variable.dtype(), piece, 0, piece.limit());
    }
    first = delivered;
    delivered += elements;
    return piece;
  }

  /** The row-major number of the first element of the piece that was handed out last. */
  public long first() {
    return first;
  }

  private final class SliceCursor {
    private final StoredSlice stored;
    private final CRC32C crc = new CRC32C();
    private @Nullable ByteBuffer buffer;
    private long fetched;

    SliceCursor(StoredSlice stored) {
      this.stored = stored;
    }

    boolean ended() {
      return fetched == stored.size() && (buffer == null || !buffer.hasRemaining());
    }

    void copy(Slice region, ByteBuffer piece) throws IOException {
      List<long[]> stretches = new ArrayList<>();
      BoxCopy.stretches(
          variable.shape(),
          stored.slice(),
          region,
          (from, to, count) -> stretches.add(new long[] {to, count}));
      for (long[] stretch : stretches) {
        read(piece.slice((int) (stretch[0] * width), (int) (stretch[1] * width)));
      }
    }

    private void read(ByteBuffer into) throws IOException {
      while (into.hasRemaining()) {
        ByteBuffer held = buffer;
        if (held != null && held.hasRemaining()) {
          int bytes = Math.min(held.remaining(), into.remaining());
          into.put(held.slice(held.position(), bytes));
          held.position(held.position() + bytes);
        } else if (into.remaining() >= bufferBytes) {
          fetch(into.slice(into.position(), into.remaining()));
          into.position(into.limit());
        } else {
          if (held == null) {
            held = allocate(Math.min(bufferBytes, stored.size()));
            buffer = held;
          }
          held.clear().limit((int) Math.min(held.capacity(), stored.size() - fetched));
          fetch(held);
          held.flip();
        }
      }
    }

    /** Fills a buffer, whose position is 0, with the slice's next bytes. */
    private void fetch(ByteBuffer into) throws IOException {
      String path = files.path(stored.shard());
      try {
        files.open(stored.shard()).readFully(stored.offset() + fetched, into);
      } catch (EOFException e) {
        throw new Corrupt(
            "Cannot read "
                + stored.describe()
                + ": the file is too short, expected at least "
                + stored.end()
                + " bytes (path="
                + path
                + ", offset="
                + stored.offset()
                + "); use an older checkpoint",
            e);
      }
      crc.update(into.duplicate().flip());
      fetched += into.position();
      files.count(into.position());
      if (fetched == stored.size() && (int) crc.getValue() != stored.crc32c()) {
        throw SliceReader.differs(stored, path, (int) crc.getValue());
      }
    }
  }
}
