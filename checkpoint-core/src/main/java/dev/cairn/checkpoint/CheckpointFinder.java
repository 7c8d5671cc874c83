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
 * Finds a run's committed checkpoints, though any of them may expire while one looks: then one
 * looks again. Reads storage each time, changes nothing and remembers nothing, hence thread-safe.
 */
final class CheckpointFinder {

  /** How often a listing begins anew because something in it expired meanwhile. */
  private static final int LISTINGS = 5;

  private final CheckpointStore store;
  private final CommittedCheckpoints committed;

  CheckpointFinder(CheckpointStore store, CommittedCheckpoints committed) {
    this.store = store;
    this.committed = committed;
  }

  /** All, oldest first; those whose manifest is damaged are told. */
  List<CommittedCheckpoint> all(Consumer<CheckpointException> skipped) throws IOException {
    List<CommittedCheckpoints.Entry> names = committed.names();
    for (int look = 1; ; look++) {
      List<CommittedCheckpoint> found = new ArrayList<>();
      List<CheckpointException> damage = new ArrayList<>();
      boolean all = load(names, found, damage);
      List<CommittedCheckpoints.Entry> now = all || look == LISTINGS ? names : committed.names();
      if (now.equals(names)) {
        damage.forEach(skipped);
        return found;
      }
      // One expired after it was listed: then there is a newer one that was not.
      names = now;
    }
  }

  /** Loads all that are checkpoints; false if one is none. */
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

  /** Storage that fails is an error of the listing; a checkpoint that is damaged is not. */
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

  /** The newest; only its manifest is read. */
  Optional<CommittedCheckpoint> latest() throws IOException {
    return newest(this::load);
  }

  /** The one that the newest names as the best; else the newest. */
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

  /** The one of a step. */
  Optional<CommittedCheckpoint> ofStep(long step) throws IOException {
    Optional<CommittedCheckpoint> found = none();
    for (CommittedCheckpoints.Entry entry : committed.names()) {
      // A replacement comes after what it replaces.
      Optional<CommittedCheckpoint> of = entry.name().step() == step ? load(entry) : none();
      found = of.isPresent() ? of : found;
    }
    return found;
  }

  /**
   * The newest of which every byte was read and found good. One of another format's version is not
   * passed over: it ends the search.
   *
   * @param skipped told why newer ones are passed over
   * @param damaged told their names
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
      throw e; // It is good for another Cairn: whoever passed over it would write in its place.
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

  /** The newest that can be loaded, though what was listed may expire before it is looked at. */
  private Optional<CommittedCheckpoint> newest(Loader loader) throws IOException {
    List<CommittedCheckpoints.Entry> names = committed.names();
    int i = names.size() - 1;
    while (i >= 0) {
      Optional<CommittedCheckpoint> checkpoint = loader.load(names.get(i));
      if (checkpoint.isPresent()) {
        return checkpoint;
      }
      // If this one expired, there are newer ones by now.
      List<CommittedCheckpoints.Entry> now = committed.names();
      i = now.equals(names) ? i - 1 : now.size() - 1;
      names = now;
    }
    return Optional.empty();
  }
}
