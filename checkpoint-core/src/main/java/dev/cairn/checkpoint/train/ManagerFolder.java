package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.CheckpointPins;
import dev.cairn.checkpoint.CheckpointVerifier;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.RunFile;
import dev.cairn.checkpoint.bundle.CheckpointState;
import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.VerifyReport;
import dev.cairn.checkpoint.retention.PrefixFiles;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The folder of a {@link CheckpointManager}: what it reads, writes and deletes there. The store is
 * opened for each call. Thread-safe.
 */
final class ManagerFolder {
  private static final int THREADS = 4;

  private final String shown;
  private final String full;
  private final FolderOptions options;

  /**
   * A folder that need not exist.
   *
   * @param directory as the user writes it
   */
  ManagerFolder(String directory, FolderOptions options) throws IOException {
    this.full = CheckpointStores.qualify(directory, options.hadoopProperties());
    this.options = options;
    String cut = directory;
    while (cut.endsWith("/") && !CheckpointFileNames.isRoot(cut)) {
      cut = cut.substring(0, cut.length() - 1);
    }
    this.shown = cut;
  }

  String directory() {
    return shown;
  }

  /** What the user calls a checkpoint of the folder. */
  String shown(String path) {
    return Checkpoints.shown(shown, path);
  }

  String full(String path) {
    return StateFolder.isWithin(path) ? CheckpointFileNames.child(full, path) : path;
  }

  private CheckpointStore open() throws IOException {
    return CheckpointStores.open(full, options.hadoopProperties());
  }

  Optional<StateFolder.Read> readState() throws IOException {
    try (CheckpointStore store = open()) {
      return new StateFolder(store, full).read();
    }
  }

  /**
   * Writes the state file. Checkpoints that others have put into it meanwhile stay in it, so long
   * as their index is there.
   *
   * @param known all paths that are not those of others, whether they are listed or gone
   */
  void writeState(CheckpointState state, Set<String> known) throws IOException {
    try (CheckpointStore store = open()) {
      StateFolder folder = new StateFolder(store, full);
      folder.write(withOthers(folder, state, known));
    }
  }

  private record Listed(String path, double seconds) {}

  private static CheckpointState withOthers(
      StateFolder folder, CheckpointState state, Set<String> known) throws IOException {
    Optional<StateFolder.Read> read = folder.read();
    List<Listed> listed = new ArrayList<>();
    List<String> there = read.map(found -> found.state().all()).orElse(List.of());
    for (int i = 0; i < there.size(); i++) {
      String path = there.get(i);
      List<Double> times = read.get().state().timestamps();
      if (!known.contains(path) && !times.isEmpty() && folder.isThere(path)) {
        listed.add(new Listed(path, times.get(i)));
      }
    }
    if (listed.isEmpty()) {
      return state;
    }
    for (int i = 0; i < state.all().size() - 1; i++) {
      listed.add(new Listed(state.all().get(i), state.timestamps().get(i)));
    }
    listed.sort(Comparator.comparingDouble(Listed::seconds));
    // The newest is ours, and it is last whatever the clocks of others say.
    listed.add(new Listed(state.latest(), state.timestamps().get(state.all().size() - 1)));
    return new CheckpointState(
        state.latest(),
        listed.stream().map(Listed::path).toList(),
        listed.stream().map(Listed::seconds).toList(),
        state.lastPreserved());
  }

  Optional<ManagerNotes> readNotes() throws IOException {
    String file = CheckpointFileNames.child(full, ManagerNotes.FILE);
    try (CheckpointStore store = open()) {
      return Optional.of(ManagerNotes.decode(CommittedCheckpoints.readAll(store, file), file));
    } catch (NotFound e) {
      return Optional.empty();
    }
  }

  void writeNotes(ManagerNotes notes) throws IOException {
    RunFile.at(CheckpointFileNames.child(full, ManagerNotes.FILE), options).replace(notes.encode());
  }

  long bytes(String path) throws IOException {
    try (CheckpointStore store = open()) {
      return new PrefixFiles(store).bytes(full(path));
    }
  }

  /** Deletes a checkpoint that lies in the folder. */
  void delete(String path) throws IOException {
    if (!StateFolder.isWithin(path)) {
      throw new IllegalArgumentException("Cannot delete " + path + ": it lies elsewhere");
    }
    try (CheckpointStore store = open()) {
      new PrefixFiles(store).delete(full(path));
    }
  }

  /** Whether somebody in this JVM reads it. */
  boolean isRead(String path) {
    String prefix = full(path);
    return CheckpointPins.pinned(prefix)
        || CheckpointPins.pinned(shown(path))
        || CheckpointPins.pinned(CheckpointFileNames.parent(prefix));
  }

  /** Reads every byte of a checkpoint. */
  VerifyReport verify(String path) throws IOException {
    return CheckpointVerifier.verify(full(path), options, THREADS, bytes -> {});
  }

  /**
   * The checkpoints of a name that lie in the folder, by their numbers; for a folder that has lost
   * its state file. Their times are those of their indexes.
   */
  List<ManagedCheckpoint> lyingThere(String name) throws IOException {
    String within = CheckpointFileNames.parent("/" + name).substring(1);
    String file = CheckpointFileNames.lastPart("/" + name);
    Pattern pattern = Pattern.compile(Pattern.quote(file) + "-(0|[1-9][0-9]{0,17})\\.index");
    List<ManagedCheckpoint> found = new ArrayList<>();
    try (CheckpointStore store = open()) {
      String folder = within.isEmpty() ? full : CheckpointFileNames.child(full, within);
      for (StoredFile one : store.list(folder)) {
        Matcher matcher = pattern.matcher(one.name());
        if (one.isFile() && matcher.matches()) {
          String path = name + "-" + matcher.group(1);
          found.add(
              new ManagedCheckpoint(
                  path,
                  one.modifiedMillis() / 1000.0,
                  Long.parseLong(matcher.group(1)),
                  Double.NaN,
                  0,
                  false));
        }
      }
    } catch (NotFound e) {
      return List.of();
    }
    found.sort(Comparator.comparingLong(ManagedCheckpoint::step));
    return found;
  }
}
