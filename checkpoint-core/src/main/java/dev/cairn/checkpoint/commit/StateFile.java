package dev.cairn.checkpoint.commit;

import dev.cairn.checkpoint.bundle.CheckpointState;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoreOutput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * TensorFlow's {@code checkpoint} file: a CheckpointState in text form, four fields only (any other
 * makes TensorFlow ignore the file). Paths are relative, so that a folder can be moved. The
 * timestamps lie after {@code last_preserved_timestamp}: only then does TensorFlow's
 * CheckpointManager adopt the checkpoints.
 *
 * <p>Checkpoints that TensorFlow's own manager keeps in the same folder stay in the file, by their
 * times among ours, as long as their index is there; so does the time since which it preserves
 * some. Every checkpoint that is named is there: one of ours whose files a TensorFlow manager has
 * deleted is not named. Where no checkpoint is left there is no file: one that names none is an
 * error for TensorFlow, and for its manager as well.
 */
public final class StateFile {

  private StateFile() {}

  /**
   * A checkpoint that the file names.
   *
   * @param path relative to the folder, unless TensorFlow wrote another
   * @param seconds since 1970
   */
  private record Named(String path, double seconds) {}

  /** The file's text; the last entry, and there is one, is the newest checkpoint. */
  private static String text(List<Named> oldestFirst, double preservedBefore) {
    List<String> paths = oldestFirst.stream().map(Named::path).toList();
    List<Double> times = oldestFirst.stream().map(Named::seconds).toList();
    double preserved = Math.min(preservedBefore, times.get(0) - 1);
    return new CheckpointState(paths.get(paths.size() - 1), paths, times, preserved).print();
  }

  /**
   * Writes the file beside its place, then puts it there in one step; deletes it if no checkpoint
   * is left.
   */
  static void write(
      CheckpointStore store,
      String directory,
      List<CommittedCheckpoints.Entry> oldestFirst,
      String id)
      throws IOException {
    Optional<CheckpointState> before = read(store, directory);
    List<Named> named = new ArrayList<>();
    if (before.isPresent()) {
      named.addAll(foreign(store, directory, before.get()));
    }
    for (CommittedCheckpoints.Entry entry : oldestFirst) {
      String path = entry.name().name() + '/' + CheckpointFileNames.VARIABLES;
      named.add(new Named(path, entry.modifiedMillis() / 1000.0));
    }
    // Stable: ours stay in the order of their steps even where a clock went back.
    if (named.size() > oldestFirst.size()) {
      named.sort(Comparator.comparingDouble(Named::seconds));
    }
    if (named.isEmpty()) {
      store.delete(CheckpointFileNames.child(directory, CheckpointFileNames.STATE));
      return;
    }
    double preserved =
        before
            .filter(state -> !state.timestamps().isEmpty())
            .map(CheckpointState::lastPreserved)
            .orElse(Double.MAX_VALUE);
    put(store, directory, text(named, preserved), id);
  }

  /**
   * Writes the file as it is given, whatever it said before, beside its place; then puts it there
   * in one step.
   *
   * @param id that nobody else has
   */
  public static void put(CheckpointStore store, String directory, CheckpointState state, String id)
      throws IOException {
    put(store, directory, state.print(), id);
  }

  private static void put(CheckpointStore store, String directory, String text, String id)
      throws IOException {
    String temporary = CheckpointFileNames.child(directory, CheckpointFileNames.stateTemporary(id));
    try (StoreOutput out = store.create(temporary)) {
      out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      out.finish();
    }
    store.replace(temporary, CheckpointFileNames.child(directory, CheckpointFileNames.STATE));
  }

  /** The parsed file; empty if there is none, or none that TensorFlow could read. */
  public static Optional<CheckpointState> read(CheckpointStore store, String directory)
      throws IOException {
    try {
      return load(store, directory);
    } catch (Corrupt e) {
      return Optional.empty();
    }
  }

  /**
   * What the file says, its paths as they stand there; empty if there is none.
   *
   * @throws Corrupt if TensorFlow could not read it
   */
  public static Optional<CheckpointState> load(CheckpointStore store, String directory)
      throws IOException {
    String path = CheckpointFileNames.child(directory, CheckpointFileNames.STATE);
    try {
      byte[] text = CommittedCheckpoints.readAll(store, path);
      return Optional.of(CheckpointState.parse(new String(text, StandardCharsets.UTF_8), path));
    } catch (NotFound e) {
      return Optional.empty();
    }
  }

  /** The checkpoints that TensorFlow keeps here beside ours and that are still there. */
  private static List<Named> foreign(CheckpointStore store, String directory, CheckpointState state)
      throws IOException {
    List<Named> foreign = new ArrayList<>();
    for (int i = 0; i < state.all().size(); i++) {
      String path = state.all().get(i);
      if (isOurs(path)) {
        continue;
      }
      Optional<StoredFile> index = store.stat(full(directory, path) + ".index");
      if (index.isPresent()) {
        double written = index.get().modifiedMillis() / 1000.0;
        foreign.add(
            new Named(path, state.timestamps().isEmpty() ? written : state.timestamps().get(i)));
      }
    }
    return foreign;
  }

  /** The full path of a checkpoint that the file names. */
  static String full(String directory, String path) {
    boolean absolute = path.startsWith("/") || path.contains("://");
    return absolute ? path : CheckpointFileNames.child(directory, path);
  }

  /** Whether a path within the folder is that of a checkpoint of ours. */
  static boolean isOurs(String path) {
    String end = "/" + CheckpointFileNames.VARIABLES;
    return path.endsWith(end)
        && CheckpointFileNames.parseCommitted(path.substring(0, path.length() - end.length()))
            .isPresent();
  }
}
