package dev.cairn.checkpoint.retention;

import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Deletes whole folders. Links are deleted, never followed. Stateless. */
public final class FolderTree {

  private static final int MAX_DEPTH = 64;

  private FolderTree() {}

  /** Deletes a folder with all in it, or a file; does nothing if it is gone already. */
  public static void delete(CheckpointStore store, String path) throws IOException {
    Optional<StoredFile> found = store.stat(path);
    if (found.isPresent()) {
      delete(store, path, found.get().isDirectory(), 0);
    }
  }

  /** Does the same for a path that is known to be a folder, with one call to storage less. */
  static void deleteFolder(CheckpointStore store, String path) throws IOException {
    delete(store, path, true, 0);
  }

  private static void delete(CheckpointStore store, String path, boolean folder, int depth)
      throws IOException {
    if (depth > MAX_DEPTH) {
      throw new IOException("Cannot delete " + path + ": folders nested too deeply");
    }
    if (folder) {
      List<StoredFile> entries;
      try {
        entries = store.list(path);
      } catch (NotFound gone) {
        return;
      }
      for (StoredFile entry : entries) {
        String child = CheckpointFileNames.child(path, entry.name());
        delete(store, child, entry.isDirectory(), depth + 1);
      }
    }
    boolean unused = store.delete(path);
  }
}
