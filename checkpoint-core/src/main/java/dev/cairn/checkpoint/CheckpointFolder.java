package dev.cairn.checkpoint;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.commit.ManifestCommitter;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.Orphan;
import dev.cairn.checkpoint.model.ShardTarget;
import dev.cairn.checkpoint.retention.CheckpointCleaner;
import dev.cairn.checkpoint.retention.CheckpointExpiry;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints of one run's folder: list, begin, expire, collect.
 *
 * <p>Opening changes nothing on storage; {@link #claim}, or the first {@link #begin}, takes the
 * folder for this session and clears away what dead sessions left. Listings read storage each time.
 * Thread-safe; no I/O happens under its lock except the claim.
 */
public final class CheckpointFolder implements Closeable {

  private final CheckpointStore store;
  private final String directory;
  private final CommittedCheckpoints committed;
  private final CheckpointFinder finder;
  private final CheckpointCleaner cleaner;
  private final CheckpointExpiry expiry;
  private final FolderClaim claim;
  private final Warnings warnings;
  private final AtomicInteger attempts = new AtomicInteger();
  private final Object lock = new Object();

  /** The names of the checkpoints that {@link #newestGood} has passed over. */
  @GuardedBy("lock")
  private final Set<String> damaged = new HashSet<>();

  /** The name of the checkpoint from which the next commit goes on. */
  @GuardedBy("lock")
  private @Nullable String parent;

  private CheckpointFolder(CheckpointStore store, String directory, FolderOptions options) {
    this.store = store;
    this.directory = directory;
    this.committed = new CommittedCheckpoints(store, directory);
    this.finder = new CheckpointFinder(store, committed);
    this.cleaner = new CheckpointCleaner(store, directory);
    this.expiry = new CheckpointExpiry(committed, cleaner, options.keep());
    this.claim = new FolderClaim(store, directory, options, cleaner);
    this.warnings = new Warnings(directory);
  }

  /**
   * Opens a run's folder, which need not exist yet.
   *
   * @param directory a path or URI that Hadoop takes
   */
  public static CheckpointFolder open(String directory, FolderOptions options) throws IOException {
    String full = CheckpointStores.qualify(directory, options.hadoopProperties());
    return open(CheckpointStores.open(full, options.hadoopProperties()), full, options);
  }

  static CheckpointFolder open(CheckpointStore store, String directory, FolderOptions options) {
    return new CheckpointFolder(store, directory, options);
  }

  /** The folder, with its scheme. */
  public String directory() {
    return directory;
  }

  /** All committed checkpoints, oldest first; one whose manifest is damaged is a warning. */
  public List<CommittedCheckpoint> checkpoints() throws IOException {
    return checkpoints(warnings::add);
  }

  /**
   * All committed checkpoints, oldest first; those whose manifest is damaged are reported to {@code
   * skipped}.
   */
  public List<CommittedCheckpoint> checkpoints(Consumer<CheckpointException> skipped)
      throws IOException {
    return finder.all(skipped);
  }

  /**
   * The newest committed checkpoint. Only its manifest is read; whether its files are there is not
   * checked.
   *
   * @throws CheckpointException.Corrupt if that is damaged; {@link #newestGood} falls back
   */
  public Optional<CommittedCheckpoint> latest() throws IOException {
    return finder.latest();
  }

  /**
   * The checkpoint that a run's newest one names as the best so far, the one with the lowest
   * held-out loss; the newest itself if it names none, or if that one is gone. Only manifests are
   * read.
   */
  public Optional<CommittedCheckpoint> best() throws IOException {
    return finder.best();
  }

  /** The committed checkpoint of a step, if there is one; only its manifest is read. */
  public Optional<CommittedCheckpoint> ofStep(long step) throws IOException {
    return finder.ofStep(step);
  }

  /**
   * The newest checkpoint of which every byte was read and found good. Newer ones that were not
   * good are reported to {@code skipped} and remembered: a later {@link #begin} may write their
   * steps anew, and its commit sets them aside.
   */
  public Optional<CommittedCheckpoint> newestGood(Consumer<CheckpointException> skipped)
      throws IOException {
    Optional<CommittedCheckpoint> good = finder.newestGood(skipped, this::remember);
    if (good.isPresent()) {
      synchronized (lock) {
        parent = good.get().name();
      }
    }
    return good;
  }

  private void remember(String damagedOne) {
    synchronized (lock) {
      damaged.add(damagedOne);
    }
  }

  /**
   * Starts a checkpoint.
   *
   * @param step newer than all that are committed and were not found damaged by this folder
   * @param shards the number of its data files, at least 1
   * @throws Conflict if the step, or a newer one, is committed, or another session writes here
   */
  public PendingCheckpoint begin(long step, int shards) throws IOException {
    return begin(step, shards, false);
  }

  /**
   * Starts a checkpoint, also one of a step that is committed already.
   *
   * @param replace whether the newest step may be replaced; the old one stays whole until the new
   *     one is committed
   */
  public PendingCheckpoint begin(long step, int shards, boolean replace) throws IOException {
    if (step < 0 || shards < 1 || shards > 99_999) {
      throw new IllegalArgumentException(
          "Cannot begin checkpoint: expected a step from 0 and 1 to 99999 shards, found step="
              + step
              + " shards="
              + shards);
    }
    claim();
    CheckpointFileNames.Committed name = free(step, replace);
    String attempt = claim.session() + "-" + attempts.incrementAndGet();
    String staging = CheckpointFileNames.staging(step, attempt);
    store.makeDirectory(CheckpointFileNames.child(directory, staging));
    return new PendingCheckpoint(
        this,
        attempt,
        staging,
        name,
        shards,
        new ManifestCommitter(store, directory, staging, name.name(), attempt));
  }

  private CheckpointFileNames.Committed free(long step, boolean replace) throws IOException {
    int revision = 1;
    for (CommittedCheckpoints.Entry entry : committed.names()) {
      CheckpointFileNames.Committed other = entry.name();
      boolean bad;
      synchronized (lock) {
        bad = damaged.contains(other.name());
      }
      if (!bad && (other.step() > step || (other.step() == step && !replace))) {
        throw new Conflict(
            "Cannot begin checkpoint of step "
                + step
                + ": expected it to be the newest, found "
                + other.name()
                + " (path="
                + directory
                + "); go on from the newest one, or use another folder");
      }
      if (other.step() == step) {
        revision = other.revision() + 1;
      }
    }
    String name = CheckpointFileNames.committed(step, revision);
    return new CheckpointFileNames.Committed(name, step, revision);
  }

  /**
   * Takes the folder for this session, until it is closed. Afterwards no attempt of a dead session
   * can be committed any more, also if it turns out to have been asleep only: so claim first, then
   * look for the newest checkpoint. Does nothing if it is this session's already.
   *
   * @throws Conflict if another session that is alive has it
   */
  public void claim() throws IOException {
    Optional<FolderClaim.Leftovers> left = claim.take();
    if (left.isEmpty()) {
      return;
    }
    try {
      for (String name : left.get().hidden()) {
        cleaner.finish(name);
      }
      for (Orphan orphan : left.get().others()) {
        cleaner.collect(orphan);
      }
      expiry.refreshState();
    } catch (IOException e) {
      warnings.add("collect orphans", e);
    }
  }

  /**
   * Files and folders that no checkpoint names, living attempts included, and folders that look
   * like checkpoints but have no manifest. Nothing is changed.
   */
  public List<Orphan> orphans() throws IOException {
    List<Orphan> orphans = new ArrayList<>(claim.orphans());
    for (String name : committed.withoutManifest()) {
      orphans.add(new Orphan(name, Orphan.Kind.NO_MANIFEST, false));
    }
    return orphans;
  }

  /** Deletes the orphans that are not alive, and returns them. */
  public List<Orphan> collectOrphans() throws IOException {
    List<Orphan> gone = new ArrayList<>();
    for (Orphan orphan : claim.orphans()) {
      if (!orphan.alive()) {
        cleaner.collect(orphan);
        gone.add(orphan);
      }
    }
    return gone;
  }

  /** The removal of checkpoints on request, whatever the retention policy says. */
  public CheckpointRemoval removal() {
    return new CheckpointRemoval(this, store, committed, expiry);
  }

  ShardWriter writer(ShardTarget target) throws IOException {
    return ShardWriter.within(store, target);
  }

  /** Passes only if no other session has taken the folder over. */
  void checkOwner() throws IOException {
    claim.check();
  }

  Optional<String> parent() {
    synchronized (lock) {
      return Optional.ofNullable(parent);
    }
  }

  /** Undoes an attempt that is certainly not committed. */
  void discard(String stagingName, ManifestCommitter committer, @Nullable Throwable cause)
      throws IOException {
    try {
      cleaner.finish(CheckpointFileNames.lastPart(committer.rollback()));
    } catch (NotFound gone) {
      // The committer moved it aside already; the next pass deletes it.
    } catch (IOException e) {
      if (cause == null) {
        throw e;
      }
      cause.addSuppressed(e);
    }
  }

  /**
   * Does what follows a commit; a failure here is a warning, since the commit stands.
   *
   * @param best the step of the run's best checkpoint, which does not expire
   */
  void afterCommit(CheckpointFileNames.Committed name, OptionalLong best) {
    synchronized (lock) {
      parent = name.name();
    }
    try {
      // The state file first: it must not name what is set aside then.
      expiry.run(
          best, damaged(), old -> CheckpointPins.pinned(CheckpointFileNames.child(directory, old)));
      setDamagedAside();
    } catch (IOException e) {
      warnings.add("expire old checkpoints", e);
    }
  }

  private Set<String> damaged() {
    synchronized (lock) {
      return new HashSet<>(damaged);
    }
  }

  /**
   * Sets newer checkpoints that failed their check aside: they would otherwise outlive good ones
   * under retention.
   */
  private void setDamagedAside() throws IOException {
    for (String other : damaged()) {
      cleaner.setAside(other);
      synchronized (lock) {
        damaged.remove(other);
      }
    }
  }

  /** The failures since the last call that harmed no checkpoint: cleaning up, above all. */
  public List<CheckpointException> drainWarnings() {
    return warnings.drain();
  }

  /** Ends the session; attempts that are open are given up to the next session's cleaning. */
  @Override
  public void close() throws IOException {
    claim.close();
    store.close();
  }
}
