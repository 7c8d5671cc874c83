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
 * Deletes folders of versions, and what killed commands have left. Each folder gets a hidden name
 * first, by one rename, from which nothing comes back into place; only what has that name loses
 * files. Stateless.
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
    return retire(store, path, Long.toString(number));
  }

  private static Optional<String> retire(CheckpointStore store, String path, String name)
      throws IOException {
    Hidden gone = new Hidden(name, Role.GONE, SessionIds.next());
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

  /** Sweeps the folder of what was just made in it: its time is the storage's present. */
  static void sweepBeside(CheckpointStore store, String made) {
    String folder = CheckpointFileNames.parent(made);
    try {
      Optional<StoredFile> clock = store.stat(made);
      if (clock.isPresent()) {
        sweep(store, folder, clock.get().modifiedMillis());
      }
    } catch (IOException e) {
      warn(folder, e);
    }
  }

  /**
   * Deletes what others have begun and left: what is on its way out, and that in which nothing has
   * changed for a day.
   *
   * @param nowMillis the present by the storage's clock
   */
  static void sweep(CheckpointStore store, String folder, long nowMillis) {
    try {
      for (StoredFile file : store.list(folder)) {
        String path = CheckpointFileNames.child(folder, file.name());
        Optional<Hidden> hidden = ReplacementNames.parse(file.name());
        Optional<Role> role = hidden.map(Hidden::role);
        boolean temporary =
            CheckpointFileNames.isStateTemporary(file.name())
                || CheckpointFileNames.isPatchTemporary(file.name());
        if (role.equals(Optional.of(Role.GONE))) {
          delete(store, path);
        } else if (temporary && isDead(store, path, file, nowMillis)) {
          delete(store, path);
        } else if (role.equals(Optional.of(Role.WRITING)) && isDead(store, path, file, nowMillis)) {
          retire(store, path, hidden.orElseThrow().folder()).ifPresent(gone -> delete(store, gone));
        }
      }
    } catch (IOException e) {
      warn(folder, e);
    }
  }

  /** Whether its writer is: a folder's own time says nothing about the folders within it. */
  private static boolean isDead(CheckpointStore store, String path, StoredFile file, long nowMillis)
      throws IOException {
    if (nowMillis - file.modifiedMillis() <= DEAD_AFTER_MILLIS) {
      return false;
    }
    if (file.isDirectory()) {
      for (StoredFile inner : store.list(path)) {
        if (!isDead(store, CheckpointFileNames.child(path, inner.name()), inner, nowMillis)) {
          return false;
        }
      }
    }
    return true;
  }

  private static void warn(String folder, IOException failure) {
    LOG.log(System.Logger.Level.WARNING, "Not cleaned up: {0}: {1}", folder, failure.getMessage());
  }
}
