package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.bundle.CheckpointState;
import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.commit.StateFile;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A folder's state file, with its paths made plain: relative to the folder where they lie in it.
 * Thread-safe.
 *
 * @param store opened for the folder
 * @param directory the folder, with its scheme
 */
record StateFolder(CheckpointStore store, String directory) {

  /**
   * What a state file says.
   *
   * @param state only checkpoints within the folder, but for {@code latest}, which may be an
   *     absolute path elsewhere
   * @param elsewhere the paths in {@code all} that lie in other folders
   */
  record Read(CheckpointState state, List<String> elsewhere) {}

  /**
   * Reads the state file; empty if there is none, or none that names a checkpoint.
   *
   * @throws Corrupt if it is damaged, has a field that TensorFlow does not know, or names as the
   *     newest a relative path outside of the folder
   */
  Optional<Read> read() throws IOException {
    Optional<CheckpointState> found = StateFile.load(store, directory);
    if (found.isEmpty() || found.get().latest().isEmpty()) {
      return Optional.empty();
    }
    CheckpointState state = found.get();
    List<String> paths = new ArrayList<>();
    List<Double> times = new ArrayList<>();
    List<String> elsewhere = new ArrayList<>();
    for (int i = 0; i < state.all().size(); i++) {
      String path = plain(state.all().get(i));
      if (!isWithin(path)) {
        elsewhere.add(state.all().get(i));
        continue;
      }
      paths.add(path);
      if (!state.timestamps().isEmpty()) {
        times.add(state.timestamps().get(i));
      }
    }
    String latest = plain(state.latest());
    if (latest.startsWith("..")) {
      throw new Corrupt(
          "Cannot use checkpoint state: expected the newest checkpoint within the folder, found "
              + state.latest()
              + " (path="
              + CheckpointFileNames.child(directory, CheckpointFileNames.STATE)
              + "); mend model_checkpoint_path, or open that folder itself");
    }
    CheckpointState plain = new CheckpointState(latest, paths, times, state.lastPreserved());
    return Optional.of(new Read(plain, elsewhere));
  }

  /** Puts a state file in the place of the one that is there, in one step. */
  void write(CheckpointState state) throws IOException {
    StateFile.put(store, directory, state, SessionIds.next());
  }

  /** The full path of what the state file names. */
  String full(String path) {
    return isAbsolute(path) ? path : CheckpointFileNames.child(directory, path);
  }

  /** Whether there is a checkpoint of TensorFlow's second format, so far as its index says so. */
  boolean isThere(String path) throws IOException {
    return store.stat(full(path) + ".index").isPresent();
  }

  static boolean isWithin(String path) {
    return !isAbsolute(path) && !path.equals("..") && !path.startsWith("../");
  }

  private static boolean isAbsolute(String path) {
    return path.startsWith("/") || path.matches("[a-zA-Z][a-zA-Z0-9+.-]*:/.*");
  }

  /** Relative to the folder if it lies there, without dots. */
  private String plain(String path) throws IOException {
    if (!isAbsolute(path)) {
      return withoutDots(path);
    }
    String folder = CheckpointFileNames.child(CheckpointStores.localPart(directory), "");
    String full = CheckpointStores.localPart(path);
    if (full.startsWith(folder)) {
      return withoutDots(full.substring(folder.length()));
    }
    // An absolute path outlives no move of its folder; the name does.
    String name = CheckpointFileNames.lastPart(path);
    return !isThere(path) && isThere(name) ? name : path;
  }

  private static String withoutDots(String path) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/", -1)) {
      if (part.equals("..") && !parts.isEmpty() && !parts.peekLast().equals("..")) {
        parts.removeLast();
      } else if (!part.equals(".") && !part.isEmpty()) {
        parts.addLast(part);
      }
    }
    return String.join("/", parts);
  }
}
