package dev.cairn.checkpoint;

import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Failed;
import dev.cairn.checkpoint.model.CheckpointException.UnsupportedVersion;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.store.CheckpointStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Finds a run's committed checkpoints. Any of them may expire meanwhile: then it looks again. Reads
 * storage each time, changes nothing and remembers nothing, hence thread-safe.
 */
final class CheckpointFinder {

  /** The number of times that a listing begins anew because something in it expired meanwhile. */
  private static final int LISTINGS = 5;

  /** The number of listings without a checkpoint until there is none. */
  private static final int EMPTY_LISTINGS = 3;

  private final CheckpointStore store;
  private final CommittedCheckpoints committed;

  CheckpointFinder(CheckpointStore store, CommittedCheckpoints committed) {
    this.store = store;
    this.committed = committed;
  }

  /**
   * All checkpoints, oldest first; those whose manifest is damaged are reported to {@code skipped}.
   */
  List<CommittedCheckpoint> all(Consumer<CheckpointException> skipped) throws IOException {
    List<CommittedCheckpoints.Entry> names = names();
    for (int look = 1; ; look++) {
      List<CommittedCheckpoint> found = new ArrayList<>();
      List<CheckpointException> damage = new ArrayList<>();
      boolean all = load(names, found, damage);
      List<CommittedCheckpoints.Entry> now = all || look == LISTINGS ? names : names();
      if (now.equals(names)) {
        damage.forEach(skipped);
        return found;
      }
      // One expired after it was listed: then there is a newer one that was not.
      names = now;
    }
  }

  /**
   * The names, oldest first. A local folder's listing is no snapshot: while one checkpoint takes
   * another's place, it may miss both, so none is believed only when several listings say so.
   */
  private List<CommittedCheckpoints.Entry> names() throws IOException {
    List<CommittedCheckpoints.Entry> names = committed.names();
    for (int look = 1; names.isEmpty() && look < EMPTY_LISTINGS; look++) {
      names = committed.names();
    }
    return names;
  }

  /** Loads all of them; returns false if one is not a checkpoint. */
  private boolean load(
      List<CommittedCheckpoints.Entry> names,
      List<CommittedCheckpoint> found,
      List<CheckpointException> damage)
      throws IOException {
    boolean all = true;
    for (CommittedCheckpoints.Entry entry : names) {
      try {
        Optional<CommittedCheckpoint> checkpoint = load(entry);
        all &= checkpoint.isPresent();
        if (checkpoint.isPresent()) {
          int last = found.size() - 1;
          if (last >= 0 && found.get(last).step() == checkpoint.get().step()) {
            found.remove(last);
          }
          found.add(checkpoint.get());
        }
      } catch (CheckpointException e) {
        tell(damage::add, e);
      }
    }
    return all;
  }

  /** Reports a damaged checkpoint; a failure of storage is an error of the listing. */
  private static void tell(Consumer<CheckpointException> skipped, CheckpointException e)
      throws CheckpointException {
    if (e instanceof Failed) {
      throw e;
    }
    skipped.accept(e);
  }

  private Optional<CommittedCheckpoint> load(CommittedCheckpoints.Entry entry) throws IOException {
    Optional<Manifest> manifest = committed.manifest(entry.name());
    return manifest.map(
        found -> new CommittedCheckpoint(committed.path(entry.name().name()), found.step(), found));
  }

  /** The newest checkpoint; only its manifest is read. */
  Optional<CommittedCheckpoint> latest() throws IOException {
    return newest(this::load);
  }

  /** The checkpoint that the newest one names as the best; else the newest. */
  Optional<CommittedCheckpoint> best() throws IOException {
    Optional<CommittedCheckpoint> newest = latest();
    OptionalLong step =
        newest
            .flatMap(found -> found.manifest().training())
            .map(TrainingState::bestStep)
            .orElse(OptionalLong.empty());
    Optional<CommittedCheckpoint> best = step.isPresent() ? ofStep(step.getAsLong()) : none();
    return best.isPresent() ? best : newest;
  }

  /** The checkpoint of a step. */
  Optional<CommittedCheckpoint> ofStep(long step) throws IOException {
    Optional<CommittedCheckpoint> found = none();
    for (CommittedCheckpoints.Entry entry : names()) {
      // A replacement comes after what it replaces.
      Optional<CommittedCheckpoint> of = entry.name().step() == step ? load(entry) : none();
      found = of.isPresent() ? of : found;
    }
    return found;
  }

  /**
   * The newest checkpoint of which every byte was read and found good. A checkpoint of another
   * format's version is not passed over: it ends the search.
   *
   * @param skipped receives the reasons why newer ones are passed over
   * @param damaged receives their names
   */
  Optional<CommittedCheckpoint> newestGood(
      Consumer<CheckpointException> skipped, Consumer<String> damaged) throws IOException {
    Set<String> bad = new HashSet<>();
    Consumer<String> remembered = damaged.andThen(bad::add);
    return newest(
        entry -> bad.contains(entry.name().name()) ? none() : verified(entry, skipped, remembered));
  }

  private Optional<CommittedCheckpoint> verified(
      CommittedCheckpoints.Entry entry,
      Consumer<CheckpointException> skipped,
      Consumer<String> damaged)
      throws IOException {
    String name = entry.name().name();
    try {
      Optional<CommittedCheckpoint> checkpoint = load(entry);
      if (checkpoint.isPresent()) {
        CheckpointVerifier.check(store, checkpoint.get().path());
      }
      return checkpoint;
    } catch (UnsupportedVersion e) {
      throw e; // It is good for another Cairn: a run that passed over it would write in its place.
    } catch (CheckpointException e) {
      if (committed.hasManifest(name)) {
        tell(skipped, e);
        damaged.accept(name);
      }
      return none();
    }
  }

  private static Optional<CommittedCheckpoint> none() {
    return Optional.empty();
  }

  private interface Loader {
    Optional<CommittedCheckpoint> load(CommittedCheckpoints.Entry entry) throws IOException;
  }

  /**
   * The newest checkpoint that can be loaded, though it may expire between the listing and the
   * load.
   */
  private Optional<CommittedCheckpoint> newest(Loader loader) throws IOException {
    List<CommittedCheckpoints.Entry> names = names();
    int i = names.size() - 1;
    while (i >= 0) {
      Optional<CommittedCheckpoint> checkpoint = loader.load(names.get(i));
      if (checkpoint.isPresent()) {
        return checkpoint;
      }
      // If this one expired, there are newer ones by now.
      List<CommittedCheckpoints.Entry> now = names();
      i = now.equals(names) ? i - 1 : now.size() - 1;
      names = now;
    }
    return Optional.empty();
  }
}
