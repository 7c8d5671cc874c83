package dev.cairn.checkpoint.train;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.checkpoint.Warnings;
import dev.cairn.checkpoint.bundle.CheckpointState;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.VerifyReport;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Saves the checkpoints of a program into one folder, keeps some and deletes the others: {@code
 * tf.train.CheckpointManager}, with the same verbs, the same state file and, on the same calls at
 * the same times, the same decisions. Either takes over a folder of the other.
 *
 * <pre>{@code
 * CheckpointManager manager = CheckpointManager.open(checkpoint, "runs/a", 3);
 * manager.restoreOrInitialize();
 * while (training()) {
 *   manager.save();
 * }
 * }</pre>
 *
 * <p>What it does beyond that one is asked for in the {@link CheckpointManagerBuilder}: it keeps
 * what is good by a metric or at certain steps, and lets go what is old or too much. What somebody
 * names ({@link #keep}) or reads ({@link dev.cairn.checkpoint.CheckpointPins}) stays. Before
 * anything is deleted, every byte of the new checkpoint has been read back and found good. When the
 * newest is damaged, {@link #restoreOrInitialize} takes the newest good one.
 *
 * <p>Only one manager should be active in a folder at a time; what others put into the state file
 * stays named there. Thread-safe, though saves of several threads follow each other. A checkpoint
 * that is written in the background is recorded by the thread that writes it.
 */
public final class CheckpointManager {

  /** Fills a program in that has no checkpoint to go on from. */
  @FunctionalInterface
  public interface InitFn {
    /** Called by {@link #restoreOrInitialize}. */
    void initialize() throws IOException;
  }

  private final Checkpoint checkpoint;
  private final ManagerFolder folder;
  private final ManagerSettings settings;

  /** What is saved and restored by, unless the caller has options of its own. */
  private final CheckpointOptions options;

  private final Warnings warnings;

  /** One save after the other. */
  private final Object saving = new Object();

  @GuardedBy("saving")
  private final @Nullable SaveInterval gate;

  /** One save is recorded after the other, maybe by another thread. */
  private final Object recording = new Object();

  /** Whether there is more to be remembered than the state file has room for. */
  @GuardedBy("recording")
  private boolean noted;

  private final Object lock = new Object();

  @GuardedBy("lock")
  private ManagedCheckpoints known;

  /** The paths in the state file that are not of others. */
  @GuardedBy("lock")
  private Set<String> listed;

  /** Whether the values are those of a checkpoint of this folder, or there was none. */
  @GuardedBy("lock")
  private boolean goesOn;

  CheckpointManager(Checkpoint checkpoint, String directory, ManagerSettings settings)
      throws IOException {
    this.checkpoint = checkpoint;
    this.folder = new ManagerFolder(directory, settings.folderOptions());
    this.settings = settings;
    this.options =
        CheckpointOptions.defaults()
            .withHadoopProperties(settings.folderOptions().hadoopProperties());
    this.warnings = new Warnings(folder.directory());
    this.gate = settings.gate();
    ManagerRecovery recovery = ManagerRecovery.of(folder, settings, now());
    recovery.warnings().forEach(warnings::add);
    this.noted = settings.needsNotes() || recovery.noted();
    this.known = recovery.known();
    this.listed = recovery.listed();
    this.goesOn = known.latest() == null;
  }

  /** A manager of a folder, which need not exist, that keeps so many checkpoints. */
  public static CheckpointManager open(Checkpoint checkpoint, String directory, int maxToKeep)
      throws IOException {
    return builder(checkpoint, directory).maxToKeep(maxToKeep).build();
  }

  /**
   * A manager to be described.
   *
   * @param directory a path or URI that Hadoop takes; it need not exist
   */
  public static CheckpointManagerBuilder builder(Checkpoint checkpoint, String directory) {
    return new CheckpointManagerBuilder(checkpoint, directory);
  }

  /** The folder, as it was given. */
  public String directory() {
    return folder.directory();
  }

  /** What is saved and restored. */
  public Checkpoint checkpoint() {
    return checkpoint;
  }

  /** Steps between two checkpoints; 0 for any. */
  public long checkpointInterval() {
    return settings.interval();
  }

  /** The prefix of the newest checkpoint, as it was recorded last; null if there is none. */
  public @Nullable String latestCheckpoint() {
    synchronized (lock) {
      return shown(known.latest());
    }
  }

  /** The prefix of the one with the best metric of those that are still here; null if none has. */
  public @Nullable String bestCheckpoint() {
    synchronized (lock) {
      return shown(known.best());
    }
  }

  private @Nullable String shown(@Nullable String path) {
    return path == null ? null : folder.shown(path);
  }

  /**
   * The prefixes of the checkpoints in the list, oldest save first. Those that stay for good, or
   * only because they are the best or somebody reads them, are not in it.
   */
  public List<String> checkpoints() {
    synchronized (lock) {
      return known.active().stream().map(one -> folder.shown(one.path())).toList();
    }
  }

  /** Those that have left the list and stay because they are the best or somebody reads them. */
  public List<String> held() {
    synchronized (lock) {
      return known.held().stream().map(one -> folder.shown(one.path())).toList();
    }
  }

  /** See {@link #save(Long, boolean, CheckpointOptions)}; numbered by the save counter. */
  @CanIgnoreReturnValue
  public @Nullable String save() throws IOException {
    return save(null, true, options);
  }

  /** See {@link #save(Long, boolean, CheckpointOptions)}. */
  @CanIgnoreReturnValue
  public @Nullable String save(long checkpointNumber) throws IOException {
    return save(checkpointNumber, true, options);
  }

  /**
   * Saves the program, and deletes what is not kept any more.
   *
   * @param checkpointNumber what the checkpoint is numbered by, from 0 on; null for the save
   *     counter, which is one higher afterwards in any case
   * @param checkInterval false to save though the interval since the last save is not over; the
   *     same step is never saved twice
   * @return the checkpoint's prefix; null if the interval is not over
   * @throws Conflict if the folder has checkpoints and the program was restored from none: numbered
   *     from 1 on, its own would take the place of those
   * @throws Corrupt if the new checkpoint, read back, is damaged; then it is not recorded, and
   *     nothing is deleted
   */
  @CanIgnoreReturnValue
  public @Nullable String save(
      @Nullable Long checkpointNumber, boolean checkInterval, CheckpointOptions options)
      throws IOException {
    synchronized (saving) {
      long step = -1;
      if (gate != null) {
        step = gate.step();
        if (!gate.due(step, checkInterval)) {
          return null;
        }
      }
      LongSupplier counter = settings.stepCounter();
      if (counter != null && gate == null) {
        step = counter.getAsLong();
      }
      String written = write(checkpointNumber, step, options);
      if (gate != null) {
        gate.saved(step);
      }
      return written;
    }
  }

  private String write(@Nullable Long checkpointNumber, long step, CheckpointOptions options)
      throws IOException {
    if (checkpointNumber != null && checkpointNumber < 0) {
      throw new IllegalArgumentException(
          "Cannot save checkpoint: expected a number from 0 on, found " + checkpointNumber);
    }
    if (checkpointNumber == null) {
      requireRestored();
    }
    checkpoint.sync(); // an earlier save that failed is told before this one takes a number
    long counted = checkpoint.saveCounter().increment();
    long number = checkpointNumber == null ? counted : checkpointNumber;
    String path = String.format(Locale.ROOT, "%s-%d", settings.name(), number);
    DoubleSupplier metric = settings.metric();
    ManagedCheckpoint saved =
        new ManagedCheckpoint(
            path,
            0,
            step >= 0 ? step : number,
            metric == null ? Double.NaN : metric.getAsDouble(),
            0,
            false);
    CheckpointOptions reached =
        options.hadoopProperties().isEmpty()
            ? options.withHadoopProperties(this.options.hadoopProperties())
            : options;
    return checkpoint.write(
        folder.shown(path), reached.withWriteCallback(written -> complete(saved)));
  }

  private void requireRestored() throws Conflict {
    synchronized (lock) {
      if (goesOn || checkpoint.saveCounter().get() > 0) {
        return;
      }
      throw new Conflict(
          "Cannot save checkpoint: expected a program that goes on from "
              + shown(known.latest())
              + ", found one that was restored from no checkpoint, whose numbers begin at 1 (path="
              + directory()
              + "); call restoreOrInitialize first, number the checkpoints yourself, or use another"
              + " folder");
    }
  }

  /** Called when all files of a checkpoint are complete. */
  private void complete(ManagedCheckpoint written) throws IOException {
    synchronized (recording) {
      long bytes = settings.rules().bytes() < Long.MAX_VALUE ? folder.bytes(written.path()) : 0;
      ManagedCheckpoint saved = written.at(now()).withBytes(bytes);
      ManagedCheckpoints next;
      synchronized (lock) {
        next = known.copy();
      }
      next.saved(saved);
      CheckpointState before = next.state();
      List<ManagedCheckpoint> gone = next.sweep(saved.seconds(), folder::isRead);
      if (!gone.isEmpty() && settings.verify()) {
        verify(saved.path());
      }
      // First the new one, beside those that go: a crash must not lose sight of any.
      writeState(before, saved.path());
      synchronized (lock) {
        known = next;
        goesOn = true;
      }
      for (ManagedCheckpoint one : gone) {
        delete(one, next);
      }
      if (noted || !next.held().isEmpty()) {
        noted = true;
        folder.writeNotes(ManagerNotes.of(next));
      }
      if (!next.state().equals(before)) {
        writeState(next.state(), saved.path());
      }
    }
  }

  private void verify(String path) throws IOException {
    VerifyReport report = folder.verify(path);
    if (!report.good()) {
      throw new Corrupt(
          "Cannot save checkpoint: it was written, and read back it is damaged: "
              + report.damages().get(0)
              + " (path="
              + folder.shown(path)
              + "); older ones stay as they are; see what is wrong with the storage");
    }
  }

  private void writeState(CheckpointState state, String saved) throws IOException {
    Set<String> mine;
    synchronized (lock) {
      mine = new HashSet<>(listed);
    }
    mine.add(saved);
    folder.writeState(state, mine);
    synchronized (lock) {
      listed = Set.copyOf(state.all());
    }
  }

  /** What cannot be deleted is tried again at the next save: the new checkpoint is good. */
  private void delete(ManagedCheckpoint one, ManagedCheckpoints next) {
    try {
      folder.delete(one.path());
    } catch (IOException e) {
      warnings.add("delete checkpoint " + one.path(), e);
      synchronized (lock) {
        next.stillThere(one);
      }
    }
  }

  /**
   * Restores the newest good checkpoint. Where the newest is damaged or gone, older ones are tried,
   * those that were passed over are told ({@link #drainWarnings}), and go first at the next saves.
   * Where there is none at all, the program is filled in by {@code initFn}, if there is one.
   *
   * @return the prefix of the checkpoint that was restored; null if there is none
   * @throws CheckpointException of the newest, if all are damaged or gone: a program that began
   *     anew would overwrite what may yet be saved
   * @throws dev.cairn.checkpoint.model.CheckpointException.Mismatch if the newest good one is of
   *     another program; no older one is tried
   */
  @CanIgnoreReturnValue
  public @Nullable String restoreOrInitialize() throws IOException {
    checkpoint.sync();
    Set<String> candidates = candidates();
    if (candidates.isEmpty()) {
      InitFn initFn = settings.initFn();
      if (initFn != null) {
        initFn.initialize();
      }
      return null;
    }
    List<CheckpointException> damages = new ArrayList<>();
    List<String> damaged = new ArrayList<>();
    for (String path : candidates) {
      try {
        checkpoint.restore(folder.shown(path), options);
      } catch (Corrupt | NotFound e) {
        damages.add(e);
        damaged.add(path);
        continue;
      }
      damages.forEach(warnings::add);
      restored(path, damaged);
      return folder.shown(path);
    }
    CheckpointException first = damages.get(0);
    damages.stream().skip(1).forEach(first::addSuppressed);
    throw first;
  }

  /** All that might be restored, the newest first. */
  private Set<String> candidates() throws IOException {
    List<ManagedCheckpoint> listed = new ArrayList<>();
    Set<String> candidates = new LinkedHashSet<>();
    synchronized (lock) {
      if (known.latest() == null) {
        return candidates;
      }
      candidates.add(known.latest());
      listed.addAll(known.held());
      listed.addAll(known.active());
    }
    for (int i = listed.size() - 1; i >= 0; i--) {
      candidates.add(listed.get(i).path());
    }
    List<ManagedCheckpoint> lying = folder.lyingThere(settings.name());
    for (int i = lying.size() - 1; i >= 0; i--) {
      candidates.add(lying.get(i).path());
    }
    return candidates;
  }

  private void restored(String path, List<String> damaged) {
    synchronized (saving) {
      if (gate != null) {
        gate.saved(gate.step());
      }
    }
    long number = number(path);
    synchronized (recording) {
      synchronized (lock) {
        goesOn = true;
        if (!damaged.isEmpty()) {
          ManagedCheckpoints next = known.copy();
          next.fellBack(path, damaged);
          known = next;
        }
      }
    }
    // TensorFlow's manager leaves 0 in files that it writes in the background.
    if (checkpoint.saveCounter().get() == 0 && number > 0) {
      checkpoint.saveCounter().set(number);
    }
  }

  private long number(String path) {
    String begin = settings.name() + "-";
    String rest = path.startsWith(begin) ? path.substring(begin.length()) : "";
    return rest.matches("[0-9]{1,18}") ? Long.parseLong(rest) : 0;
  }

  /**
   * Keeps the checkpoints of a step for good: they leave the list as others do, and no manager of
   * Cairn deletes them. Of TensorFlow's manager they are safe once they have left the list.
   *
   * @param step the step counter when they were saved; without one their number
   * @return their prefixes
   * @throws NotFound if none is known of that step
   */
  @CanIgnoreReturnValue
  public List<String> keep(long step) throws IOException {
    synchronized (recording) {
      List<String> kept;
      ManagedCheckpoints next;
      synchronized (lock) {
        next = known.copy();
        kept = next.keep(step);
        if (kept.isEmpty()) {
          throw new NotFound(
              "Cannot keep the checkpoint of step "
                  + step
                  + ": expected the step of one that is here, found those of "
                  + next.steps()
                  + " (path="
                  + directory()
                  + ")");
        }
        known = next;
      }
      noted = true;
      folder.writeNotes(ManagerNotes.of(next));
      return kept.stream().map(folder::shown).toList();
    }
  }

  /** Waits until what is saved in the background is complete; its failure is told here. */
  public void sync() throws IOException {
    checkpoint.sync();
  }

  /**
   * What has happened since the last call that harmed nothing: damaged checkpoints that were passed
   * over, files that could not be deleted, an odd state file.
   */
  public List<CheckpointException> drainWarnings() {
    return warnings.drain();
  }

  private double now() {
    Instant now = settings.clock().instant();
    return now.getEpochSecond() + now.getNano() / 1e9;
  }
}
