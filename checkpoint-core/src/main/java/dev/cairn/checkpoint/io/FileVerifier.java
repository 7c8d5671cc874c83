package dev.cairn.checkpoint.io;

import dev.cairn.checkpoint.bundle.Elements;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VerifyReport.Damage;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoreInput;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Verifies one data file in one pass with a buffer of 1 MiB. */
public final class FileVerifier {

  private static final int BUFFER_BYTES = 1 << 20;

  private final CheckpointStore store;
  private final String path;
  private final String name;
  private final @Nullable DataFile said;
  private final List<StoredSlice> slices;
  private final boolean bigEndian;
  private final Consumer<Damage> damages;
  private final LongConsumer progress;
  private int whole;
  private int found;

  /**
   * Makes a verification of a file.
   *
   * @param said the manifest's record of it; null if there is none
   * @param slices the slices that lie in it
   * @param bigEndian whether the writer had the highest byte of a number first
   * @param damages receives each damage
   * @param progress receives the number of bytes read since its last call
   */
  public FileVerifier(
      CheckpointStore store,
      String path,
      @Nullable DataFile said,
      List<StoredSlice> slices,
      boolean bigEndian,
      Consumer<Damage> damages,
      LongConsumer progress) {
    this.store = store;
    this.path = path;
    this.name = CheckpointFileNames.lastPart(path);
    this.said = said;
    this.slices = slices.stream().sorted(Comparator.comparingLong(StoredSlice::offset)).toList();
    this.bigEndian = bigEndian;
    this.damages = damages;
    this.progress = progress;
  }

  /** Reads the whole file. */
  public void run() throws IOException {
    try (StoreInput in = store.open(path)) {
      if (said != null && said.length() != in.length()) {
        tell(
            Math.min(said.length(), in.length()),
            "another length, expected " + said.length() + ", found " + in.length());
      }
      int size = (int) Math.max(1, Math.min(BUFFER_BYTES, in.length()));
      ByteBuffer buffer = AlignedBuffers.allocate(in.prefersDirect(), size);
      long at = 0;
      for (StoredSlice slice : slices) {
        if (slice.offset() > at) {
          int unused = scan(in, buffer, at, Math.min(slice.offset(), in.length()), true);
        }
        verify(in, buffer, slice, at);
        at = Math.max(at, slice.end());
      }
      int unused = scan(in, buffer, at, in.length(), true);
      if (said != null && found == 0 && whole != said.crc32c()) {
        tell(0, "the file's checksum differs, though those of its slices fit");
      }
    } catch (NotFound e) {
      tell(0, "the file is missing");
    }
  }

  private void verify(StoreInput in, ByteBuffer buffer, StoredSlice slice, long at)
      throws IOException {
    if (slice.end() > in.length()) {
      tell(slice, "the file ends at byte " + in.length() + " but the slice at " + slice.end());
      return;
    }
    boolean again = slice.offset() < at;
    int crc = scan(in, buffer, slice.offset(), slice.end(), !again);
    if (Elements.ownChecksum(slice.variable().dtype())) {
      verifyElements(in, slice);
    } else if (crc != slice.crc32c()) {
      tell(
          slice,
          String.format(
              Locale.ROOT,
              "checksum differs, expected %08x, found %08x (%d bytes)",
              slice.crc32c(),
              crc,
              slice.size()));
    }
  }

  /** Verifies strings or variants, whose checksum is not that of their bytes. */
  private void verifyElements(StoreInput in, StoredSlice slice) throws IOException {
    Elements elements =
        Elements.of(
                slice.variable().dtype(),
                slice.elements(),
                slice.size(),
                slice.crc32c(),
                (position, into) -> in.readFully(slice.offset() + position, into),
                slice.describe())
            .bigEndian(bigEndian);
    try {
      while (elements.next() >= 0) {
        // Going through all of them compares all checksums.
      }
    } catch (Corrupt e) {
      tell(slice, String.valueOf(e.getMessage()));
    }
  }

  /** The checksum of a part, which may count for the file's: each byte is gone through once. */
  private int scan(StoreInput in, ByteBuffer buffer, long from, long to, boolean counts)
      throws IOException {
    CRC32C crc = new CRC32C();
    for (long at = from; at < to; at += BUFFER_BYTES) {
      buffer.clear().limit((int) Math.min(BUFFER_BYTES, to - at));
      try {
        in.readFully(at, buffer);
      } catch (EOFException e) {
        tell(at, "the file became shorter while it was read");
        return (int) crc.getValue();
      }
      buffer.flip();
      crc.update(buffer);
      progress.accept(buffer.limit());
    }
    if (counts && to > from) {
      whole = Crc32cCombiner.combine(whole, (int) crc.getValue(), to - from);
    }
    return (int) crc.getValue();
  }

  private void tell(long offset, String what) {
    found++;
    damages.accept(new Damage(name, "", "", offset, what));
  }

  private void tell(StoredSlice slice, String what) {
    found++;
    damages.accept(
        new Damage(
            name,
            slice.variable().key(),
            slice.unsliced() ? "" : slice.slice().toString(),
            slice.offset(),
            what));
  }
}
