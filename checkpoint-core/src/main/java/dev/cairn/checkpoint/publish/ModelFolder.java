package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.ModelVersions;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.model.VersionRecord.Origin;
import dev.cairn.checkpoint.model.VersionRecord.UsedData;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A model's folder: its published versions, each a SavedModel in a folder whose name is its number,
 * as TensorFlow Serving finds them. This package's description has the layout and the protocol.
 *
 * <p>One thread at a time. Any number of processes may read and publish at the same time: a version
 * appears by one rename, and of two that make the same number one is refused.
 */
public final class ModelFolder implements Closeable {
  private final CheckpointStore store;
  private final String path;
  private final FolderOptions options;
  private final Clock clock;
  private final FolderLock.Pause pause;
  private final VersionRecords records;

  ModelFolder(
      CheckpointStore store,
      String path,
      FolderOptions options,
      Clock clock,
      FolderLock.Pause pause) {
    this.store = store;
    this.path = path;
    this.options = options;
    this.clock = clock;
    this.pause = pause;
    this.records = new VersionRecords(store, path);
  }

  /**
   * Opens a folder, which need not exist: it is made by the first version.
   *
   * @param path a path or URI that Hadoop takes; its last part is the model's name
   */
  public static ModelFolder open(String path, FolderOptions options) throws IOException {
    String full = Folders.qualify(path, options);
    if (Folders.name(full).isEmpty()) {
      throw new NotFound(
          "Cannot open a model's folder: expected a folder within another one, found the root"
              + " (path="
              + full
              + ")");
    }
    CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties());
    return new ModelFolder(store, full, options, Clock.systemUTC(), FolderLock::sleep);
  }

  /** The full path. */
  public String path() {
    return path;
  }

  /** The model's name: the last part of its path. */
  public String name() {
    return Folders.name(path);
  }

  CheckpointStore store() {
    return store;
  }

  FolderOptions options() {
    return options;
  }

  Clock clock() {
    return clock;
  }

  VersionRecords records() {
    return records;
  }

  /** The numbers of the versions that are there, ascending, whoever made them. */
  public List<Long> numbers() throws IOException {
    return List.copyOf(records.folders().keySet());
  }

  /** The number of the version in use, which may be damaged; empty if nothing was published. */
  public OptionalLong inUse() throws IOException {
    return ModelVersions.current(store, path);
  }

  /**
   * The version in use: that of the label {@code stable}, if {@code models.config} has it, else the
   * highest number. Empty if nothing was published.
   *
   * @throws CheckpointException if it is damaged, or none of Cairn's; the message says which
   *     version is good
   */
  public Optional<ModelVersion> current() throws IOException {
    OptionalLong number = inUse();
    if (number.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(version(number.getAsLong()));
    } catch (Corrupt | NotFound e) {
      throw records.advised(e, number.getAsLong());
    }
  }

  long requireCurrent() throws IOException {
    return inUse()
        .orElseThrow(
            () ->
                new NotFound(
                    "Cannot use model " + name() + ": nothing was published (path=" + path + ")"));
  }

  /** The highest number that is there; 0 if none is. */
  long newest() throws IOException {
    SortedMap<Long, String> there = ModelVersions.list(store, path);
    return there.isEmpty() ? 0 : there.lastKey();
  }

  /** The labels and their versions; empty without {@code models.config}. */
  public Optional<ServingConfig> config() throws IOException {
    return ModelVersions.config(store, path);
  }

  /**
   * A version.
   *
   * @throws NotFound if there is none, or it is none of Cairn's
   * @throws Corrupt if its record is damaged
   */
  public ModelVersion version(long number) throws IOException {
    return records.version(number);
  }

  /**
   * Takes a version for reading: it is not collected until the lease is closed.
   *
   * @param number empty for the version in use
   * @throws NotFound if there is none, or it was collected
   */
  public VersionLease read(OptionalLong number) throws IOException {
    return VersionLease.hold(this, number);
  }

  /**
   * The records of all that was ever published, and what is wrong with those that cannot be read.
   */
  public VersionHistory wholeHistory() throws IOException {
    return records.history();
  }

  /** The records of {@link #wholeHistory} that can be read, by number. */
  public SortedMap<Long, VersionRecord> history() throws IOException {
    return wholeHistory().versions();
  }

  /**
   * The version among a version's ancestors, itself included, that was trained on some of these
   * rows; empty if none was, as far as the records tell: they end at a version of which nothing is
   * left, as in a folder to which versions were copied. What was rolled back is no ancestor.
   *
   * @throws Conflict if the record of an ancestor that could tell is damaged
   */
  public Optional<VersionRecord> user(VersionRecord of, UsedData data) throws IOException {
    return records.user(of, data);
  }

  /**
   * Reads every byte of a version.
   *
   * @throws Corrupt naming the first damage, and a version that is good
   */
  public void verify(ModelVersion version) throws IOException {
    try {
      records.check(version);
    } catch (Corrupt e) {
      throw records.advised(e, version.number());
    }
  }

  /**
   * Begins a version: takes its number and makes a hidden folder for it. Others may do so at the
   * same time; whoever commits first has the number.
   */
  public VersionDraft begin() throws IOException {
    OptionalLong previous = inUse();
    return VersionDraft.begin(this, previous, nextNumber());
  }

  private long nextNumber() throws IOException {
    NavigableSet<Long> gone = records.collected();
    return Math.max(newest(), gone.isEmpty() ? 0 : gone.last()) + 1;
  }

  /**
   * A version of which every byte is in order; empty if one is not, or there is no such version.
   */
  public Optional<ModelVersion> good(long number) throws IOException {
    return records.good(number);
  }

  /**
   * The newest version, if it already has a checkpoint's parameters: who publishes the same again
   * finds it done. Every byte of it is read, since a damaged one is no answer.
   */
  public Optional<ModelVersion> published(String attempt) throws IOException {
    long newest = newest();
    Optional<VersionRecord> record = records.readable(newest);
    boolean same =
        record
            .map(of -> of.attempt().equals(attempt) && of.origin() != Origin.ROLLBACK)
            .orElse(false);
    return same ? records.good(newest) : Optional.empty();
  }

  /**
   * Publishes an older version once more, under a new, higher number, since servers take the
   * highest one.
   *
   * @param number the version to go back to; empty for the one before that in use
   * @return the new version, or the one in use if it is a rollback to this version already
   * @throws NotFound if there is no such version
   * @throws Corrupt if it is damaged
   * @throws Conflict if there is nothing to go back to, or somebody else publishes meanwhile
   */
  public ModelVersion rollback(OptionalLong number) throws IOException {
    return new VersionRollback(this).run(number);
  }

  /**
   * What a collection has done.
   *
   * @param collected the versions that are gone now; their records stay in the history
   * @param kept why each of the others is still there
   */
  public record Collection(List<Long> collected, SortedMap<Long, String> kept) {
    /** Copies both. */
    public Collection {
      collected = List.copyOf(collected);
      kept = Collections.unmodifiableSortedMap(new TreeMap<>((Map<Long, String>) kept));
    }
  }

  /**
   * Deletes old versions. Never the one in use, one with a label, one of the newest {@code keep},
   * one that was superseded less than {@code grace} ago, one that somebody reads with a {@link
   * VersionLease}, or one that Cairn has not published.
   *
   * @param keep from 1 on
   * @throws Conflict if somebody else publishes meanwhile
   */
  public Collection collect(int keep, Duration grace) throws IOException {
    if (keep < 1 || grace.isNegative()) {
      throw new IllegalArgumentException(
          "Cannot collect versions: expected to keep 1 or more, and a time from 0 on, found "
              + keep
              + " and "
              + grace);
    }
    try (FolderLock lock = lock()) {
      return new VersionCollector(this, lock).run(keep, grace);
    }
  }

  /**
   * Puts labels at versions; {@code models.config} is made if it is not there. Then servers load
   * the labelled versions alone, and the label {@code stable} says which one is in use.
   *
   * @param labels version by label
   * @throws NotFound if there is no such version
   */
  public ServingConfig label(SortedMap<String, Long> labels) throws IOException {
    try (FolderLock lock = lock()) {
      ServingConfig changed = labelled(labels);
      lock.check();
      write(changed);
      return changed;
    }
  }

  /**
   * Moves labels to a version that is there already, as {@link VersionDraft#commit} would have: for
   * a publication that ended between the two. What somebody has decided since is left as it is: the
   * label {@code stable} is moved only if it was put where it is before this version came, others
   * only if they are at no newer version.
   *
   * @param labels {@code stable} among them if the version is to be in use
   */
  public void finish(ModelVersion version, List<String> labels) throws IOException {
    labels.forEach(ServingConfig::checkLabel);
    try (FolderLock lock = lock()) {
      lock.check();
      Optional<ServingConfig> config = config();
      boolean newest = newest() == version.number();
      Optional<Long> previous = version.record().previous();
      List<String> left =
          labels.stream()
              .filter(
                  label ->
                      label.equals(ServingConfig.STABLE)
                          ? isStableLeft(config, version, newest)
                          : config.isEmpty() || config.get().isBefore(label, version.number()))
              .toList();
      // Where a newer one is there and no label was, that is in use, not the one before.
      move(version.number(), newest ? previous : Optional.empty(), left);
    }
  }

  /** Whether the label of the version in use was not moved when this version came. */
  private static boolean isStableLeft(
      Optional<ServingConfig> config, ModelVersion version, boolean newest) {
    OptionalLong at =
        config.isPresent() ? config.get().version(ServingConfig.STABLE) : OptionalLong.empty();
    if (at.isEmpty()) {
      return newest;
    }
    OptionalLong known = config.orElseThrow().known();
    return known.isPresent()
        ? known.getAsLong() < version.number()
        : version.record().previous().equals(Optional.of(at.getAsLong()));
  }

  /**
   * Puts a version in use that is there already, wherever its label was before.
   *
   * @param instead the version that the caller has found in use
   * @throws Conflict if another one is meanwhile
   */
  void use(ModelVersion version, long instead) throws IOException {
    try (FolderLock lock = lock()) {
      long now = requireCurrent();
      if (now != instead) {
        throw new Conflict(
            "Cannot go back to a version of model "
                + name()
                + ": expected version "
                + instead
                + " to be in use still, found version "
                + now
                + " (path="
                + path
                + "); look at the history, and begin again from there");
      }
      lock.check();
      move(version.number(), Optional.empty(), List.of(ServingConfig.STABLE));
    }
  }

  /** Moves labels to a version, where labels are in use or are to be. */
  void move(long number, Optional<Long> previous, List<String> labels) throws IOException {
    boolean stable = labels.contains(ServingConfig.STABLE);
    boolean others = labels.stream().anyMatch(label -> !label.equals(ServingConfig.STABLE));
    Optional<ServingConfig> config = config();
    if (config.isEmpty() && stable && !others) {
      return; // Servers take the highest number.
    }
    SortedMap<String, Long> moved = new TreeMap<>();
    if (!stable && config.isEmpty()) {
      previous.ifPresent(of -> moved.put(ServingConfig.STABLE, of));
    }
    labels.forEach(label -> moved.put(label, number));
    ServingConfig changed = labelled(moved);
    if (!config.equals(Optional.of(changed))) {
      write(changed);
    }
  }

  FolderLock lock() throws IOException {
    FolderContents.requireVersions(store, path);
    return FolderLock.claim(store, path, options, pause);
  }

  ServingConfig labelled(SortedMap<String, Long> labels) throws IOException {
    ServingConfig changed =
        config()
            .orElseGet(
                () -> new ServingConfig(name(), CheckpointStores.localPart(path), new TreeMap<>()));
    List<Long> there = new ArrayList<>(numbers());
    boolean stable =
        labels.containsKey(ServingConfig.STABLE) || changed.version(ServingConfig.STABLE).isEmpty();
    if (changed.version(ServingConfig.STABLE).isEmpty() && !there.isEmpty()) {
      changed = changed.with(ServingConfig.STABLE, there.get(there.size() - 1));
    }
    for (Map.Entry<String, Long> label : labels.entrySet()) {
      if (!there.contains(label.getValue())) {
        throw new NotFound(
            "Cannot label a version: expected one of "
                + there
                + ", found "
                + label.getValue()
                + " (path="
                + path
                + ")");
      }
      changed = changed.with(label.getKey(), label.getValue());
    }
    return stable ? changed.knowing(newest()) : changed;
  }

  void write(ServingConfig config) throws IOException {
    VersionFiles.replace(
        store,
        path,
        CheckpointFileNames.child(path, CheckpointFileNames.SERVING),
        config.text().getBytes(StandardCharsets.UTF_8));
  }

  /** Closes the storage. */
  @Override
  public void close() throws IOException {
    store.close();
  }

  static Mismatch noManifest(String checkpoint) {
    return new Mismatch(
        "Cannot publish a checkpoint: expected one with a manifest, found none (path="
            + checkpoint
            + "); publish one that Cairn has trained");
  }
}
