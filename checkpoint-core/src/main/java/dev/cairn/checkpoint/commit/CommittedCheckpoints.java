package dev.cairn.checkpoint.commit;

import dev.cairn.checkpoint.bundle.CheckpointState;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoreInput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The committed checkpoints of a run's folder, looked up afresh each time: nothing is cached, so
 * nothing can be out of date. Thread-safe.
 */
public final class CommittedCheckpoints {

  private static final int MAX_FILE_BYTES = 1 << 30;

  private final CheckpointStore store;
  private final String directory;

  /** Makes one for a run's folder. */
  public CommittedCheckpoints(CheckpointStore store, String directory) {
    this.store = store;
    this.directory = directory;
  }

  /**
   * A directory that has a committed checkpoint's name.
   *
   * @param name its name in parts
   * @param modifiedMillis time of its last change, by the storage's clock
   */
  public record Entry(CheckpointFileNames.Committed name, long modifiedMillis) {}

  /**
   * All directories with a committed checkpoint's name, oldest step first and each step's
   * replacements in order; whether they have a manifest is not checked. Takes one listing.
   */
  public List<Entry> names() throws IOException {
    List<StoredFile> found;
    try {
      found = store.list(directory);
    } catch (NotFound e) {
      return List.of();
    }
    List<Entry> entries = new ArrayList<>();
    for (StoredFile file : found) {
      if (file.isDirectory()) {
        CheckpointFileNames.parseCommitted(file.name())
            .ifPresent(name -> entries.add(new Entry(name, file.modifiedMillis())));
      }
    }
    entries.sort(java.util.Comparator.comparing(Entry::name));
    return entries;
  }

  /** The newest revision of each step of those whose manifest is in place, oldest first. */
  public List<Entry> committed() throws IOException {
    List<Entry> newestFirst = new ArrayList<>(names());
    Collections.reverse(newestFirst);
    List<Entry> kept = new ArrayList<>();
    long last = -1;
    for (Entry entry : newestFirst) {
      if (entry.name().step() != last && hasManifest(entry.name().name())) {
        kept.add(entry);
        last = entry.name().step();
      }
    }
    Collections.reverse(kept);
    return kept;
  }

  /** Whether a directory is a checkpoint; its manifest is not read. */
  public boolean hasManifest(String name) throws IOException {
    return store.stat(manifestPath(name)).map(StoredFile::isFile).orElse(false);
  }

  /** The path of a checkpoint's manifest. */
  private String manifestPath(String name) {
    return CheckpointFileNames.child(path(name), CheckpointFileNames.MANIFEST);
  }

  /** The full path of an entry. */
  public String path(String name) {
    return CheckpointFileNames.child(directory, name);
  }

  /**
   * The manifest of a directory; empty if there is none, and then it is no checkpoint.
   *
   * @throws Corrupt if it is damaged, or of another step than the directory's name says
   */
  public Optional<Manifest> manifest(CheckpointFileNames.Committed name) throws IOException {
    Optional<Manifest> manifest = manifest(store, path(name.name()));
    if (manifest.isPresent() && manifest.get().step() != name.step()) {
      throw new Corrupt(
          JsonFields.broken(
              manifestPath(name.name()), "it is of step " + manifest.get().step() + ", another"));
    }
    return manifest;
  }

  /** The manifest in a checkpoint's directory; empty if there is none. */
  public static Optional<Manifest> manifest(CheckpointStore store, String checkpoint)
      throws IOException {
    String path = CheckpointFileNames.child(checkpoint, CheckpointFileNames.MANIFEST);
    byte[] bytes;
    try {
      bytes = readAll(store, path);
    } catch (NotFound e) {
      return Optional.empty();
    }
    return Optional.of(ManifestJson.decode(bytes, path));
  }

  /** All bytes of a small file (manifest, index): at most 1 GiB. */
  public static byte[] readAll(CheckpointStore store, String path) throws IOException {
    try (StoreInput in = store.open(path)) {
      if (in.length() > MAX_FILE_BYTES) {
        throw new Corrupt(
            "Cannot read " + path + ": expected at most 1 GiB, found " + in.length() + " bytes");
      }
      byte[] bytes = new byte[(int) in.length()];
      in.readFully(0, ByteBuffer.wrap(bytes));
      return bytes;
    } catch (java.io.EOFException e) {
      throw new Corrupt("Cannot read " + path + ": it became shorter while it was read", e);
    }
  }

  /** The directories with a checkpoint's name that have no manifest. */
  public List<String> withoutManifest() throws IOException {
    List<String> without = new ArrayList<>();
    for (Entry entry : names()) {
      if (!hasManifest(entry.name().name())) {
        without.add(entry.name().name());
      }
    }
    return without;
  }

  /** Whether a directory is a checkpoint whose index is there, too; neither is read. */
  public boolean isWhole(String name) throws IOException {
    return hasManifest(name)
        && store.stat(CheckpointFileNames.child(path(name), CheckpointFileNames.INDEX)).isPresent();
  }

  /**
   * Whether TensorFlow's state file names one of our checkpoints that is not there, by one listing.
   *
   * @param lookedAt the number of checkpoints, at most, whose files are looked for, too
   */
  public boolean stateNamesWhatIsGone(int lookedAt) throws IOException {
    Optional<CheckpointState> state = StateFile.read(store, directory);
    List<String> named = new ArrayList<>();
    for (String path : state.map(CheckpointState::all).orElse(List.of())) {
      if (StateFile.isOurs(path)) {
        named.add(CheckpointFileNames.parent(path));
      }
    }
    if (named.isEmpty()) {
      return false;
    }
    Set<String> there = new HashSet<>();
    names().forEach(entry -> there.add(entry.name().name()));
    for (String name : named) {
      if (!there.contains(name) || (named.size() <= lookedAt && !isWhole(name))) {
        return true;
      }
    }
    return false;
  }

  /**
   * The prefixes that TensorFlow's state file names beside our checkpoints, oldest first, those
   * that are gone left out.
   */
  public List<String> foreignPrefixes() throws IOException {
    List<String> prefixes = new ArrayList<>();
    Optional<CheckpointState> state = StateFile.read(store, directory);
    for (String path : state.map(CheckpointState::all).orElse(List.of())) {
      String full = StateFile.full(directory, path);
      if (!StateFile.isOurs(path) && store.stat(full + ".index").isPresent()) {
        prefixes.add(full);
      }
    }
    return prefixes;
  }

  /**
   * Puts TensorFlow's state file in place; the last entry is its newest checkpoint. Checkpoints
   * that TensorFlow itself keeps in the folder stay named.
   *
   * @param id 16 hex digits that nobody else uses
   */
  public void writeState(List<Entry> oldestFirst, String id) throws IOException {
    StateFile.write(store, directory, oldestFirst, id);
  }
}
