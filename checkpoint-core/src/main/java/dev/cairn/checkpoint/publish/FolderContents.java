package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.ReplacementNames;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Tells a model's folder from folders in which versions have no place. Stateless. */
final class FolderContents {
  private static final int SHOWN = 3;

  private FolderContents() {}

  /**
   * Passes for a folder of versions, an empty one, and none.
   *
   * @throws Conflict if it is a run's folder, a checkpoint, a SavedModel, or holds something else
   */
  static void requireVersions(CheckpointStore store, String path) throws IOException {
    List<String> others = new ArrayList<>();
    boolean versions = false;
    for (StoredFile file : entries(store, path)) {
      String name = file.name();
      String kind = kind(name);
      if (!kind.isEmpty()) {
        throw refused(path, kind + ", with " + name + " in it");
      }
      versions |= ours(name);
      if (!name.startsWith(".")) {
        others.add(name);
      }
    }
    if (!versions && !others.isEmpty()) {
      List<String> some = others.subList(0, Math.min(SHOWN, others.size()));
      throw refused(path, "one that holds something else, such as " + String.join(", ", some));
    }
  }

  private static List<StoredFile> entries(CheckpointStore store, String path) throws IOException {
    try {
      return store.list(path);
    } catch (NotFound e) {
      return List.of();
    }
  }

  /** What a folder is that has such an entry; empty if it may be a model's. */
  private static String kind(String name) {
    if (CheckpointFileNames.parseCommitted(name).isPresent()
        || name.equals(CheckpointFileNames.STATE)) {
      return "a run's folder";
    }
    if (name.equals(CheckpointFileNames.MANIFEST) || name.equals(CheckpointFileNames.INDEX)) {
      return "a checkpoint";
    }
    return name.equals(CheckpointFileNames.SAVED_MODEL) ? "a SavedModel" : "";
  }

  private static boolean ours(String name) {
    return name.matches("[0-9]{1,18}")
        || name.equals(CheckpointFileNames.SERVING)
        || name.equals(CheckpointFileNames.HISTORY)
        || ReplacementNames.parse(name).isPresent();
  }

  private static Conflict refused(String path, String found) {
    return new Conflict(
        "Cannot publish a model: expected a folder of its versions or a new one, found "
            + found
            + " (path="
            + path
            + "); name another folder, such as "
            + CheckpointFileNames.child(path, "NAME"));
  }
}
