package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.commit.OwnerLease;
import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Fenced;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;

/**
 * The right to change a model's folder, one session at a time, for the moment that a change takes.
 * Who finds another one at it waits for its end, or for the time after which it counts as dead.
 * Thread-safe.
 */
final class FolderLock implements Closeable {
  private static final System.Logger LOG = System.getLogger(FolderLock.class.getName());

  /** Times that somebody waits within the time after which an owner counts as dead. */
  private static final int LOOKS = 60;

  /** How to wait; tests wait in another way. */
  interface Pause {
    void run(long millis) throws IOException;
  }

  private final CheckpointStore store;
  private final String path;
  private final String session;
  private final OwnerLease lease;

  private FolderLock(CheckpointStore store, String path, String session, OwnerLease lease) {
    this.store = store;
    this.path = path;
    this.session = session;
    this.lease = lease;
  }

  /**
   * Takes the folder, which is made if it is not there.
   *
   * @throws Conflict if somebody else has it for longer than a dead one could
   */
  static FolderLock claim(CheckpointStore store, String path, FolderOptions options, Pause pause)
      throws IOException {
    store.makeDirectories(path);
    long step = Math.max(1, options.ownerTimeout().toMillis() / LOOKS);
    for (int look = 1; ; look++) {
      String session = SessionIds.next();
      try {
        return new FolderLock(
            store,
            path,
            session,
            OwnerLease.claim(
                store, path, session, options.applicationId(), options.ownerTimeout()));
      } catch (Conflict e) {
        if (look > LOOKS) {
          throw new Conflict(
              "Cannot change a model's folder: another session is at it (path="
                  + path
                  + "); look at the history when it has ended, and begin again from there",
              e);
        }
      }
      // Two who have seen each other must not meet again: each waits for a time of its own.
      pause.run(step + Math.floorMod((long) session.hashCode(), step));
    }
  }

  static void sleep(long millis) throws InterruptedIOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while another session changes the folder");
    }
  }

  /**
   * Passes only if this session still has the folder.
   *
   * @throws Fenced if it was taken for dead
   */
  void check() throws IOException {
    lease.check();
  }

  /** The present by the storage's clock, or a little before. */
  long nowMillis() throws IOException {
    String own = CheckpointFileNames.child(path, CheckpointFileNames.owner(session));
    return store
        .stat(own)
        .map(StoredFile::modifiedMillis)
        .orElseThrow(() -> new Fenced("Cannot go on: another session has the folder " + path));
  }

  /** Gives the folder up; what was done stays done if that fails. */
  @Override
  public void close() {
    try {
      lease.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "Left behind in {0}: {1}", path, e.getMessage());
    }
  }
}
