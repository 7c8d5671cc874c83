package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.io.FileCopy;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoreOutput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/** The files of versions: writes and copies them. Stateless. */
final class VersionFiles {
  private VersionFiles() {}

  /** Writes a file, durably. */
  static DataFile write(CheckpointStore store, String path, byte[] bytes) throws IOException {
    put(store, path, bytes);
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return new DataFile(CheckpointFileNames.lastPart(path), bytes.length, (int) crc.getValue());
  }

  private static void put(CheckpointStore store, String path, byte[] bytes) throws IOException {
    try (StoreOutput out = store.create(path)) {
      out.write(ByteBuffer.wrap(bytes));
      out.finish();
    }
  }

  /**
   * Replaces a small file in one step: readers see the old or the new one.
   *
   * @param model the model's folder, in which the new one is written under a hidden name
   */
  static void replace(CheckpointStore store, String model, String path, byte[] bytes)
      throws IOException {
    String temporary =
        CheckpointFileNames.child(model, CheckpointFileNames.stateTemporary(SessionIds.next()));
    put(store, temporary, bytes);
    store.replace(temporary, path);
  }

  /**
   * Gives a folder's files, those in folders within it too, a second place.
   *
   * @param to which is made
   * @return whether all of them are links
   */
  static boolean copyTree(CheckpointStore store, String from, CheckpointStore other, String to)
      throws IOException {
    other.makeDirectory(to);
    return fill(store, from, other, to);
  }

  /** Does the same for a folder that is there already, and empty. */
  static boolean fill(CheckpointStore store, String from, CheckpointStore other, String to)
      throws IOException {
    boolean linked = true;
    for (StoredFile file : store.list(from)) {
      String source = CheckpointFileNames.child(from, file.name());
      String place = CheckpointFileNames.child(to, file.name());
      if (file.isDirectory()) {
        linked &= copyTree(store, source, other, place);
      } else if (!other.link(source, place)) {
        linked = false;
        DataFile unused = FileCopy.copy(store, source, other, place, Optional.empty());
      }
    }
    return linked;
  }
}
