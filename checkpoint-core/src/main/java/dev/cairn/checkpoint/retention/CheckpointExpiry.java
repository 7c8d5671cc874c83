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

/**
 * What follows a commit: the checkpoints that are not kept any more go, and TensorFlow's state file
 * names those that are. Holds no state; whoever calls it owns the folder.
 */
public final class CheckpointExpiry {
  private final CommittedCheckpoints committed;
  private final CheckpointCleaner cleaner;
  private final int keep;

  /**
   * For one run's folder.
   *
   * @param keep how many of the newest stay; 0 keeps all
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
   */
  public void run(OptionalLong best) throws IOException {
    List<CommittedCheckpoints.Entry> names = committed.names();
    List<CommittedCheckpoints.Entry> all =
        keep == 0 && stepsDiffer(names) ? names : committed.committed();
    List<CommittedCheckpoints.Entry> expired =
        new RetentionPolicy(keep)
            .expired(all, entry -> best.isPresent() && entry.name().step() == best.getAsLong());
    List<CommittedCheckpoints.Entry> kept = new ArrayList<>(all);
    // A set: in a list each of thousands would be looked for among thousands.
    kept.removeAll(new HashSet<>(expired));
    // The state file first: TensorFlow must never be sent to something that is gone.
    committed.writeState(kept, SessionIds.next());
    for (CommittedCheckpoints.Entry entry : expired) {
      cleaner.expire(entry.name().name());
    }
    Map<Long, Integer> revisions = new HashMap<>();
    all.forEach(entry -> revisions.put(entry.name().step(), entry.name().revision()));
    for (CommittedCheckpoints.Entry entry : names) {
      // Replaced in this commit, or in one that crashed before it came this far.
      if (entry.name().revision() < revisions.getOrDefault(entry.name().step(), 0)) {
        cleaner.expire(entry.name().name());
      }
    }
    for (Orphan orphan : cleaner.orphans(Set.of())) {
      if (orphan.kind() == Orphan.Kind.EXPIRED || orphan.kind() == Orphan.Kind.STATE) {
        cleaner.collect(orphan);
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
