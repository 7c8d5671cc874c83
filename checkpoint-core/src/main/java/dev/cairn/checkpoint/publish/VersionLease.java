package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.RunResult;
import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.concurrent.NamedThreads;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Failed;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoreOutput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a published version from being collected while somebody reads it.
 *
 * <pre>{@code
 * try (VersionLease lease = VersionLease.take("hdfs://nn/models/flights", options)) {
 *   score(lease.checkpoint());        // all of it stays there until the end of the block
 * }
 * }</pre>
 *
 * <p>A lease is a file in the model's folder that is touched while its reader lives. A reader makes
 * the file first, then looks whether its version was collected; who collects says so first ({@code
 * history/N.json}), then looks for such files. So at least one of the two sees the other: the
 * reader turns away and takes the version that is in use now, or the collection leaves the folder
 * for a later one. A reader that has given no sign of life for {@link #TIMEOUT} counts as dead.
 *
 * <p>A reader that may not write in the model's folder has no lease: it is warned, and has the
 * grace period of collections alone. Thread-safe.
 */
public final class VersionLease implements Closeable {
  /** The time without a sign of life after which a reader counts as dead. */
  public static final Duration TIMEOUT = Duration.ofMinutes(10);

  private static final System.Logger LOG = System.getLogger(VersionLease.class.getName());
  private static final int HEARTBEATS_PER_TIMEOUT = 5;

  /**
   * The number of times that a reader looks anew because versions are collected before its eyes.
   */
  private static final int LOOKS = 20;

  private final String checkpoint;
  private final Optional<ModelVersion> version;
  private final @Nullable ModelFolder model;
  private final @Nullable Sign sign;
  private final boolean closesModel;

  private VersionLease(
      String checkpoint,
      Optional<ModelVersion> version,
      @Nullable ModelFolder model,
      @Nullable Sign sign,
      boolean closesModel) {
    this.checkpoint = checkpoint;
    this.version = version;
    this.model = model;
    this.sign = sign;
    this.closesModel = closesModel;
  }

  /**
   * Takes what a path means for reading. A checkpoint that is no published version is found too,
   * and needs no lease.
   *
   * @param path as {@link RunResult#find} takes it: {@code MODELS/name}, {@code MODELS/name@label},
   *     {@code MODELS/name/42}, a run's folder, a checkpoint
   * @throws CheckpointException if there is none, if it was collected, or its record is damaged or
   *     gone; the message says which version is good
   */
  public static VersionLease take(String path, FolderOptions options) throws IOException {
    long refused = 0;
    for (int look = 1; ; look++) {
      String found = RunResult.find(path, options);
      String folder = Folders.parent(found).orElse("");
      OptionalLong number = number(found, folder);
      if (number.isEmpty() || !isVersion(folder, options)) {
        return new VersionLease(found, Optional.empty(), null, null, false);
      }
      ModelFolder model = ModelFolder.open(Folders.parent(folder).orElseThrow(), options);
      try {
        return hold(model, number.getAsLong(), true);
      } catch (NotFound e) {
        model.close();
        if (refused == number.getAsLong() || look == LOOKS) {
          throw e;
        }
        refused = number.getAsLong();
      } catch (IOException | RuntimeException e) {
        model.close();
        throw e;
      }
    }
  }

  /** Whether a folder is a version's, whose record somebody may have removed. */
  private static boolean isVersion(String folder, FolderOptions options) throws IOException {
    return Folders.exists(Folders.child(folder, CheckpointFileNames.SAVED_MODEL), options)
        || Folders.exists(VersionRecords.recordPath(folder), options);
  }

  /** The number of the version whose checkpoint this is, by its path. */
  private static OptionalLong number(String checkpoint, String folder) {
    String name = Folders.name(folder);
    boolean version =
        Folders.name(checkpoint).equals(CheckpointFileNames.VARIABLES)
            && name.matches("[0-9]{1,18}")
            && Folders.parent(folder).isPresent();
    return version ? OptionalLong.of(Long.parseLong(name)) : OptionalLong.empty();
  }

  /** Takes the version in use, or one of a number. */
  static VersionLease hold(ModelFolder model, OptionalLong wanted) throws IOException {
    long refused = 0;
    for (int look = 1; ; look++) {
      long number = wanted.isPresent() ? wanted.getAsLong() : model.requireCurrent();
      try {
        return hold(model, number, false);
      } catch (NotFound e) {
        if (refused == number || look == LOOKS) {
          throw e;
        }
        refused = number;
      }
    }
  }

  private static VersionLease hold(ModelFolder model, long number, boolean closesModel)
      throws IOException {
    Sign sign = Sign.give(model, number);
    try {
      ModelVersion version = model.version(number);
      return new VersionLease(version.checkpoint(), Optional.of(version), model, sign, closesModel);
    } catch (CheckpointException e) {
      sign.close();
      throw model.records().isCollected(number) ? e : model.records().advised(e, number);
    } catch (IOException | RuntimeException e) {
      sign.close();
      throw e;
    }
  }

  /** The checkpoint to read, with its scheme. */
  public String checkpoint() {
    return checkpoint;
  }

  /** The version; empty if the path is that of a checkpoint which nobody has published. */
  public Optional<ModelVersion> version() {
    return version;
  }

  /**
   * The same error, with the version that is good in its place: for a reader that finds damage in
   * the checkpoint. Errors of other kinds stay what they are.
   */
  public CheckpointException advised(CheckpointException error) {
    return model == null || version.isEmpty()
        ? error
        : model.records().advised(error, version.get().number());
  }

  /** Gives a sign of life, as happens by the clock. */
  void touch() {
    if (sign != null) {
      sign.touch();
    }
  }

  /** Gives the version up; a second call does nothing. */
  @Override
  public void close() throws IOException {
    if (sign != null) {
      sign.close();
    }
    if (model != null && closesModel) {
      model.close();
    }
  }

  /** The readers' file of a version that is alive, if there is one: its name. */
  static Optional<String> living(CheckpointStore store, String model, long number, long nowMillis)
      throws IOException {
    for (StoredFile file : store.list(model)) {
      boolean young = nowMillis - file.modifiedMillis() < TIMEOUT.toMillis();
      if (young && CheckpointFileNames.readVersion(file.name()).equals(OptionalLong.of(number))) {
        return Optional.of(file.name());
      }
    }
    return Optional.empty();
  }

  /** Deletes the files of readers that count as dead. */
  static void sweep(CheckpointStore store, String model, long nowMillis) throws IOException {
    for (StoredFile file : store.list(model)) {
      boolean dead = nowMillis - file.modifiedMillis() >= TIMEOUT.toMillis();
      if (dead && CheckpointFileNames.readVersion(file.name()).isPresent()) {
        boolean unused = store.delete(CheckpointFileNames.child(model, file.name()));
      }
    }
  }

  /** The file, and the clock that touches it. */
  private static final class Sign {
    private final CheckpointStore store;
    private final String path;
    private final @Nullable ScheduledExecutorService heartbeat;

    private Sign(CheckpointStore store, String path, @Nullable ScheduledExecutorService heartbeat) {
      this.store = store;
      this.path = path;
      this.heartbeat = heartbeat;
    }

    static Sign give(ModelFolder model, long number) throws IOException {
      CheckpointStore store = model.store();
      String name = CheckpointFileNames.reader(number, SessionIds.next());
      String path = CheckpointFileNames.child(model.path(), name);
      try (StoreOutput out = store.create(path)) {
        out.write(ByteBuffer.wrap(VersionDraft.who().getBytes(StandardCharsets.UTF_8)));
      } catch (IOException e) {
        if (!(e instanceof Failed)) {
          take(store, path);
          throw e;
        }
        LOG.log(
            System.Logger.Level.WARNING,
            "Version {0} of {1} is read without a lease, only the grace period of collections keeps"
                + " it: {2}",
            Long.toString(number),
            model.path(),
            e.getMessage());
        return new Sign(store, path, null);
      }
      ScheduledExecutorService clock = NamedThreads.clock("cairn-reader-" + number);
      Sign sign = new Sign(store, path, clock);
      long period = TIMEOUT.toMillis() / HEARTBEATS_PER_TIMEOUT;
      var unused = clock.scheduleAtFixedRate(sign::touch, period, period, TimeUnit.MILLISECONDS);
      return sign;
    }

    private void touch() {
      try {
        store.touch(path);
      } catch (IOException | RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "No sign of life at {0}: {1}", path, e.toString());
      }
    }

    void close() {
      if (heartbeat == null || heartbeat.isShutdown()) {
        return;
      }
      heartbeat.shutdownNow();
      take(store, path);
    }

    private static void take(CheckpointStore store, String path) {
      try {
        boolean unused = store.delete(path);
      } catch (IOException e) {
        LOG.log(System.Logger.Level.WARNING, "Left behind: {0}: {1}", path, e.getMessage());
      }
    }
  }
}
