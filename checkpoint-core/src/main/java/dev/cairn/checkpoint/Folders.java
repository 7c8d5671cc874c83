package dev.cairn.checkpoint;

import dev.cairn.checkpoint.retention.FolderTree;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.io.IOException;

/** Folders as wholes, on whatever file system a path means. Stateless. */
public final class Folders {
  private Folders() {}

  /** The path with its scheme: where it lies for whoever reads it elsewhere. */
  public static String qualify(String path, CheckpointOptions options) throws IOException {
    return CheckpointStores.qualify(path, options.hadoopProperties());
  }

  /** Whether there is anything of this name. */
  public static boolean exists(String path, CheckpointOptions options) throws IOException {
    String full = qualify(path, options);
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties())) {
      return store.stat(full).isPresent();
    }
  }

  /** Deletes a folder with all in it, or a file; what is gone already is fine. */
  public static void delete(String path, CheckpointOptions options) throws IOException {
    String full = qualify(path, options);
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties())) {
      FolderTree.delete(store, full);
    }
  }
}
