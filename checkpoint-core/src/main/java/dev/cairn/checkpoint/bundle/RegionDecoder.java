package dev.cairn.checkpoint.bundle;

import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * Takes the bytes of one stored slice from its first to its last, in chunks as they come, puts
 * those of a wanted region where they belong, and compares the checksum of all of them at the end.
 * What the target holds counts only after {@link #finish()}. Not thread-safe.
 *
 * <p>Region and slice are boxes within the variable. Their intersection is a number of runs of
 * bytes, contiguous in both, which are walked in the order of the file.
 */
public final class RegionDecoder {

  /** Where a region's bytes go. */
  @FunctionalInterface
  public interface Target {
    /** Takes all remaining bytes of the buffer as the region's bytes from {@code position} on. */
    void put(long position, ByteBuffer bytes);

    /** Into a buffer, from its position on; the position does not move. */
    static Target of(ByteBuffer into) {
      int base = into.position();
      return (position, bytes) -> {
        int n = bytes.remaining();
        into.put(base + Math.toIntExact(position), bytes, bytes.position(), n);
      };
    }

    /** Into float32s from an offset on; chunks must be cut between floats. */
    static Target of(float[] into, int offset) {
      return (position, bytes) -> {
        int at = offset + Math.toIntExact(position / Float.BYTES);
        int n = bytes.remaining() / Float.BYTES;
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(into, at, n);
      };
    }
  }

  private final StoredSlice stored;
  private final String file;
  private final Target target;
  private final CRC32C crc = new CRC32C();
  private long received;

  // The runs: an odometer over the outer dimensions of the intersection.
  private final long[] counts;
  private final long[] sliceStrides;
  private final long[] regionStrides;
  private final long[] index;
  private final long runBytes;
  private long sliceAt;
  private long regionAt;
  private long doneOfRun;
  private boolean more;

  /**
   * A decoder at the first byte of a stored slice.
   *
   * @param file path of the data file, for messages
   * @param region the wanted box within the variable; it need not touch the slice
   * @throws IllegalArgumentException if the dtype has no fixed width
   */
  public RegionDecoder(StoredSlice stored, String file, Slice region, Target target) {
    int elementBytes = stored.variable().dtype().elementBytes();
    if (elementBytes == 0) {
      throw new IllegalArgumentException(
          "Cannot decode " + stored.describe() + ": expected a fixed-width dtype");
    }
    Shape full = stored.variable().shape();
    if (!region.fits(full)) {
      throw new IllegalArgumentException(
          "Cannot decode region " + region + " of " + stored.variable() + ": it is not within it");
    }
    this.stored = stored;
    this.file = file;
    this.target = target;
    Shape sliceShape = stored.slice().shape(full);
    Shape regionShape = region.shape(full);
    int rank = full.rank();
    counts = new long[rank];
    sliceStrides = new long[rank];
    regionStrides = new long[rank];
    index = new long[rank];
    more = true;
    long sliceStride = elementBytes;
    long regionStride = elementBytes;
    long run = elementBytes;
    boolean contiguous = true;
    for (int d = rank - 1; d >= 0; d--) {
      long from = Math.max(stored.slice().start(d), region.start(d));
      long to =
          Math.min(
              stored.slice().start(d) + sliceShape.dim(d), region.start(d) + regionShape.dim(d));
      long count = to - from;
      more &= count > 0;
      sliceStrides[d] = sliceStride;
      regionStrides[d] = regionStride;
      sliceAt += (from - stored.slice().start(d)) * sliceStride;
      regionAt += (from - region.start(d)) * regionStride;
      // A run grows over a dimension as long as the ones inside are whole in both boxes.
      counts[d] = contiguous ? 1 : count;
      run *= contiguous ? Math.max(count, 0) : 1;
      contiguous &= count == sliceShape.dim(d) && count == regionShape.dim(d);
      sliceStride *= sliceShape.dim(d);
      regionStride *= regionShape.dim(d);
    }
    runBytes = run;
  }

  /** Takes the next bytes of the slice; the buffer's position does not move. */
  public void accept(ByteBuffer chunk) {
    int length = chunk.remaining();
    crc.update(chunk.duplicate());
    long end = received + length;
    while (more && sliceAt + doneOfRun < end) {
      int from = chunk.position() + (int) (sliceAt + doneOfRun - received);
      int n = (int) Math.min(runBytes - doneOfRun, chunk.position() + length - from);
      target.put(regionAt + doneOfRun, chunk.duplicate().limit(from + n).position(from));
      doneOfRun += n;
      if (doneOfRun == runBytes) {
        advance();
      }
    }
    received = end;
  }

  private void advance() {
    doneOfRun = 0;
    for (int d = index.length - 1; d >= 0; d--) {
      sliceAt += sliceStrides[d];
      regionAt += regionStrides[d];
      if (++index[d] < counts[d]) {
        return;
      }
      sliceAt -= counts[d] * sliceStrides[d];
      regionAt -= counts[d] * regionStrides[d];
      index[d] = 0;
    }
    more = false;
  }

  /**
   * Compares length and checksum.
   *
   * @throws Corrupt naming file, variable, slice and offset
   */
  public void finish() throws Corrupt {
    int found = (int) crc.getValue();
    if (received == stored.size() && found == stored.crc32c()) {
      return;
    }
    throw new Corrupt(
        String.format(
            Locale.ROOT,
            "Cannot read %s: its bytes are damaged, expected %d bytes with checksum %08x, found %d"
                + " with %08x (path=%s, offset=%d); restore an older checkpoint",
            stored.describe(),
            stored.size(),
            stored.crc32c(),
            received,
            found,
            file,
            stored.offset()));
  }
}
