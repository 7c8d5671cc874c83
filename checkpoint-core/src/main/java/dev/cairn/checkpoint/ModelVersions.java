package dev.cairn.checkpoint;

import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds published versions of a model, as TensorFlow Serving does: they are the folders whose names
 * are whole numbers. The one in use is that of the label {@code stable}, where {@code
 * models.config} has it, else the one of the highest number. Stateless.
 */
public final class ModelVersions {
  private static final String NUMBER = "[0-9]{1,18}";

  private ModelVersions() {}

  /**
   * The folders of versions by number, whatever is in them.
   *
   * @param folder the model's
   * @return full paths; none if there is no such folder
   * @throws Conflict if two names are the same number, such as 42 and 0042
   */
  public static SortedMap<Long, String> list(CheckpointStore store, String folder)
      throws IOException {
    SortedMap<Long, String> found = new TreeMap<>();
    try {
      for (StoredFile file : store.list(folder)) {
        if (file.isFile() || !file.name().matches(NUMBER)) {
          continue;
        }
        String path = CheckpointFileNames.child(folder, file.name());
        String other = found.put(Long.parseLong(file.name()), path);
        if (other != null) {
          throw new Conflict(
              "Cannot tell the versions of a model: expected each number once, found "
                  + CheckpointFileNames.lastPart(other)
                  + " and "
                  + file.name()
                  + ", which servers take for one version (path="
                  + folder
                  + "); rename or remove one of them");
        }
      }
    } catch (NotFound e) {
      return found;
    }
    return found;
  }

  /** The configuration of a model's folder; empty if there is none. */
  public static Optional<ServingConfig> config(CheckpointStore store, String folder)
      throws IOException {
    String path = CheckpointFileNames.child(folder, CheckpointFileNames.SERVING);
    try {
      byte[] bytes = CommittedCheckpoints.readAll(store, path);
      return Optional.of(ServingConfig.parse(new String(bytes, StandardCharsets.UTF_8), path));
    } catch (NotFound e) {
      return Optional.empty();
    }
  }

  /**
   * The number of the version in use; empty if nothing was published.
   *
   * @param folder the model's
   * @throws NotFound if {@code models.config} names one that is gone
   */
  public static OptionalLong current(CheckpointStore store, String folder) throws IOException {
    Optional<ServingConfig> config = config(store, folder);
    SortedMap<Long, String> there = list(store, folder);
    OptionalLong stable =
        config.isPresent() ? config.get().version(ServingConfig.STABLE) : OptionalLong.empty();
    if (stable.isPresent()) {
      if (!there.containsKey(stable.getAsLong())) {
        throw new NotFound(
            "Cannot tell which version of a model is in use: models.config says version "
                + stable.getAsLong()
                + ", expected one of "
                + there.keySet()
                + " (path="
                + folder
                + "); move the label by rollback --to VERSION --by-label, or delete models.config:"
                + " then the highest number is in use");
      }
      return stable;
    }
    return there.isEmpty() ? OptionalLong.empty() : OptionalLong.of(there.lastKey());
  }

  /** The folder of a version that must be there. */
  private static String required(SortedMap<Long, String> there, long number, String folder)
      throws NotFound {
    String path = there.get(number);
    if (path == null) {
      throw new NotFound(
          "Cannot open version "
              + number
              + " of a model: expected one of "
              + there.keySet()
              + " (path="
              + folder
              + ")");
    }
    return path;
  }

  /**
   * The folder of the version that a path means: of {@code MODELS/name} the one in use, of {@code
   * MODELS/name@label} that of a label. Empty if the path is no model's folder.
   */
  static Optional<String> resolve(CheckpointStore store, String path) throws IOException {
    if (isFolder(store, path)) {
      OptionalLong current = current(store, path);
      return current.isPresent()
          ? Optional.of(required(list(store, path), current.getAsLong(), path))
          : Optional.empty();
    }
    int at = path.lastIndexOf('@');
    if (at < path.lastIndexOf('/') || !isFolder(store, path.substring(0, at))) {
      return Optional.empty();
    }
    String folder = path.substring(0, at);
    String label = path.substring(at + 1);
    Optional<ServingConfig> config = config(store, folder);
    OptionalLong version = config.isPresent() ? config.get().version(label) : OptionalLong.empty();
    if (version.isEmpty()) {
      throw new NotFound(
          "Cannot open a model: expected a label among "
              + config.map(of -> of.labels().keySet().toString()).orElse("none")
              + ", found "
              + label
              + " (path="
              + folder
              + ")");
    }
    return Optional.of(required(list(store, folder), version.getAsLong(), folder));
  }

  /** Whether a folder has versions, at least one of which is a SavedModel. */
  private static boolean isFolder(CheckpointStore store, String path) throws IOException {
    if (store.stat(path).map(StoredFile::isFile).orElse(true)) {
      return false;
    }
    for (String version : list(store, path).values()) {
      if (store
          .stat(CheckpointFileNames.child(version, CheckpointFileNames.SAVED_MODEL))
          .isPresent()) {
        return true;
      }
    }
    return false;
  }

  /** The path of the checkpoint in a version's folder. */
  static String checkpoint(CheckpointStore store, String version) throws IOException {
    String folder = CheckpointFileNames.child(version, CheckpointFileNames.VARIABLES);
    boolean ours =
        store.stat(CheckpointFileNames.child(folder, CheckpointFileNames.MANIFEST)).isPresent();
    return ours ? folder : CheckpointFileNames.child(folder, CheckpointFileNames.VARIABLES);
  }
}
