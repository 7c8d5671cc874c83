package dev.cairn.checkpoint;

import dev.cairn.checkpoint.retention.FolderTree;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.io.IOException;
import java.util.Optional;

/**
 * Works on whole folders and their paths, on any file system. Stateless.
 *
 * <p>A root is a path with nothing above it: {@code /}, {@code file:/}, {@code hdfs://host}, each
 * with or without its last slash where there is a host.
 */
public final class Folders {
  private Folders() {}

  /** The path of an entry of a folder. */
  public static String child(String folder, String name) {
    return CheckpointFileNames.child(folder, name);
  }

  /** The last part of a path, such as {@code ckpt-1200}; empty for a root. */
  public static String name(String path) {
    return CheckpointFileNames.lastPart(path);
  }

  /** The folder in which something lies; empty for a root, and for a name without a folder. */
  public static Optional<String> parent(String path) {
    String parent = CheckpointFileNames.parent(path);
    return parent.isEmpty() || CheckpointFileNames.isRoot(path)
        ? Optional.empty()
        : Optional.of(parent);
  }

  /** Whether a path lies in a folder, at any depth; both as {@link #qualify} gives them. */
  public static boolean contains(String folder, String path) {
    return path.length() > folder.length() && path.startsWith(child(folder, ""));
  }

  /** The path with its scheme, as programs on other machines need it. */
  public static String qualify(String path, FolderOptions options) throws IOException {
    return CheckpointStores.qualify(path, options.hadoopProperties());
  }

  /** Whether a file or folder of this path exists. */
  public static boolean exists(String path, FolderOptions options) throws IOException {
    String full = qualify(path, options);
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties())) {
      return store.stat(full).isPresent();
    }
  }

  /** Whether there is a folder at this path. */
  public static boolean isFolder(String path, FolderOptions options) throws IOException {
    String full = qualify(path, options);
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties())) {
      return store.stat(full).map(there -> !there.isFile()).orElse(false);
    }
  }

  /** Deletes a folder with all in it, or a file; does nothing if it is gone already. */
  public static void delete(String path, FolderOptions options) throws IOException {
    String full = qualify(path, options);
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties())) {
      FolderTree.delete(store, full);
    }
  }
}
