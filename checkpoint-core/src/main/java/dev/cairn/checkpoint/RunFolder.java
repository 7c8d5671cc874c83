package dev.cairn.checkpoint;

import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Checks a run's folder before the run starts. Stateless, hence thread-safe. */
public final class RunFolder {
  private RunFolder() {}

  /**
   * Tries whether checkpoints can be written to a folder, and leaves everything as it was: a folder
   * that did not exist does not exist afterwards.
   *
   * @param path a path or URI that Hadoop takes
   * @throws IOException that says what the storage refused
   */
  public static void checkWritable(String path, FolderOptions options) throws IOException {
    String folder = CheckpointStores.qualify(path, options.hadoopProperties());
    try (CheckpointStore store = CheckpointStores.open(folder, options.hadoopProperties())) {
      List<String> made = missing(store, folder);
      try {
        store.makeDirectories(folder);
        // A name that garbage collection takes, should this process end in between.
        String probe =
            CheckpointFileNames.child(
                folder, CheckpointFileNames.stateTemporary(SessionIds.next()));
        store.create(probe).close();
        store.delete(probe);
      } finally {
        made.forEach(one -> deleteIfEmpty(store, one));
      }
    }
  }

  /** The folder and those of its parents that do not exist, the deepest first. */
  private static List<String> missing(CheckpointStore store, String folder) throws IOException {
    List<String> missing = new ArrayList<>();
    String at = folder;
    while (!CheckpointFileNames.isRoot(at) && store.stat(at).isEmpty()) {
      missing.add(at);
      at = CheckpointFileNames.parent(at);
    }
    return missing;
  }

  private static void deleteIfEmpty(CheckpointStore store, String folder) {
    try {
      store.delete(folder);
    } catch (IOException e) {
      // Somebody else has put something there since, or it was never made.
    }
  }
}
