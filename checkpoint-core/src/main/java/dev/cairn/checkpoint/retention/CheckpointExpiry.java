package dev.cairn.checkpoint.retention;

import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.model.Orphan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Does what follows a commit: deletes the checkpoints that are not kept any more, and makes
 * TensorFlow's state file name those that are. The caller owns the folder. Thread-safe.
 */
public final class CheckpointExpiry {
  /**
   * The number of checkpoints that are checked to be whole before TensorFlow's state file names
   * them.
   */
  private static final int LOOKED_AT = 100;

  private final CommittedCheckpoints committed;
  private final CheckpointCleaner cleaner;
  private final int keep;
  private final Set<String> seen = ConcurrentHashMap.newKeySet();

  /**
   * Makes one for a run's folder.
   *
   * @param keep the number of the newest that stay; 0 keeps all
   */
  public CheckpointExpiry(CommittedCheckpoints committed, CheckpointCleaner cleaner, int keep) {
    this.committed = committed;
    this.cleaner = cleaner;
    this.keep = keep;
  }

  /**
   * Drops what expires.
   *
   * @param best the step of the run's best checkpoint, which stays, however old it is
   * @param aside names of checkpoints that are to be set aside: nothing is done to them, and the
   *     state file does not name them
   * @param read tells by name whether a checkpoint is being read: it stays as long
   */
  public void run(OptionalLong best, Set<String> aside, Predicate<String> read) throws IOException {
    List<CommittedCheckpoints.Entry> names = new ArrayList<>(committed.names());
    names.removeIf(entry -> aside.contains(entry.name().name()));
    List<CommittedCheckpoints.Entry> all = new ArrayList<>(committed(names));
    all.removeIf(entry -> aside.contains(entry.name().name()));
    List<CommittedCheckpoints.Entry> expired =
        new RetentionPolicy(keep)
            .expired(
                all,
                entry ->
                    (best.isPresent() && entry.name().step() == best.getAsLong())
                        || read.test(entry.name().name()));
    List<CommittedCheckpoints.Entry> kept = new ArrayList<>(all);
    // A set, since in a list each of thousands would be looked for among thousands.
    kept.removeAll(new HashSet<>(expired));
    // The state file first: TensorFlow must never be sent to something that is gone.
    writeState(kept);
    for (CommittedCheckpoints.Entry entry : expired) {
      cleaner.expire(entry.name().name());
    }
    Map<Long, Integer> revisions = new HashMap<>();
    all.forEach(entry -> revisions.put(entry.name().step(), entry.name().revision()));
    for (CommittedCheckpoints.Entry entry : names) {
      // Replaced in this commit, or in one that crashed before it came this far.
      if (entry.name().revision() < revisions.getOrDefault(entry.name().step(), 0)
          && !read.test(entry.name().name())) {
        cleaner.expire(entry.name().name());
      }
    }
    for (Orphan orphan : cleaner.orphans(Set.of())) {
      if (orphan.kind() == Orphan.Kind.EXPIRED || orphan.kind() == Orphan.Kind.STATE) {
        cleaner.collect(orphan);
      }
    }
  }

  private List<CommittedCheckpoints.Entry> committed(List<CommittedCheckpoints.Entry> names)
      throws IOException {
    if (keep > 0 || !stepsDiffer(names)) {
      return committed.committed();
    }
    // Each is looked at once, unless so many were there before that it would take long.
    List<CommittedCheckpoints.Entry> all = new ArrayList<>(names);
    all.removeIf(entry -> seen.contains(entry.name().name()));
    boolean tooMany = all.size() > LOOKED_AT;
    Set<String> without = new HashSet<>();
    for (CommittedCheckpoints.Entry entry : all) {
      String name = entry.name().name();
      if (tooMany || committed.hasManifest(name)) {
        seen.add(name);
      } else {
        without.add(name);
      }
    }
    all = new ArrayList<>(names);
    all.removeIf(entry -> without.contains(entry.name().name()));
    return all;
  }

  /** Makes the state file name what is there, after others have deleted something. */
  public void refreshState() throws IOException {
    if (committed.stateNamesWhatIsGone(LOOKED_AT)) {
      writeState(committed.committed());
    }
  }

  /**
   * Writes a state file that names these, oldest first, but for those whose files others have
   * deleted.
   */
  private void writeState(List<CommittedCheckpoints.Entry> kept) throws IOException {
    List<CommittedCheckpoints.Entry> whole = new ArrayList<>();
    for (CommittedCheckpoints.Entry entry : kept) {
      if (kept.size() > LOOKED_AT || committed.isWhole(entry.name().name())) {
        whole.add(entry);
      }
    }
    committed.writeState(whole, SessionIds.next());
  }

  /** Drops checkpoints by name, whatever the policy, and the ones that they have replaced. */
  public void drop(Set<String> names) throws IOException {
    Set<Long> steps = new HashSet<>();
    List<CommittedCheckpoints.Entry> kept = new ArrayList<>();
    for (CommittedCheckpoints.Entry entry : committed.committed()) {
      if (names.contains(entry.name().name())) {
        steps.add(entry.name().step());
      } else {
        kept.add(entry);
      }
    }
    writeState(kept);
    // Oldest revision first: none rises that was replaced.
    for (CommittedCheckpoints.Entry entry : committed.names()) {
      if (steps.contains(entry.name().step())) {
        cleaner.expire(entry.name().name());
      }
    }
  }

  private static boolean stepsDiffer(List<CommittedCheckpoints.Entry> names) {
    for (int i = 1; i < names.size(); i++) {
      if (names.get(i).name().step() == names.get(i - 1).name().step()) {
        return false;
      }
    }
    return true;
  }
}
