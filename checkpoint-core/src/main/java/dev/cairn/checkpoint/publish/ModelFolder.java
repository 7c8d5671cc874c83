package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.CheckpointVerifier;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.ModelVersions;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.commit.OwnerLease;
import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.commit.VersionJson;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.model.VersionRecord.Origin;
import dev.cairn.checkpoint.model.VersionRecord.Range;
import dev.cairn.checkpoint.model.VersionRecord.UsedData;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.Closeable;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

  ModelFolder(CheckpointStore store, String path, FolderOptions options, Clock clock) {
    this.store = store;
    this.path = path;
    this.options = options;
    this.clock = clock;
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
    return new ModelFolder(store, full, options, Clock.systemUTC());
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

  /** The numbers of the versions that are there, ascending, whoever made them. */
  public List<Long> numbers() throws IOException {
    return List.copyOf(ModelVersions.list(store, path).keySet());
  }

  /**
   * The version in use: that of the label {@code stable}, if {@code models.config} has it, else the
   * highest number. Empty if nothing was published.
   *
   * @throws CheckpointException if it is damaged, or none of Cairn's; the message says which
   *     versions are good
   */
  public Optional<ModelVersion> current() throws IOException {
    OptionalLong number = ModelVersions.current(store, path);
    return number.isEmpty() ? Optional.empty() : Optional.of(version(number.getAsLong()));
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
    String folder = ModelVersions.list(store, path).get(number);
    if (folder == null) {
      throw new NotFound(
          "Cannot find version "
              + number
              + " of model "
              + name()
              + ": expected one of "
              + numbers()
              + (collected().containsKey(number) ? ", found that it was collected" : "")
              + " (path="
              + path
              + ")");
    }
    return new ModelVersion(folder, record(folder, number));
  }

  private VersionRecord record(String folder, long number) throws IOException {
    String file = recordPath(folder);
    VersionRecord record;
    try {
      record = VersionJson.decode(CommittedCheckpoints.readAll(store, file), file);
    } catch (NotFound e) {
      throw new NotFound(
          "Cannot use version "
              + number
              + " of model "
              + name()
              + ": expected the record that Cairn publishes with it, found none (path="
              + file
              + "); another program wrote it: publish a checkpoint over it",
          e);
    }
    if (record.number() != number) {
      throw new Corrupt(
          "Cannot use version "
              + number
              + " of model "
              + name()
              + ": its record is that of version "
              + record.number()
              + ", since somebody has copied or renamed the folder (path="
              + folder
              + "); remove it, and roll back to the version that is meant");
    }
    return record;
  }

  static String recordPath(String folder) {
    return CheckpointFileNames.child(
        CheckpointFileNames.child(folder, CheckpointFileNames.EXTRA), CheckpointFileNames.VERSION);
  }

  /**
   * All that was ever published, by number: versions that are there, and those that were collected.
   * A version without a record of Cairn's has none here.
   *
   * @throws Corrupt if a record is damaged
   */
  public SortedMap<Long, VersionRecord> history() throws IOException {
    SortedMap<Long, VersionRecord> all = new TreeMap<>(collected());
    for (Map.Entry<Long, String> one : ModelVersions.list(store, path).entrySet()) {
      if (store.stat(recordPath(one.getValue())).isPresent()) {
        all.put(one.getKey(), record(one.getValue(), one.getKey()));
      }
    }
    return all;
  }

  private String historyFolder() {
    return CheckpointFileNames.child(path, "history");
  }

  private SortedMap<Long, VersionRecord> collected() throws IOException {
    SortedMap<Long, VersionRecord> records = new TreeMap<>();
    try {
      for (StoredFile file : store.list(historyFolder())) {
        if (file.isFile() && file.name().matches("[1-9][0-9]{0,17}\\.json")) {
          String from = CheckpointFileNames.child(historyFolder(), file.name());
          VersionRecord record =
              VersionJson.decode(CommittedCheckpoints.readAll(store, from), from);
          records.put(record.number(), record);
        }
      }
    } catch (NotFound e) {
      return records;
    }
    return records;
  }

  /**
   * The version among a version's ancestors, itself included, that was trained on some of these
   * rows; empty if none was, as far as the records tell. What was rolled back is no ancestor.
   */
  public Optional<VersionRecord> user(VersionRecord of, UsedData data) throws IOException {
    SortedMap<Long, VersionRecord> all = history();
    Optional<VersionRecord> next = Optional.of(of);
    while (next.isPresent()) {
      VersionRecord version = next.get();
      if (version.data().map(used -> same(used, data)).orElse(false)) {
        return Optional.of(version);
      }
      next = version.parent().map(number -> all.get(number));
    }
    return Optional.empty();
  }

  private static boolean same(UsedData one, UsedData other) {
    boolean rows = one.rows() > 0 && one.fingerprint().equals(other.fingerprint());
    Optional<Range> range = one.range();
    return rows || (range.isPresent() && other.range().map(range.get()::overlaps).orElse(false));
  }

  /**
   * Reads every byte of a version.
   *
   * @throws Corrupt naming the first damage
   */
  public void verify(ModelVersion version) throws IOException {
    for (DataFile file : version.record().files()) {
      String where = CheckpointFileNames.child(version.folder(), file.name());
      DataFile found = VersionFiles.checksum(store, where);
      if (!found.equals(file)) {
        throw new Corrupt(
            "Cannot use version "
                + version.number()
                + " of model "
                + name()
                + ": this file is not the one that was published (path="
                + where
                + "); roll back to another version");
      }
    }
    CheckpointVerifier.check(store, version.checkpoint());
    Optional<String> attempt =
        CommittedCheckpoints.manifest(store, version.checkpoint()).map(of -> of.attempt());
    if (!attempt.equals(Optional.of(version.record().attempt()))) {
      throw new Corrupt(
          "Cannot use version "
              + version.number()
              + " of model "
              + name()
              + ": its parameters are not those that were published, expected commit "
              + version.record().attempt()
              + ", found "
              + attempt.orElse("none")
              + " (path="
              + version.checkpoint()
              + "); roll back to another version");
    }
  }

  /**
   * Begins a version: takes its number and makes a hidden folder for it. Others may do so at the
   * same time; whoever commits first has the number.
   */
  public VersionDraft begin() throws IOException {
    OptionalLong previous = ModelVersions.current(store, path);
    return VersionDraft.begin(this, previous, nextNumber());
  }

  private long nextNumber() throws IOException {
    long last = 0;
    SortedMap<Long, String> there = ModelVersions.list(store, path);
    if (!there.isEmpty()) {
      last = there.lastKey();
    }
    SortedMap<Long, VersionRecord> gone = collected();
    if (!gone.isEmpty()) {
      last = Math.max(last, gone.lastKey());
    }
    return last + 1;
  }

  /**
   * The version that already has a checkpoint's parameters and is in use, if there is one: who
   * publishes the same again finds it done.
   */
  public Optional<ModelVersion> published(String attempt) throws IOException {
    SortedMap<Long, String> there = ModelVersions.list(store, path);
    if (there.isEmpty()) {
      return Optional.empty();
    }
    String folder = Objects.requireNonNull(there.get(there.lastKey()));
    if (store.stat(recordPath(folder)).isEmpty()) {
      return Optional.empty();
    }
    ModelVersion newest = version(there.lastKey());
    return newest.record().attempt().equals(attempt) && newest.record().origin() != Origin.ROLLBACK
        ? Optional.of(newest)
        : Optional.empty();
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
    ModelVersion now =
        current()
            .orElseThrow(
                () ->
                    new NotFound(
                        "Cannot roll back model "
                            + name()
                            + ": nothing was published (path="
                            + path
                            + ")"));
    boolean rolledBack = now.record().origin() == Origin.ROLLBACK;
    long repeats = rolledBack ? now.record().parent().orElseThrow() : now.number();
    if (rolledBack && (number.isEmpty() || number.getAsLong() == repeats)) {
      return now; // The same command again changes nothing.
    }
    long to = number.isPresent() ? number.getAsLong() : before(now.record());
    if (to == now.number()) {
      return now;
    }
    ModelVersion old = version(to);
    verify(old);
    try (VersionDraft draft = begin()) {
      draft.repeat(old);
      return draft.commit(
          new Lineage(
              Origin.ROLLBACK,
              Optional.of(to),
              Optional.empty(),
              old.record().figures(),
              old.record().before(),
              old.record().gate()));
    }
  }

  private long before(VersionRecord now) throws Conflict {
    return now.previous()
        .orElseThrow(
            () ->
                new Conflict(
                    "Cannot roll back model "
                        + name()
                        + ": version "
                        + now.number()
                        + " is the first one (path="
                        + path
                        + ")"));
  }

  /**
   * Puts labels at versions; {@code models.config} is made if it is not there. Then servers load
   * the labelled versions alone, and the label {@code stable} says which one is in use.
   *
   * @param labels version by label
   * @throws NotFound if there is no such version
   */
  public ServingConfig label(SortedMap<String, Long> labels) throws IOException {
    try (OwnerLease lease = lease()) {
      ServingConfig changed = labelled(labels);
      lease.check();
      write(changed);
      return changed;
    }
  }

  /**
   * Moves labels to a version that is there already, as {@link VersionDraft#commit} would have: for
   * a publication that ended between the two.
   *
   * @param labels {@code stable} among them if the version is to be in use
   */
  public void finish(ModelVersion version, List<String> labels) throws IOException {
    labels.forEach(ServingConfig::checkLabel);
    try (OwnerLease lease = lease()) {
      lease.check();
      move(version.number(), version.record().previous(), labels);
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

  OwnerLease lease() throws IOException {
    store.makeDirectories(path);
    return OwnerLease.claim(
        store, path, SessionIds.next(), options.applicationId(), options.ownerTimeout());
  }

  ServingConfig labelled(SortedMap<String, Long> labels) throws IOException {
    ServingConfig changed =
        config()
            .orElseGet(
                () -> new ServingConfig(name(), CheckpointStores.localPart(path), new TreeMap<>()));
    List<Long> there = new ArrayList<>(numbers());
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
    return changed;
  }

  void write(ServingConfig config) throws IOException {
    VersionFiles.replace(
        store,
        CheckpointFileNames.child(path, CheckpointFileNames.SERVING),
        config.text().getBytes(java.nio.charset.StandardCharsets.UTF_8));
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
