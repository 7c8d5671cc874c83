package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.CheckpointVerifier;
import dev.cairn.checkpoint.ModelVersions;
import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.commit.VersionJson;
import dev.cairn.checkpoint.io.FileCopy;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.model.VersionRecord.Range;
import dev.cairn.checkpoint.model.VersionRecord.UsedData;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads what a model's folder says of its versions. It changes nothing. Thread-safe. */
final class VersionRecords {
  private final CheckpointStore store;
  private final String path;

  VersionRecords(CheckpointStore store, String path) {
    this.store = store;
    this.path = path;
  }

  private String name() {
    return CheckpointFileNames.lastPart(path);
  }

  static String recordPath(String folder) {
    return CheckpointFileNames.child(
        CheckpointFileNames.child(folder, CheckpointFileNames.EXTRA), CheckpointFileNames.VERSION);
  }

  private String historyFolder() {
    return CheckpointFileNames.child(path, CheckpointFileNames.HISTORY);
  }

  /** Where the record of a collected version is: its being there is what makes it collected. */
  String collectedPath(long number) {
    return CheckpointFileNames.child(historyFolder(), CheckpointFileNames.collected(number));
  }

  boolean isCollected(long number) throws IOException {
    return store.stat(collectedPath(number)).isPresent();
  }

  /** The numbers of collected versions, those included whose folders are not deleted yet. */
  NavigableSet<Long> collected() throws IOException {
    NavigableSet<Long> numbers = new TreeSet<>();
    try {
      for (StoredFile file : store.list(historyFolder())) {
        if (file.isFile()) {
          CheckpointFileNames.collectedVersion(file.name()).ifPresent(numbers::add);
        }
      }
    } catch (NotFound e) {
      return numbers;
    }
    return numbers;
  }

  /** The folders of versions that may be used. */
  SortedMap<Long, String> folders() throws IOException {
    SortedMap<Long, String> there = ModelVersions.list(store, path);
    there.keySet().removeAll(collected());
    return there;
  }

  ModelVersion version(long number) throws IOException {
    String folder = ModelVersions.list(store, path).get(number);
    if (folder == null || isCollected(number)) {
      throw new NotFound(
          "Cannot find version "
              + number
              + " of model "
              + name()
              + ": expected one of "
              + folders().keySet()
              + (isCollected(number) ? ", found that it was collected" : "")
              + " (path="
              + path
              + ")");
    }
    VersionRecord record = record(folder, number);
    for (String file : List.of(CheckpointFileNames.SAVED_MODEL, CheckpointFileNames.VARIABLES)) {
      String part = CheckpointFileNames.child(folder, file);
      if (store.stat(part).isEmpty()) {
        throw new Corrupt(
            cannotUse(number) + "expected " + file + ", found none (path=" + part + ")");
      }
    }
    return new ModelVersion(folder, record);
  }

  private String cannotUse(long number) {
    return "Cannot use version " + number + " of model " + name() + ": ";
  }

  /** The record in a version's folder. */
  VersionRecord record(String folder, long number) throws IOException {
    String file = recordPath(folder);
    VersionRecord record;
    try {
      record = VersionJson.decode(CommittedCheckpoints.readAll(store, file), file);
    } catch (NotFound e) {
      throw new NotFound(
          cannotUse(number)
              + "expected the record that Cairn publishes with it, found none (path="
              + file
              + "); another program wrote it, or somebody has removed it",
          e);
    }
    if (record.number() != number) {
      throw new Corrupt(
          cannotUse(number)
              + "its record is that of version "
              + record.number()
              + ", since somebody has copied or renamed the folder (path="
              + folder
              + "); remove it, and roll back to the version that is meant");
    }
    return record;
  }

  /** The record of a version, if it is there and in order. */
  Optional<VersionRecord> readable(long number) throws IOException {
    try {
      return Optional.of(version(number).record());
    } catch (Corrupt | NotFound e) {
      return Optional.empty();
    }
  }

  /**
   * A version of which every byte is in order; empty if one is not, or there is no such version.
   */
  Optional<ModelVersion> good(long number) throws IOException {
    try {
      ModelVersion version = version(number);
      check(version);
      return Optional.of(version);
    } catch (Corrupt | NotFound e) {
      return Optional.empty();
    }
  }

  VersionHistory history() throws IOException {
    SortedMap<Long, VersionRecord> good = new TreeMap<>();
    SortedMap<Long, CheckpointException> unreadable = new TreeMap<>();
    for (Map.Entry<Long, String> one : ModelVersions.list(store, path).entrySet()) {
      try {
        good.put(one.getKey(), record(one.getValue(), one.getKey()));
      } catch (Corrupt | NotFound e) {
        unreadable.put(one.getKey(), e);
      }
    }
    for (long number : collected()) {
      String from = collectedPath(number);
      try {
        VersionRecord record = VersionJson.decode(CommittedCheckpoints.readAll(store, from), from);
        good.put(record.number(), record);
        var unused = unreadable.remove(record.number());
      } catch (Corrupt e) {
        if (!good.containsKey(number)) {
          unreadable.put(number, e);
        }
      }
    }
    return new VersionHistory(good, unreadable);
  }

  /** As {@link ModelFolder#user} says. */
  Optional<VersionRecord> user(VersionRecord of, UsedData data) throws IOException {
    VersionHistory history = history();
    for (VersionRecord version : history.ancestors(of)) {
      if (version.data().map(used -> same(used, data)).orElse(false)) {
        return Optional.of(version);
      }
      CheckpointException unknown =
          version.parent().map(number -> history.unreadable().get(number)).orElse(null);
      if (unknown != null) {
        throw untold(of, version, unknown);
      }
    }
    return Optional.empty();
  }

  private Conflict untold(VersionRecord of, VersionRecord child, CheckpointException unknown) {
    return new Conflict(
        "Cannot tell whether rows were used already for version "
            + of.number()
            + " of model "
            + name()
            + ": version "
            + child.number()
            + " came from version "
            + child.parent().orElseThrow()
            + ", whose record says nothing any more: "
            + unknown.getMessage()
            + "; put the record back, or set refresh.accept-used=true (setAcceptUsed) if the rows are"
            + " new, or may be used again",
        unknown);
  }

  private static boolean same(UsedData one, UsedData other) {
    boolean rows = one.rows() > 0 && one.fingerprint().equals(other.fingerprint());
    Optional<Range> range = one.range();
    return rows || (range.isPresent() && other.range().map(range.get()::overlaps).orElse(false));
  }

  /** Reads every byte of a version; Corrupt names the first damage. */
  void check(ModelVersion version) throws IOException {
    for (DataFile file : version.record().files()) {
      String where = CheckpointFileNames.child(version.folder(), file.name());
      Optional<DataFile> found = Optional.empty();
      try {
        found = Optional.of(FileCopy.checksum(store, where));
      } catch (NotFound e) {
        // Told below.
      }
      if (!found.equals(Optional.of(file))) {
        throw new Corrupt(
            cannotUse(version.number())
                + "this file is "
                + (found.isEmpty() ? "gone" : "not the one that was published")
                + " (path="
                + where
                + ")");
      }
    }
    try {
      CheckpointVerifier.check(store, version.checkpoint());
    } catch (NotFound | Corrupt e) {
      throw new Corrupt(cannotUse(version.number()) + "it is damaged: " + e.getMessage(), e);
    }
    Optional<String> attempt =
        CommittedCheckpoints.manifest(store, version.checkpoint()).map(of -> of.attempt());
    if (!attempt.equals(Optional.of(version.record().attempt()))) {
      throw new Corrupt(
          cannotUse(version.number())
              + "its parameters are not those that were published, expected commit "
              + version.record().attempt()
              + ", found "
              + attempt.orElse("none")
              + " (path="
              + version.checkpoint()
              + ")");
    }
  }

  /**
   * The same error, with the newest other version that is good: nobody falls back without being
   * told to.
   */
  CheckpointException advised(CheckpointException error, long number) {
    if (!(error instanceof Corrupt) && !(error instanceof NotFound)) {
      return error;
    }
    String text = error.getMessage() + "; " + advice(number);
    return error instanceof Corrupt ? new Corrupt(text, error) : new NotFound(text, error);
  }

  private String advice(long number) {
    try {
      List<Long> others = new ArrayList<>(folders().keySet());
      Collections.reverse(others);
      others.remove((Long) number);
      for (long other : others) {
        try {
          check(version(other));
          return "version "
              + other
              + " is good: go back to it with rollback "
              + CheckpointStores.localPart(path)
              + " --to "
              + other;
        } catch (Corrupt | NotFound e) {
          // Not that one, then.
        }
      }
      return "no other version is good: publish a checkpoint again";
    } catch (IOException e) {
      return "the other versions cannot be read either: " + e.getMessage();
    }
  }
}
