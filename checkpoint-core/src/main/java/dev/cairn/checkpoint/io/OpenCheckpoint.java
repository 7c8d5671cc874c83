package dev.cairn.checkpoint.io;

import dev.cairn.checkpoint.bundle.BundleIndex;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The manifest and the index of a checkpoint, whose data files are not open yet.
 *
 * @param prefix TensorFlow's prefix, with scheme
 * @param manifest empty for a checkpoint that TensorFlow wrote
 * @param index the variables, their slices, and the places of these
 */
public record OpenCheckpoint(String prefix, Optional<Manifest> manifest, BundleIndex index) {

  /** The end of the index's path, after the prefix. */
  private static final String INDEX = ".index";

  /**
   * Makes one of an index that was read, and checks it against the manifest.
   *
   * @param bytes the index file
   * @throws Corrupt if the index is damaged, or not the one of the manifest
   */
  public static OpenCheckpoint of(String prefix, Optional<Manifest> manifest, byte[] bytes)
      throws CheckpointException {
    String file = prefix + INDEX;
    if (manifest.isPresent()) {
      checkIndex(manifest.get(), bytes, file);
    }
    OpenCheckpoint open = new OpenCheckpoint(prefix, manifest, BundleIndex.read(bytes, file));
    open.checkCounts(file);
    return open;
  }

  /** The error to throw for a failed read of this checkpoint: it may have expired meanwhile. */
  public IOException expiredElse(CheckpointStore store, IOException failure) {
    return manifest.isPresent()
        ? expiredElse(store, CheckpointFileNames.parent(prefix), failure)
        : failure;
  }

  /**
   * The error to throw for a failed read of a committed checkpoint. A checkpoint is immutable as
   * long as it is there, but nothing keeps it from expiring while it is read. It loses its
   * manifest's place before it loses a byte.
   *
   * @param path the checkpoint's folder
   */
  public static IOException expiredElse(CheckpointStore store, String path, IOException failure) {
    try {
      if (store.stat(CheckpointFileNames.child(path, CheckpointFileNames.MANIFEST)).isPresent()) {
        return failure;
      }
    } catch (IOException silent) {
      failure.addSuppressed(silent);
      return failure;
    }
    return new NotFound(
        "Cannot read checkpoint: it expired while it was read (path="
            + path
            + "); use the newest one, and let more be kept if readers take long",
        failure);
  }

  private static void checkIndex(Manifest manifest, byte[] bytes, String file) throws Corrupt {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    DataFile expected = manifest.index();
    if (bytes.length != expected.length() || (int) crc.getValue() != expected.crc32c()) {
      throw new Corrupt(
          "Cannot read checkpoint: its index is not the one of its manifest, expected "
              + expected.length()
              + " bytes with checksum "
              + Integer.toHexString(expected.crc32c())
              + ", found "
              + bytes.length
              + " with "
              + Integer.toHexString((int) crc.getValue())
              + " (path="
              + file
              + "); use an older checkpoint");
    }
  }

  private void checkCounts(String file) throws CheckpointException {
    if (manifest.isEmpty()) {
      return;
    }
    long slices = index.slices().values().stream().mapToLong(List::size).sum();
    Manifest said = manifest.get();
    if (said.variables() != index.slices().size()
        || said.slices() != slices
        || said.files().size() != index.shards()) {
      throw new Corrupt(
          "Cannot read checkpoint: manifest and index disagree, expected "
              + said.variables()
              + " variables in "
              + said.slices()
              + " slices and "
              + said.files().size()
              + " files, found "
              + index.slices().size()
              + ", "
              + slices
              + " and "
              + index.shards()
              + " (path="
              + file
              + "); use an older checkpoint");
    }
  }

  /** The index's path. */
  public String indexPath() {
    return prefix + INDEX;
  }

  /** A data file's path. */
  public String dataPath(int shard) {
    return CheckpointFileNames.data(prefix, shard, index.shards());
  }

  /** A data file's name. */
  public String dataName(int shard) {
    return CheckpointFileNames.lastPart(dataPath(shard));
  }

  /** The manifest's records of the data files, by name. */
  public Map<String, DataFile> files() {
    Map<String, DataFile> files = new HashMap<>();
    manifest.ifPresent(said -> said.files().forEach(file -> files.put(file.name(), file)));
    return files;
  }
}
