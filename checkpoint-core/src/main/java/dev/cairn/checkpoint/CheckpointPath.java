package dev.cairn.checkpoint;

import dev.cairn.checkpoint.bundle.CheckpointState;
import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.CheckpointException.UnsupportedVersion;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoreInput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the checkpoint that a path means, and explains what the path is if it means none.
 * Stateless.
 */
public final class CheckpointPath {

  private static final int NEAR = 5;
  private static final long TABLE_MAGIC = 0xDB4775248B80FB57L;
  private static final String INDEX = ".index";
  private static final Pattern DATA = Pattern.compile("(.+)\\.data-\\d{5,}-of-\\d{5,}");
  private static final Pattern PART = Pattern.compile("(.+)-\\d{5}-of-\\d{5}");

  private CheckpointPath() {}

  /**
   * Finds the checkpoint that a path means: a checkpoint's folder, or TensorFlow's prefix, as they
   * are; of a run's folder its newest checkpoint; of a folder with TensorFlow's {@code checkpoint}
   * file the newest one that it names; of a SavedModel its variables; of a folder of published
   * versions the one in use, or, of {@code FOLDER@LABEL}, that of a label.
   *
   * @param path a path or URI that Hadoop takes
   * @return a full path that {@link CheckpointReader#open} and {@link CheckpointVerifier} take
   * @throws NotFound if there is none, with what there is instead
   * @throws UnsupportedVersion for checkpoints of TensorFlow's first format
   */
  public static String resolve(String path, FolderOptions options) throws IOException {
    String full = CheckpointStores.qualify(path, options.hadoopProperties());
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties())) {
      return resolve(store, full);
    }
  }

  static String resolve(CheckpointStore store, String path) throws IOException {
    Optional<StoredFile> there = store.stat(path);
    boolean folder = there.isPresent() && !there.get().isFile();
    if ((folder && exists(store, path, CheckpointFileNames.MANIFEST))
        || store.stat(path + INDEX).isPresent()) {
      return path;
    }
    Optional<String> version = ModelVersions.resolve(store, path);
    if (version.isPresent()) {
      return ModelVersions.checkpoint(store, version.get());
    }
    if (!folder) {
      throw explain(store, path, null);
    }
    List<CommittedCheckpoints.Entry> own = new CommittedCheckpoints(store, path).committed();
    if (!own.isEmpty()) {
      return CheckpointFileNames.child(path, own.get(own.size() - 1).name().name());
    }
    Optional<String> named = newestNamed(store, path);
    if (named.isPresent()) {
      return named.get();
    }
    if (exists(store, path, CheckpointFileNames.SAVED_MODEL)
        || exists(store, path, "saved_model.pbtxt")) {
      String variables = CheckpointFileNames.child(path, CheckpointFileNames.VARIABLES);
      if (exists(store, variables, CheckpointFileNames.INDEX)) {
        return ModelVersions.checkpoint(store, path);
      }
      throw new NotFound(
          "Cannot open checkpoint: expected a SavedModel with variables, found one without any: it"
              + " has nothing to restore (path="
              + path
              + ")");
    }
    if (exists(store, path, CheckpointFileNames.INDEX)) {
      return CheckpointFileNames.child(path, CheckpointFileNames.VARIABLES);
    }
    throw explain(store, path, null);
  }

  private static boolean exists(CheckpointStore store, String folder, String name)
      throws IOException {
    return store.stat(CheckpointFileNames.child(folder, name)).isPresent();
  }

  /**
   * The newest checkpoint by TensorFlow's state file; empty if there is no such file, or it names
   * none.
   */
  private static Optional<String> newestNamed(CheckpointStore store, String folder)
      throws IOException {
    String file = CheckpointFileNames.child(folder, CheckpointFileNames.STATE);
    if (!store.stat(file).map(StoredFile::isFile).orElse(false)) {
      return Optional.empty();
    }
    String text = new String(CommittedCheckpoints.readAll(store, file), StandardCharsets.UTF_8);
    CheckpointState state = CheckpointState.parse(text, file);
    if (state.latest().isEmpty()) {
      return Optional.empty();
    }
    String latest = state.latest();
    if (Arrays.asList(latest.split("/")).contains("..")) {
      throw new Corrupt(
          "Cannot open checkpoint: expected TensorFlow's state file to name the newest one within"
              + " its folder, found "
              + latest
              + " (path="
              + file
              + "); mend model_checkpoint_path, or open that checkpoint itself");
    }
    // An absolute path outlives no move of its folder; the name does.
    for (String candidate : List.of(latest, CheckpointFileNames.lastPart(latest))) {
      boolean absolute = candidate.startsWith("/") || candidate.contains("://");
      String prefix = absolute ? candidate : CheckpointFileNames.child(folder, candidate);
      if (store.stat(prefix + INDEX).isPresent()) {
        return Optional.of(prefix);
      }
      if (store.stat(prefix).map(StoredFile::isFile).orElse(false)) {
        throw explain(store, prefix, null);
      }
    }
    throw new NotFound(
        "Cannot open checkpoint: TensorFlow's state file names "
            + latest
            + " as the newest, which is gone (path="
            + file
            + ")"
            + near(store, folder, latest));
  }

  /**
   * Passes if a folder is there; for commands that only read, since a run's folder need not exist.
   *
   * @throws NotFound if it is not, with what is near
   */
  public static void requireFolder(String path, FolderOptions options) throws IOException {
    String full = CheckpointStores.qualify(path, options.hadoopProperties());
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties())) {
      Optional<StoredFile> there = store.stat(full);
      if (there.isPresent() && there.get().isFile()) {
        throw explainFile(store, full);
      }
      if (there.isEmpty()) {
        String parent = CheckpointFileNames.parent(full);
        throw new NotFound(
            "Cannot look into a run's folder: expected a folder, found nothing (path="
                + full
                + ")"
                + near(store, parent, CheckpointFileNames.lastPart(full)));
      }
    }
  }

  /**
   * The checkpoints that TensorFlow's own state file names in a folder beside those of Cairn,
   * oldest first; those that are gone are left out.
   */
  public static List<String> foreign(String folder, FolderOptions options) throws IOException {
    String full = CheckpointStores.qualify(folder, options.hadoopProperties());
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties())) {
      return new CommittedCheckpoints(store, full).foreignPrefixes();
    }
  }

  /** The error that explains why there is no checkpoint at a path. */
  static CheckpointException explain(
      CheckpointStore store, String path, @Nullable IOException cause) throws IOException {
    Optional<StoredFile> there = store.stat(path);
    if (there.isPresent() && there.get().isFile()) {
      return explainFile(store, path);
    }
    String parent = CheckpointFileNames.parent(path);
    String name = CheckpointFileNames.lastPart(path);
    if (there.isPresent()) {
      return new NotFound(
          "Cannot open checkpoint: expected a folder with manifest.json, with checkpoints or with"
              + " TensorFlow's state file, found another folder (path="
              + path
              + ")"
              + near(store, path, name),
          cause);
    }
    if (names(store, parent).stream().anyMatch(other -> isPart(other, name))) {
      return firstFormat(path);
    }
    return new NotFound(
        "Cannot open checkpoint: expected a folder with manifest.json or a TensorFlow prefix,"
            + " found neither (path="
            + path
            + ")"
            + near(store, parent, name),
        cause);
  }

  private static boolean isPart(String name, String of) {
    Matcher part = PART.matcher(name);
    return part.matches() && part.group(1).equals(of);
  }

  private static CheckpointException explainFile(CheckpointStore store, String path)
      throws IOException {
    String name = CheckpointFileNames.lastPart(path);
    Matcher data = DATA.matcher(path);
    if (path.endsWith(INDEX)) {
      String prefix = path.substring(0, path.length() - INDEX.length());
      return part(path, "a checkpoint's index", "its prefix is " + shown(prefix));
    }
    if (data.matches()) {
      return part(path, "a checkpoint's data file", "its prefix is " + shown(data.group(1)));
    }
    boolean ofFolder =
        name.equals(CheckpointFileNames.STATE)
            || name.equals(CheckpointFileNames.MANIFEST)
            || name.startsWith("saved_model.pb");
    if (ofFolder) {
      String folder = CheckpointFileNames.parent(path);
      return part(path, "a file of a checkpoint's folder", "the folder is " + shown(folder));
    }
    return isTable(store, path)
        ? firstFormat(path)
        : new NotFound(
            "Cannot open checkpoint: expected a folder or a TensorFlow prefix, found a file that is"
                + " no checkpoint (path="
                + path
                + ")"
                + near(store, CheckpointFileNames.parent(path), name));
  }

  private static NotFound part(String path, String what, String instead) {
    return new NotFound(
        "Cannot open checkpoint: expected a folder or a TensorFlow prefix, found "
            + what
            + "; "
            + instead
            + " (path="
            + path
            + ")");
  }

  private static String shown(String path) {
    return CheckpointStores.localPart(path);
  }

  private static UnsupportedVersion firstFormat(String path) {
    return new UnsupportedVersion(
        "Cannot open checkpoint: expected TensorFlow's format V2 (PREFIX.index and"
            + " PREFIX.data-...), found a V1 checkpoint, which is not supported (path="
            + path
            + "); restore it in TensorFlow with tf.compat.v1.train.Saver, and save it with"
            + " write_version=V2");
  }

  /** TensorFlow's first format is one table, values and all. */
  private static boolean isTable(CheckpointStore store, String path) throws IOException {
    try (StoreInput in = store.open(path)) {
      if (in.length() < 48) {
        return false;
      }
      ByteBuffer magic = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      in.readFully(in.length() - Long.BYTES, magic);
      return magic.getLong(0) == TABLE_MAGIC;
    }
  }

  /** A hint at what may have been meant: folders and prefixes of a folder, similar names first. */
  static String near(CheckpointStore store, String folder, String wanted) {
    List<String> candidates;
    try {
      candidates = names(store, folder);
    } catch (IOException e) {
      return "";
    }
    List<String> prefixes = new ArrayList<>();
    for (String name : candidates) {
      if (name.endsWith(INDEX)) {
        prefixes.add(name.substring(0, name.length() - INDEX.length()));
      } else if (name.endsWith("/")) {
        prefixes.add(name);
      }
    }
    prefixes.sort(
        Comparator.comparingInt((String name) -> -alike(name, wanted))
            .thenComparing(Comparator.naturalOrder()));
    if (prefixes.isEmpty()) {
      return "";
    }
    int shown = Math.min(NEAR, prefixes.size());
    return "; in "
        + shown(folder)
        + " there "
        + (prefixes.size() == 1 ? "is " : "are ")
        + String.join(", ", prefixes.subList(0, shown))
        + (shown < prefixes.size() ? " and " + (prefixes.size() - shown) + " more" : "");
  }

  private static int alike(String a, String b) {
    int same = 0;
    while (same < Math.min(a.length(), b.length()) && a.charAt(same) == b.charAt(same)) {
      same++;
    }
    return same;
  }

  /** The names in a folder, folders with a slash, hidden ones left out; none if it is not there. */
  private static List<String> names(CheckpointStore store, String folder) throws IOException {
    List<String> names = new ArrayList<>();
    try {
      for (StoredFile file : store.list(folder)) {
        if (!file.name().startsWith(".")) {
          names.add(file.isDirectory() ? file.name() + "/" : file.name());
        }
      }
    } catch (NotFound e) {
      return List.of();
    }
    return names;
  }
}
