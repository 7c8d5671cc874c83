package dev.cairn.checkpoint.retention;

import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.Orphan;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Deletes what is no longer a checkpoint. Thread-safe, and safe beside another cleaner. */
public final class CheckpointCleaner {

  private final CheckpointStore store;
  private final String directory;

  /** Makes one for a run's folder. */
  public CheckpointCleaner(CheckpointStore store, String directory) {
    this.store = store;
    this.directory = directory;
  }

  /** Hides a committed checkpoint or a staging directory in one step, then deletes it. */
  public void expire(String name) throws IOException {
    Optional<String> hidden = hide(name);
    if (hidden.isPresent()) {
      FolderTree.deleteFolder(store, child(hidden.get()));
    }
  }

  /**
   * Renames a directory to a hidden name, and returns that name; empty if the directory was not
   * there.
   */
  public Optional<String> hide(String name) throws IOException {
    String hidden = CheckpointFileNames.expired(name, SessionIds.next());
    try {
      store.rename(child(name), child(hidden));
    } catch (NotFound gone) {
      return Optional.empty();
    }
    return Optional.of(hidden);
  }

  /** Hides a checkpoint that failed its check; it stays on storage until {@code gc} is run. */
  public void setAside(String name) throws IOException {
    try {
      store.rename(child(name), child(CheckpointFileNames.damaged(name, SessionIds.next())));
    } catch (NotFound gone) {
      // Somebody else was faster.
    }
  }

  /** Deletes a hidden directory that an earlier pass or a rollback has left. */
  public void finish(String hiddenName) throws IOException {
    if (!CheckpointFileNames.isExpired(hiddenName) && !CheckpointFileNames.isDamaged(hiddenName)) {
      throw new IllegalArgumentException("Cannot delete " + hiddenName + ": it is not hidden");
    }
    FolderTree.deleteFolder(store, child(hiddenName));
  }

  /**
   * Files and folders that no checkpoint names, in the order of their names; those of {@code
   * aliveSessions} are marked alive.
   */
  public List<Orphan> orphans(Set<String> aliveSessions) throws IOException {
    List<StoredFile> entries;
    try {
      entries = store.list(directory);
    } catch (NotFound e) {
      return List.of();
    }
    List<Orphan> orphans = new ArrayList<>();
    for (StoredFile entry : entries) {
      String name = entry.name();
      Optional<String> staging = CheckpointFileNames.stagingSession(name);
      Optional<String> owner = CheckpointFileNames.ownerSession(name);
      if (entry.isDirectory() && staging.isPresent()) {
        boolean alive = aliveSessions.contains(staging.get());
        orphans.add(new Orphan(name, Orphan.Kind.STAGING, alive));
      } else if (entry.isDirectory() && CheckpointFileNames.isExpired(name)) {
        orphans.add(new Orphan(name, Orphan.Kind.EXPIRED, false));
      } else if (entry.isDirectory() && CheckpointFileNames.isDamaged(name)) {
        orphans.add(new Orphan(name, Orphan.Kind.DAMAGED, false));
      } else if (entry.isFile() && CheckpointFileNames.isStateTemporary(name)) {
        orphans.add(new Orphan(name, Orphan.Kind.STATE, false));
      } else if (entry.isFile() && owner.isPresent()) {
        orphans.add(new Orphan(name, Orphan.Kind.OWNER, aliveSessions.contains(owner.get())));
      }
    }
    return orphans;
  }

  /** Deletes an orphan, unless its session is alive. */
  public void collect(Orphan orphan) throws IOException {
    if (orphan.alive()) {
      return;
    }
    switch (orphan.kind()) {
      case STAGING -> expire(orphan.name());
      case EXPIRED, DAMAGED -> finish(orphan.name());
      case STATE, OWNER -> {
        boolean unused = store.delete(child(orphan.name()));
      }
      case NO_MANIFEST -> {
        // It is not known which program made it, or is making it.
      }
    }
  }

  private String child(String name) {
    return CheckpointFileNames.child(directory, name);
  }
}
