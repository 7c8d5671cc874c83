package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.bundle.CheckpointState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The decisions of a {@link CheckpointManager}, without any I/O: which checkpoints are listed,
 * which is the latest, and which go. By the same calls at the same times they are those of {@code
 * tf.train.CheckpointManager}: a test replays what that one has decided.
 *
 * <p>Three kinds are known: the <em>active</em> ones, which the state file lists, oldest save
 * first; the <em>held</em> ones, which have left the list and stay only as long as they are among
 * the best or somebody reads them; and those kept for good, which have left the list and are
 * forgotten, as TensorFlow does it, so that no later manager deletes them either.
 *
 * <p>Paths are relative to the folder. Times are seconds since 1970. Not thread-safe.
 */
final class ManagedCheckpoints {
  private final KeepRules rules;
  private final LinkedHashMap<String, ManagedCheckpoint> active = new LinkedHashMap<>();
  private final LinkedHashMap<String, ManagedCheckpoint> held = new LinkedHashMap<>();
  private @Nullable String latest;
  private double lastPreserved;

  private ManagedCheckpoints(KeepRules rules, @Nullable String latest, double lastPreserved) {
    this.rules = rules;
    this.latest = latest;
    this.lastPreserved = lastPreserved;
  }

  /** Those of a folder without a state file. */
  static ManagedCheckpoints none(KeepRules rules, double now) {
    // A second before: what is saved at once must lie after it.
    return new ManagedCheckpoints(rules, null, now - 1);
  }

  /**
   * Those of a folder with a state file. Checkpoints that are not younger than the last one kept
   * for good are not adopted: they may have been kept for good themselves. So none is when the
   * times are missing, or when the clock went back.
   */
  static ManagedCheckpoints recover(KeepRules rules, CheckpointState state, double now) {
    double preserved = Math.min(state.lastPreserved(), now);
    ManagedCheckpoints recovered = new ManagedCheckpoints(rules, state.latest(), preserved);
    for (int i = 0; i < state.timestamps().size(); i++) {
      double seconds = Math.min(state.timestamps().get(i), now);
      if (seconds > preserved) {
        String path = state.all().get(i);
        recovered.active.put(path, ManagedCheckpoint.of(path, seconds));
      }
    }
    return recovered;
  }

  /** The same, of which a change leaves this one as it is. */
  ManagedCheckpoints copy() {
    ManagedCheckpoints copy = new ManagedCheckpoints(rules, latest, lastPreserved);
    copy.active.putAll(active);
    copy.held.putAll(held);
    return copy;
  }

  /** Completes what is known of an active checkpoint, or adds one that is held. */
  void note(ManagedCheckpoint known, boolean isHeld) {
    ManagedCheckpoint listed = active.get(known.path());
    if (listed != null) {
      active.put(
          known.path(),
          new ManagedCheckpoint(
              known.path(),
              listed.seconds(),
              known.step(),
              known.metric(),
              known.bytes(),
              known.keep()));
    } else if (isHeld) {
      held.put(known.path(), known);
    }
  }

  /** A checkpoint was saved: it is the latest, also if one of its path was there before. */
  void saved(ManagedCheckpoint checkpoint) {
    ManagedCheckpoint unused = active.remove(checkpoint.path());
    unused = held.remove(checkpoint.path());
    active.put(checkpoint.path(), checkpoint);
    latest = checkpoint.path();
  }

  /**
   * A checkpoint was restored in place of newer ones that are damaged: those are the first to go.
   */
  void fellBack(String restored, Collection<String> damaged) {
    latest = restored;
    LinkedHashMap<String, ManagedCheckpoint> others = new LinkedHashMap<>(active);
    others.keySet().removeAll(damaged);
    active.keySet().removeAll(others.keySet());
    active.putAll(others);
  }

  /**
   * Lets go what the rules do not keep.
   *
   * @param read whether somebody reads a checkpoint, by its path
   * @return those whose files are to be deleted, oldest save first; they are not known any more
   */
  List<ManagedCheckpoint> sweep(double now, Predicate<String> read) {
    List<ManagedCheckpoint> leaving = new ArrayList<>(held.values());
    held.clear();
    while (rules.maxToKeep() > 0 && active.size() > rules.maxToKeep()) {
      leave(active.values().iterator().next(), true, leaving);
    }
    for (ManagedCheckpoint old : expired(now)) {
      leave(old, false, leaving);
    }
    Set<String> best = best(leaving);
    Predicate<String> stays = path -> best.contains(path) || read.test(path);
    List<ManagedCheckpoint> gone = new ArrayList<>();
    for (ManagedCheckpoint one : leaving) {
      if (stays.test(one.path())) {
        held.put(one.path(), one);
      } else {
        gone.add(one);
      }
    }
    spare(stays, gone);
    return gone;
  }

  /** Takes one out of the list; it is kept for good, or hands itself on to those that leave. */
  private void leave(ManagedCheckpoint oldest, boolean byNumber, List<ManagedCheckpoint> leaving) {
    ManagedCheckpoint unused = active.remove(oldest.path());
    if (rules.keepsForGood(oldest)) {
      return;
    }
    if (byNumber && rules.keepsForTime(oldest.seconds(), lastPreserved)) {
      lastPreserved = oldest.seconds();
      return;
    }
    leaving.add(oldest);
  }

  private List<ManagedCheckpoint> expired(double now) {
    List<ManagedCheckpoint> expired = new ArrayList<>(active.values());
    expired.removeIf(one -> isLatest(one) || now - one.seconds() <= rules.secondsToLive());
    return expired;
  }

  private boolean isLatest(ManagedCheckpoint one) {
    return one.path().equals(latest);
  }

  /** Lets the oldest go until all that is left takes no more than the budget. */
  private void spare(Predicate<String> stays, List<ManagedCheckpoint> gone) {
    long room = rules.bytes();
    for (ManagedCheckpoint one : held.values()) {
      room -= one.bytes();
    }
    for (ManagedCheckpoint one : active.values()) {
      room -= one.bytes();
    }
    for (ManagedCheckpoint one : List.copyOf(active.values())) {
      if (room >= 0) {
        return;
      }
      if (!isLatest(one) && !stays.test(one.path())) {
        room += one.bytes();
        leave(one, false, gone);
      }
    }
  }

  /** The paths of the best, as many as stay for it. */
  private Set<String> best(List<ManagedCheckpoint> leaving) {
    if (rules.best() == 0) {
      return Set.of();
    }
    List<ManagedCheckpoint> all = new ArrayList<>(leaving);
    all.addAll(active.values());
    Set<String> best = new HashSet<>();
    for (ManagedCheckpoint one : ranked(all).stream().limit(rules.best()).toList()) {
      best.add(one.path());
    }
    return best;
  }

  /** Those with a metric, the best first; of equal ones the later. */
  private List<ManagedCheckpoint> ranked(List<ManagedCheckpoint> all) {
    List<ManagedCheckpoint> ranked = new ArrayList<>();
    for (ManagedCheckpoint one : all) {
      if (!Double.isNaN(one.metric())) {
        ranked.add(one);
      }
    }
    ranked.sort(
        (one, other) -> {
          int byMetric = Double.compare(one.metric() + 0.0, other.metric() + 0.0);
          int ordered = rules.goal() == MetricGoal.MIN ? byMetric : -byMetric;
          return ordered != 0 ? ordered : Double.compare(other.seconds(), one.seconds());
        });
    return ranked;
  }

  /** The path of the one with the best metric of all that are known; null if none has one. */
  @Nullable String best() {
    List<ManagedCheckpoint> ranked = ranked(all());
    return ranked.isEmpty() ? null : ranked.get(0).path();
  }

  /** One that was to be deleted is still there: it is asked about again at the next sweep. */
  void stillThere(ManagedCheckpoint one) {
    held.put(one.path(), one);
  }

  /**
   * Keeps all known checkpoints of a step for good.
   *
   * @return their paths
   */
  List<String> keep(long step) {
    List<String> found = new ArrayList<>();
    for (ManagedCheckpoint one : all()) {
      if (one.step() == step) {
        found.add(one.path());
        active.computeIfPresent(one.path(), (path, listed) -> listed.kept());
        // What stays for good need not be held any more.
        ManagedCheckpoint unused = held.remove(one.path());
      }
    }
    return found;
  }

  /** Says what the files of a known checkpoint take. */
  void weigh(String path, long bytes) {
    active.computeIfPresent(path, (key, one) -> one.withBytes(bytes));
    held.computeIfPresent(path, (key, one) -> one.withBytes(bytes));
  }

  /** The steps of all that are known, for a message. */
  Set<Long> steps() {
    Set<Long> steps = new TreeSet<>();
    all().forEach(one -> steps.add(one.step()));
    return steps;
  }

  /** Those that are held and those in the list. */
  List<ManagedCheckpoint> all() {
    List<ManagedCheckpoint> all = new ArrayList<>(held.values());
    all.addAll(active.values());
    return all;
  }

  @Nullable String latest() {
    return latest;
  }

  double lastPreserved() {
    return lastPreserved;
  }

  /** The active ones, oldest save first. */
  List<ManagedCheckpoint> active() {
    return List.copyOf(active.values());
  }

  /** Those that are in no list and still there. */
  List<ManagedCheckpoint> held() {
    return List.copyOf(held.values());
  }

  /** What the state file says; asked for after a save, so that the latest is among the active. */
  CheckpointState state() {
    if (latest == null || active.isEmpty()) {
      throw new IllegalStateException("Cannot describe a folder before its first save");
    }
    return new CheckpointState(
        latest,
        List.copyOf(active.keySet()),
        active.values().stream().map(ManagedCheckpoint::seconds).toList(),
        lastPreserved);
  }
}
