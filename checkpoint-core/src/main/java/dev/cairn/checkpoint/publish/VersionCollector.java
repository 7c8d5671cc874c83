package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.ModelVersions;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Collects old versions on request. Of each, the record goes to the history first: from then on
 * nobody new takes the version. Then comes the look for those who read it; the folder is renamed
 * and deleted only if there is none. Not thread-safe.
 */
final class VersionCollector {
  private final ModelFolder model;
  private final CheckpointStore store;
  private final VersionRecords records;
  private final FolderLock lock;

  VersionCollector(ModelFolder model, FolderLock lock) {
    this.model = model;
    this.store = model.store();
    this.records = model.records();
    this.lock = lock;
  }

  ModelFolder.Collection run(int keep, Duration grace) throws IOException {
    requireGood();
    long now = lock.nowMillis();
    VersionLease.sweep(store, model.path(), now);
    HiddenVersions.sweep(store, model.path(), now);
    SortedMap<Long, String> there = ModelVersions.list(store, model.path());
    List<Long> numbers = new ArrayList<>(there.keySet());
    List<Long> collected = new ArrayList<>();
    SortedMap<Long, String> kept = new TreeMap<>();
    for (int i = 0; i < numbers.size(); i++) {
      long number = numbers.get(i);
      String folder = there.get(number);
      String why;
      if (folder == null || i >= numbers.size() - keep) {
        why = "among the newest " + keep;
      } else {
        why = collect(number, folder, since(numbers.get(i + 1), there), now, grace);
      }
      if (why.isEmpty()) {
        collected.add(number);
      } else {
        kept.put(number, why);
      }
    }
    return new ModelFolder.Collection(collected, kept);
  }

  /**
   * Reads every byte of the version in use: while it is damaged, somebody has to go back to another
   * one. One of another program is taken as it is.
   */
  private void requireGood() throws IOException {
    try {
      Optional<ModelVersion> current = model.current();
      if (current.isPresent()) {
        model.verify(current.get());
      }
    } catch (NotFound e) {
      String folder = ModelVersions.list(store, model.path()).get(model.requireCurrent());
      if (folder == null) {
        throw e;
      }
      String variables = CheckpointFileNames.child(folder, CheckpointFileNames.VARIABLES);
      String manifest = CheckpointFileNames.child(variables, CheckpointFileNames.MANIFEST);
      if (store.stat(manifest).isPresent()) {
        throw e; // It is Cairn's, and has lost its record.
      }
    }
  }

  /** When a version was superseded at the latest: the next one came, or labels were moved. */
  private long since(long next, SortedMap<Long, String> there) throws IOException {
    String config = CheckpointFileNames.child(model.path(), CheckpointFileNames.SERVING);
    long moved = store.stat(config).map(StoredFile::modifiedMillis).orElse(0L);
    String folder = there.get(next);
    long came = folder == null ? 0 : store.stat(folder).map(StoredFile::modifiedMillis).orElse(0L);
    return Math.max(moved, came);
  }

  /** Collects a version, or says why not. */
  private String collect(long number, String folder, long since, long now, Duration grace)
      throws IOException {
    boolean said = records.isCollected(number);
    if (!said) {
      String why = needed(number);
      if (!why.isEmpty()) {
        return why;
      }
      if (now - since < grace.toMillis()) {
        return "superseded less than " + grace.toMinutes() + " minutes ago";
      }
      Optional<VersionRecord> record = record(folder, number);
      if (record.isEmpty()) {
        return "not published by Cairn, or damaged";
      }
      lock.check();
      say(number, folder);
    }
    // Said first, then looked: a reader makes its file first, then looks for what was said.
    Optional<String> reader = VersionLease.living(store, model.path(), number, now);
    if (reader.isPresent()) {
      return "collected already, but somebody reads it still: " + reader.get();
    }
    lock.check();
    Optional<String> gone = HiddenVersions.retire(store, folder, number);
    gone.ifPresent(hidden -> HiddenVersions.delete(store, hidden));
    return "";
  }

  private String needed(long number) throws IOException {
    if (ModelVersions.current(store, model.path()).equals(OptionalLong.of(number))) {
      return "in use";
    }
    Optional<ServingConfig> config = model.config();
    if (config.isPresent()) {
      for (Map.Entry<String, Long> label : config.get().labels().entrySet()) {
        if (label.getValue() == number) {
          return "labelled " + label.getKey();
        }
      }
    }
    long now = lock.nowMillis();
    Optional<String> reader = VersionLease.living(store, model.path(), number, now);
    return reader.map(name -> "somebody reads it: " + name).orElse("");
  }

  private Optional<VersionRecord> record(String folder, long number) throws IOException {
    try {
      return Optional.of(records.record(folder, number));
    } catch (Corrupt | NotFound e) {
      return Optional.empty();
    }
  }

  private void say(long number, String folder) throws IOException {
    byte[] record = CommittedCheckpoints.readAll(store, VersionRecords.recordPath(folder));
    String place = records.collectedPath(number);
    store.makeDirectories(CheckpointFileNames.parent(place));
    VersionFiles.replace(store, model.path(), place, record);
  }
}
