package dev.cairn.checkpoint;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.checkpoint.commit.ManifestCommitter;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.CheckpointException.StateUnknown;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.ShardReport;
import dev.cairn.checkpoint.model.ShardTarget;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint that was started. It records which shards still owe a report, and is committed or
 * given up once. Thread-safe: reports may come from any thread, also while it is committed; no I/O
 * happens under its lock.
 */
public final class PendingCheckpoint {

  private enum State {
    OPEN,
    COMMITTING,
    UNKNOWN,
    COMMITTED,
    ABORTED
  }

  private final CheckpointFolder folder;
  private final String attempt;
  private final String stagingName;
  private final CheckpointFileNames.Committed name;
  private final int shards;
  private final ManifestCommitter committer;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final SortedMap<Integer, ShardReport> reports = new TreeMap<>();

  @GuardedBy("lock")
  private State state = State.OPEN;

  @GuardedBy("lock")
  private @Nullable Manifest prepared;

  PendingCheckpoint(
      CheckpointFolder folder,
      String attempt,
      String stagingName,
      CheckpointFileNames.Committed name,
      int shards,
      ManifestCommitter committer) {
    this.folder = folder;
    this.attempt = attempt;
    this.stagingName = stagingName;
    this.name = name;
    this.shards = shards;
    this.committer = committer;
  }

  /** The step whose state is written. */
  public long step() {
    return name.step();
  }

  /** The name of this attempt, repeated in every report. */
  public String attempt() {
    return attempt;
  }

  /** The target of a shard's writer. */
  public ShardTarget target(int shard) {
    return new ShardTarget(
        CheckpointFileNames.child(folder.directory(), stagingName), attempt, shard, shards);
  }

  /**
   * Opens the file of a shard that is written here: the object graph and everything else that no
   * executor holds. Its report is handed in like any other.
   */
  public ShardWriter writer(int shard) throws IOException {
    return folder.writer(target(shard));
  }

  /** Accepts a shard's report that its file is durable. */
  public ReportResult report(ShardReport report) {
    boolean ours =
        report.attempt().equals(attempt)
            && report.shard() >= 0
            && report.shard() < shards
            && report
                .file()
                .name()
                .equals(
                    CheckpointFileNames.data(
                        CheckpointFileNames.VARIABLES, report.shard(), shards));
    if (!ours) {
      return ReportResult.UNKNOWN;
    }
    synchronized (lock) {
      if (state != State.OPEN) {
        return ReportResult.LATE;
      }
      return reports.putIfAbsent(report.shard(), report) == null
          ? ReportResult.ACCEPTED
          : ReportResult.DUPLICATE;
    }
  }

  /** The shards that have not reported. */
  public Set<Integer> missing() {
    Set<Integer> missing = new TreeSet<>();
    synchronized (lock) {
      for (int shard = 0; shard < shards; shard++) {
        if (!reports.containsKey(shard)) {
          missing.add(shard);
        }
      }
    }
    return missing;
  }

  /**
   * Commits the checkpoint. Afterwards old ones expire; a failure to do so is a warning of the
   * folder ({@link CheckpointFolder#drainWarnings}), not an error of the commit.
   *
   * @throws StateUnknown if it is not known whether it is committed; nothing was deleted, and
   *     calling this again looks again
   * @throws IOException of any other kind: it is not committed and never will be; already given up
   */
  public CommittedCheckpoint commit(
      @Nullable TrainingState training, String applicationId, SortedMap<String, Long> phaseMillis)
      throws IOException {
    SortedMap<Integer, ShardReport> complete = start();
    Manifest manifest;
    try {
      manifest = prepare(complete, training, applicationId, phaseMillis);
      committer.commit();
    } catch (StateUnknown e) {
      enter(State.UNKNOWN);
      throw e;
    } catch (IOException | RuntimeException e) {
      enter(State.ABORTED);
      folder.discard(stagingName, committer, e);
      throw e;
    }
    enter(State.COMMITTED);
    folder.afterCommit(name, training == null ? OptionalLong.empty() : training.bestStep());
    return new CommittedCheckpoint(
        CheckpointFileNames.child(folder.directory(), name.name()), name.step(), manifest);
  }

  private SortedMap<Integer, ShardReport> start() throws Mismatch {
    Set<Integer> missing = missing();
    synchronized (lock) {
      if (state != State.OPEN && state != State.UNKNOWN) {
        throw new IllegalStateException(
            "Cannot commit checkpoint of step " + step() + ": it is " + state + " already");
      }
      if (!missing.isEmpty()) {
        throw new Mismatch(
            "Cannot commit checkpoint of step "
                + step()
                + ": expected reports of "
                + shards
                + " shards, found none of "
                + missing
                + "; wait for them or give the attempt up");
      }
      state = State.COMMITTING;
      return new TreeMap<>(reports);
    }
  }

  private Manifest prepare(
      SortedMap<Integer, ShardReport> complete,
      @Nullable TrainingState training,
      String applicationId,
      SortedMap<String, Long> phaseMillis)
      throws IOException {
    Manifest before;
    synchronized (lock) {
      before = prepared;
    }
    if (before != null) {
      return before;
    }
    Manifest made =
        committer.prepare(
            complete.values(),
            contents ->
                new Manifest(
                    Manifest.FORMAT_VERSION,
                    attempt,
                    name.step(),
                    Instant.now().truncatedTo(ChronoUnit.MILLIS),
                    contents.index(),
                    contents.files(),
                    contents.variables(),
                    contents.slices(),
                    Optional.ofNullable(training),
                    folder.parent(),
                    applicationId,
                    phaseMillis));
    // Not again when a commit is tried again: nobody who takes over overlooks this attempt now.
    folder.checkOwner();
    synchronized (lock) {
      prepared = made;
    }
    return made;
  }

  private void enter(State next) {
    synchronized (lock) {
      state = next;
    }
  }

  /**
   * Gives the attempt up: its files go, its late reports are refused. Does nothing to a committed
   * one, nor to one of which that is not known.
   */
  public void abort() throws IOException {
    synchronized (lock) {
      if (state != State.OPEN) {
        return;
      }
      state = State.ABORTED;
    }
    folder.discard(stagingName, committer, null);
  }
}
