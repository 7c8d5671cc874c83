package dev.cairn.checkpoint;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.checkpoint.commit.OwnerLease;
import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.Orphan;
import dev.cairn.checkpoint.retention.CheckpointCleaner;
import dev.cairn.checkpoint.store.CheckpointStore;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A session's claim to a run's folder, and what sessions that are dead have left there. It is taken
 * once and held until it is closed. Thread-safe; I/O happens under its lock while it is taken.
 */
final class FolderClaim implements Closeable {
  private final CheckpointStore store;
  private final String directory;
  private final FolderOptions options;
  private final CheckpointCleaner cleaner;
  private final String session = SessionIds.next();

  @GuardedBy("this")
  private @Nullable OwnerLease lease;

  FolderClaim(
      CheckpointStore store, String directory, FolderOptions options, CheckpointCleaner cleaner) {
    this.store = store;
    this.directory = directory;
    this.options = options;
    this.cleaner = cleaner;
  }

  /** The name of this session. */
  String session() {
    return session;
  }

  /**
   * Takes the folder, unless this session has it. Attempts of dead sessions lose their names, so
   * that they cannot be committed any more.
   *
   * @return the attempts and files that dead sessions have left; empty if the folder was this
   *     session's already
   * @throws Conflict if another session that is alive has it
   */
  synchronized Optional<Leftovers> take() throws IOException {
    if (lease != null) {
      return Optional.empty();
    }
    store.makeDirectories(directory);
    OwnerLease taken =
        OwnerLease.claim(
            store, directory, session, options.applicationId(), options.ownerTimeout());
    try {
      Leftovers found = hideAttempts();
      lease = taken;
      return Optional.of(found);
    } catch (IOException | RuntimeException e) {
      try {
        taken.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /**
   * The attempts and files of dead sessions, to be deleted without haste.
   *
   * @param hidden the new names of their attempts
   * @param others the other files that may be deleted
   */
  record Leftovers(List<String> hidden, List<Orphan> others) {}

  private Leftovers hideAttempts() throws IOException {
    List<String> hidden = new ArrayList<>();
    List<Orphan> others = new ArrayList<>();
    for (Orphan orphan : orphans()) {
      if (orphan.kind() == Orphan.Kind.STAGING) {
        if (!orphan.alive()) {
          cleaner.hide(orphan.name()).ifPresent(hidden::add);
        }
      } else if (orphan.kind() != Orphan.Kind.DAMAGED) {
        others.add(orphan);
      }
    }
    return new Leftovers(hidden, others);
  }

  /** Files and folders that no checkpoint names, living attempts included. Nothing is changed. */
  List<Orphan> orphans() throws IOException {
    try {
      return cleaner.orphans(
          OwnerLease.aliveSessions(
              store, directory, options.applicationId(), session, options.ownerTimeout()));
    } catch (NotFound e) {
      return List.of();
    }
  }

  /** Passes only if no other session has taken the folder over. */
  void check() throws IOException {
    OwnerLease held;
    synchronized (this) {
      held = lease;
    }
    if (held != null) {
      held.check();
    }
  }

  /** Gives the folder back. */
  @Override
  public synchronized void close() throws IOException {
    OwnerLease held = lease;
    lease = null;
    if (held != null) {
      held.close();
    }
  }
}
