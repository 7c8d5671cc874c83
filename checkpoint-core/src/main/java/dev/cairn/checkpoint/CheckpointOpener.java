package dev.cairn.checkpoint;

import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.io.OpenCheckpoint;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Failed;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads the manifest and the index of a checkpoint, before its data files are opened. Stateless.
 */
final class CheckpointOpener {

  private CheckpointOpener() {}

  /** Opens a checkpoint's directory, or a TensorFlow prefix. */
  static OpenCheckpoint open(CheckpointStore store, String path) throws IOException {
    return open(store, path, file -> {});
  }

  /**
   * Opens a checkpoint's directory, or a TensorFlow prefix.
   *
   * @param reading receives the name of each file before it is read
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
      throw OpenCheckpoint.expiredElse(
          store,
          path,
          new Corrupt(
              "Cannot read checkpoint: its index is missing, though its manifest is there (path="
                  + file
                  + "); use another checkpoint, and see what deletes files here: TensorFlow's"
                  + " CheckpointManager does",
              e));
    }
    return OpenCheckpoint.of(prefix, manifest, bytes);
  }

  /** The manifest of a folder; empty for a file. */
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
}
