package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.retention.FolderTree;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.ReplacementNames;
import dev.cairn.checkpoint.store.ReplacementNames.Hidden;
import dev.cairn.checkpoint.store.ReplacementNames.Role;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.util.Optional;

/**
 * Deletes folders of versions. Each gets a hidden name first, by one rename, from which nothing
 * comes back into place; only what has that name loses files. Stateless.
 */
final class HiddenVersions {
  private static final System.Logger LOG = System.getLogger(HiddenVersions.class.getName());
  private static final long DEAD_AFTER_MILLIS = 24L * 60 * 60 * 1000;

  private HiddenVersions() {}

  /**
   * Takes the name away under which a folder could be found; its answer may have been lost.
   *
   * @param path a version, or a draft of one
   * @return the hidden path; empty if there is no such folder
   */
  static Optional<String> retire(CheckpointStore store, String path, long number)
      throws IOException {
    Hidden gone = new Hidden(Long.toString(number), Role.GONE, SessionIds.next());
    String hidden = CheckpointFileNames.child(CheckpointFileNames.parent(path), gone.name());
    try {
      store.rename(path, hidden);
    } catch (IOException e) {
      if (store.stat(hidden).isEmpty()) {
        if (e instanceof NotFound) {
          return Optional.empty();
        }
        throw e;
      }
    }
    return Optional.of(hidden);
  }

  /** Deletes what was retired. Where that fails, the next publication does it. */
  static void delete(CheckpointStore store, String hidden) {
    try {
      FolderTree.delete(store, hidden);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "Left for later: {0}: {1}", hidden, e.getMessage());
    }
  }

  /** Deletes what others began more than a day ago, and what is on its way out. */
  static void sweep(CheckpointStore store, String model, long nowMillis) {
    try {
      for (StoredFile file : store.list(model)) {
        boolean dead = nowMillis - file.modifiedMillis() > DEAD_AFTER_MILLIS;
        if (dead && CheckpointFileNames.isStateTemporary(file.name())) {
          delete(store, CheckpointFileNames.child(model, file.name()));
        }
        Optional<Hidden> hidden = ReplacementNames.parse(file.name());
        if (hidden.isEmpty() || !hidden.get().folder().matches("[1-9][0-9]{0,17}")) {
          continue;
        }
        String path = CheckpointFileNames.child(model, file.name());
        if (hidden.get().role() == Role.GONE) {
          delete(store, path);
        } else if (dead) {
          retire(store, path, Long.parseLong(hidden.get().folder()))
              .ifPresent(gone -> delete(store, gone));
        }
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "Not cleaned up: {0}: {1}", model, e.getMessage());
    }
  }
}
