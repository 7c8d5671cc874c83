package dev.cairn.checkpoint.io;

import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoreInput;
import dev.cairn.checkpoint.store.StoreOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Copies single files between folders, and sums them up, piece by piece. Memory: 1 MiB. Stateless.
 */
public final class FileCopy {
  private static final int BUFFER_BYTES = 1 << 20;

  private FileCopy() {}

  /**
   * Copies a file, and makes the copy durable.
   *
   * @param place which must not exist
   * @param expected length and checksum; empty where nobody knows them
   * @return length and checksum of what was copied
   * @throws Corrupt if the file is not the expected one; the copy is there then, and must not be
   *     used
   */
  public static DataFile copy(
      CheckpointStore from,
      String file,
      CheckpointStore to,
      String place,
      Optional<DataFile> expected)
      throws IOException {
    DataFile copied;
    try (StoreInput in = from.open(file);
        StoreOutput out = to.create(place)) {
      copied = pass(in, Optional.of(out), place);
      out.sync();
    }
    if (expected.isPresent()
        && (expected.get().length() != copied.length()
            || expected.get().crc32c() != copied.crc32c())) {
      throw new Corrupt(
          String.format(
              Locale.ROOT,
              "Cannot copy a checkpoint: expected %d bytes with checksum %08x, found %d with"
                  + " %08x (path=%s); use an older checkpoint",
              expected.get().length(),
              expected.get().crc32c(),
              copied.length(),
              copied.crc32c(),
              file));
    }
    return copied;
  }

  /** Length and checksum of a file, under its own name, by one pass over it. */
  public static DataFile checksum(CheckpointStore store, String file) throws IOException {
    try (StoreInput in = store.open(file)) {
      return pass(in, Optional.empty(), file);
    }
  }

  private static DataFile pass(StoreInput in, Optional<StoreOutput> out, String path)
      throws IOException {
    CRC32C crc = new CRC32C();
    long length = in.length();
    int size = (int) Math.min(BUFFER_BYTES, Math.max(1, length));
    boolean direct = in.prefersDirect() && out.map(StoreOutput::prefersDirect).orElse(true);
    ByteBuffer buffer = AlignedBuffers.allocate(direct, size);
    for (long at = 0; at < length; at += buffer.limit()) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), length - at));
      in.readFully(at, buffer);
      buffer.flip();
      crc.update(buffer.duplicate());
      if (out.isPresent()) {
        out.get().write(buffer);
      }
    }
    return new DataFile(CheckpointFileNames.lastPart(path), length, (int) crc.getValue());
  }
}
