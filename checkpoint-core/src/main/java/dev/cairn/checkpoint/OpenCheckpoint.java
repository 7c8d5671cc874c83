package dev.cairn.checkpoint;

import dev.cairn.checkpoint.bundle.BundleIndex;
import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Failed;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * What is known of a checkpoint before its data files are opened.
 *
 * @param prefix TensorFlow's prefix, with scheme
 * @param manifest empty for a checkpoint that TensorFlow wrote
 * @param index which slice lies where
 */
record OpenCheckpoint(String prefix, Optional<Manifest> manifest, BundleIndex index) {

  /** Opens a checkpoint's directory, or a TensorFlow prefix. */
  static OpenCheckpoint open(CheckpointStore store, String path) throws IOException {
    return open(store, path, file -> {});
  }

  /**
   * Opens a checkpoint's directory, or a TensorFlow prefix.
   *
   * @param reading told the name of each file before it is read
   */
  static OpenCheckpoint open(CheckpointStore store, String path, Consumer<String> reading)
      throws IOException {
    reading.accept(CheckpointFileNames.MANIFEST);
    Optional<Manifest> manifest = manifest(store, path);
    String prefix =
        manifest.isPresent()
            ? CheckpointFileNames.child(path, CheckpointFileNames.VARIABLES)
            : path;
    String file = prefix + ".index";
    reading.accept(CheckpointFileNames.lastPart(file));
    byte[] bytes;
    try {
      bytes = CommittedCheckpoints.readAll(store, file);
    } catch (NotFound e) {
      if (manifest.isEmpty()) {
        throw CheckpointPath.explain(store, path, e);
      }
      throw expiredElse(
          store,
          path,
          new Corrupt(
              "Cannot read checkpoint: its index is missing, though its manifest is there (path="
                  + file
                  + "); use another checkpoint, and see what deletes files here: TensorFlow's"
                  + " CheckpointManager does",
              e));
    }
    if (manifest.isPresent()) {
      checkIndex(manifest.get(), bytes, file);
    }
    OpenCheckpoint open = new OpenCheckpoint(prefix, manifest, BundleIndex.read(bytes, file));
    open.checkCounts(file);
    return open;
  }

  /** The manifest of a folder; a file has none. */
  private static Optional<Manifest> manifest(CheckpointStore store, String path)
      throws IOException {
    try {
      return CommittedCheckpoints.manifest(store, path);
    } catch (Failed e) {
      if (store.stat(path).map(StoredFile::isFile).orElse(false)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** A failure to read this checkpoint, after a look whether it still is one. */
  IOException expiredElse(CheckpointStore store, IOException failure) {
    return manifest.isPresent()
        ? expiredElse(store, CheckpointFileNames.parent(prefix), failure)
        : failure;
  }

  /**
   * What a failure to read a committed checkpoint comes from: it is immutable as long as it is
   * there, but nothing keeps it from expiring while it is read. It loses its manifest's place
   * before it loses a byte.
   */
  private static IOException expiredElse(CheckpointStore store, String path, IOException failure) {
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
  String indexPath() {
    return prefix + ".index";
  }

  /** A data file's path. */
  String dataPath(int shard) {
    return CheckpointFileNames.data(prefix, shard, index.shards());
  }

  /** A data file's name. */
  String dataName(int shard) {
    return CheckpointFileNames.lastPart(dataPath(shard));
  }

  /** What the manifest says of each data file, by name. */
  Map<String, DataFile> files() {
    Map<String, DataFile> files = new HashMap<>();
    manifest.ifPresent(said -> said.files().forEach(file -> files.put(file.name(), file)));
    return files;
  }
}
