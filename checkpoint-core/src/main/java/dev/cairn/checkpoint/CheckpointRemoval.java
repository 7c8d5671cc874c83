package dev.cairn.checkpoint;

import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.retention.CheckpointExpiry;
import dev.cairn.checkpoint.store.CheckpointStore;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Drops checkpoints on request, not because they expired. The folder is taken for this session
 * first, so a living run is not disturbed. TensorFlow's state file is written before anything is
 * deleted. Thread-safe.
 */
public final class CheckpointRemoval {

  private final CheckpointFolder folder;
  private final CheckpointStore store;
  private final CommittedCheckpoints committed;
  private final CheckpointExpiry expiry;

  CheckpointRemoval(
      CheckpointFolder folder,
      CheckpointStore store,
      CommittedCheckpoints committed,
      CheckpointExpiry expiry) {
    this.folder = folder;
    this.store = store;
    this.committed = committed;
    this.expiry = expiry;
  }

  /**
   * Drops checkpoints for good, with earlier ones of the same step that they replaced.
   *
   * @param names such as {@code ckpt-1200}
   * @throws NotFound if one of them is not there; then nothing is dropped
   * @throws Conflict if none would be left, or another session that is alive has the folder
   */
  public void remove(Set<String> names) throws IOException {
    requireAll(names);
    folder.claim();
    List<String> there = requireAll(names);
    if (names.containsAll(there)) {
      throw new Conflict(
          "Cannot remove "
              + String.join(", ", new TreeSet<>(names))
              + ": expected that one checkpoint stays, found no other (path="
              + folder.directory()
              + "); delete the folder itself if nothing of it is needed");
    }
    expiry.drop(names);
  }

  /**
   * Drops all checkpoints that are newer than one, which is read and verified first.
   *
   * @param name such as {@code ckpt-1200}
   * @return the names of those that were dropped, oldest first
   * @throws CheckpointException.Corrupt if the one to go back to is damaged; nothing is dropped
   * @throws Conflict if another session that is alive has the folder
   */
  public List<String> rollback(String name) throws IOException {
    requireAll(Set.of(name));
    folder.claim();
    CheckpointVerifier.check(store, committed.path(name));
    List<String> there = requireAll(Set.of(name));
    List<String> newer = List.copyOf(there.subList(there.indexOf(name) + 1, there.size()));
    if (!newer.isEmpty()) {
      expiry.drop(Set.copyOf(newer));
    }
    return newer;
  }

  /** All names that are there; fails unless these are among them. */
  private List<String> requireAll(Set<String> names) throws IOException {
    List<String> there = committed.committed().stream().map(entry -> entry.name().name()).toList();
    Set<String> missing = new TreeSet<>(names);
    there.forEach(missing::remove);
    if (!missing.isEmpty()) {
      throw new NotFound(
          "Cannot find "
              + String.join(", ", missing)
              + ": expected names of this folder's checkpoints, found "
              + (there.isEmpty() ? "none" : String.join(", ", there))
              + " (path="
              + folder.directory()
              + ")");
    }
    return there;
  }
}
