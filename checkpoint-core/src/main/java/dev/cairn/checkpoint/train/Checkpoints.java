package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.CheckpointPath;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.bundle.CheckpointState;
import dev.cairn.checkpoint.graph.MutableVariable;
import dev.cairn.checkpoint.graph.NearNames;
import dev.cairn.checkpoint.io.RegionSink;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The functions of {@code tf.train} for whoever reads checkpoints that others write, under their
 * names there: {@code latest_checkpoint}, {@code get_checkpoint_state}, {@code load_checkpoint},
 * {@code list_variables}, {@code load_variable}, {@code checkpoints_iterator}. Folders of Cairn's
 * runs are read by the same functions. Stateless.
 *
 * <p>Where a path is taken, it may be a prefix, a folder with a state file, a checkpoint's folder
 * or a SavedModel's. Each function has a form with {@link FolderOptions}, of which the Hadoop
 * settings count.
 */
public final class Checkpoints {
  private static final System.Logger LOG = System.getLogger(Checkpoints.class.getName());
  private static final FolderOptions PLAIN = FolderOptions.defaults();

  private Checkpoints() {}

  /** See {@link #latestCheckpoint(String, FolderOptions)}. */
  public static @Nullable String latestCheckpoint(String directory) throws IOException {
    return latestCheckpoint(directory, PLAIN);
  }

  /**
   * The prefix of the newest checkpoint, as the folder's state file says it; null if there is no
   * state file, or if the one that it names is gone, which is logged.
   *
   * @throws Corrupt if there is a state file that cannot be understood; TensorFlow passes over it,
   *     and a program that was to go on begins anew
   */
  public static @Nullable String latestCheckpoint(String directory, FolderOptions options)
      throws IOException {
    String full = CheckpointStores.qualify(directory, options.hadoopProperties());
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties())) {
      StateFolder folder = new StateFolder(store, full);
      Optional<StateFolder.Read> read = folder.read();
      if (read.isEmpty()) {
        return null;
      }
      String latest = read.get().state().latest();
      // A file of the prefix's own name is a checkpoint of the first format.
      if (folder.isThere(latest) || store.stat(folder.full(latest)).isPresent()) {
        return shown(directory, latest);
      }
      LOG.log(
          System.Logger.Level.WARNING,
          "The state file of {0} names {1} as the newest checkpoint, which is gone",
          directory,
          latest);
      return null;
    }
  }

  /** See {@link #getCheckpointState(String, FolderOptions)}. */
  public static Optional<CheckpointState> getCheckpointState(String directory) throws IOException {
    return getCheckpointState(directory, PLAIN);
  }

  /**
   * What a folder's state file says; empty if there is none. Its paths begin with the folder, but
   * for those that lie elsewhere, which are left out, and a newest one elsewhere.
   *
   * @throws Corrupt if there is one that cannot be understood
   */
  public static Optional<CheckpointState> getCheckpointState(
      String directory, FolderOptions options) throws IOException {
    String full = CheckpointStores.qualify(directory, options.hadoopProperties());
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties())) {
      Optional<StateFolder.Read> read = new StateFolder(store, full).read();
      if (read.isEmpty()) {
        return Optional.empty();
      }
      CheckpointState state = read.get().state();
      return Optional.of(
          new CheckpointState(
              shown(directory, state.latest()),
              state.all().stream().map(path -> shown(directory, path)).toList(),
              state.timestamps(),
              state.lastPreserved()));
    }
  }

  /** See {@link #loadCheckpoint(String, FolderOptions)}. */
  public static CheckpointReader loadCheckpoint(String path) throws IOException {
    return loadCheckpoint(path, PLAIN);
  }

  /**
   * Opens a checkpoint, or the newest one of a folder. Until the reader is closed no manager of
   * this JVM deletes it.
   *
   * @throws NotFound if there is none, with what there is instead
   */
  public static CheckpointReader loadCheckpoint(String path, FolderOptions options)
      throws IOException {
    return CheckpointReader.openPinned(CheckpointPath.resolve(path, options), options);
  }

  /** See {@link #listVariables(String, FolderOptions)}. */
  public static List<VariableSpec> listVariables(String path) throws IOException {
    return listVariables(path, PLAIN);
  }

  /** All tensors of a checkpoint in the order of their keys: key, dtype and shape of each. */
  public static List<VariableSpec> listVariables(String path, FolderOptions options)
      throws IOException {
    try (CheckpointReader reader = loadCheckpoint(path, options)) {
      return reader.variables();
    }
  }

  /** See {@link #loadVariable(String, String, FolderOptions)}. */
  public static ArrayVariable loadVariable(String path, String name) throws IOException {
    return loadVariable(path, name, PLAIN);
  }

  /**
   * Reads the whole of a variable of fixed width, put together if it is stored in slices.
   *
   * @param name its key; a {@code :0} at the end is left out, as TensorFlow does it
   * @throws NotFound if there is no such variable, with like names
   * @throws Mismatch if it has strings or variants
   */
  public static ArrayVariable loadVariable(String path, String name, FolderOptions options)
      throws IOException {
    try (CheckpointReader reader = loadCheckpoint(path, options)) {
      VariableSpec variable = require(reader, name);
      if (variable.dtype().elementBytes() == 0) {
        throw new Mismatch(
            "Cannot load "
                + variable
                + " as numbers: its elements have no fixed width (path="
                + reader.prefix()
                + "); read it as strings, or as raw elements through loadCheckpoint");
      }
      ArrayVariable loaded = ArrayVariable.zeros(variable.dtype(), variable.shape());
      MutableVariable.Incoming incoming = loaded.incoming();
      reader.readAll(Map.of(variable.key(), into(incoming)), 1);
      incoming.take();
      return loaded;
    }
  }

  private static RegionSink into(MutableVariable.Incoming incoming) {
    return new RegionSink() {
      @Override
      public void put(long element, ByteBuffer raw) {
        incoming.put(element, raw.order(ByteOrder.LITTLE_ENDIAN));
      }

      @Override
      public void wipe(long element, long count) {
        // It is not taken: whoever wipes ends with an exception.
      }
    };
  }

  /** See {@link #loadStrings(String, String, FolderOptions)}. */
  public static List<byte[]> loadStrings(String path, String name) throws IOException {
    return loadStrings(path, name, PLAIN);
  }

  /**
   * Reads the elements of a variable of strings, row-major.
   *
   * @param name its key; a {@code :0} at the end is left out
   * @throws NotFound if there is no such variable, with like names
   * @throws Mismatch if it has no strings
   */
  public static List<byte[]> loadStrings(String path, String name, FolderOptions options)
      throws IOException {
    try (CheckpointReader reader = loadCheckpoint(path, options)) {
      return reader.readStrings(require(reader, name).key());
    }
  }

  private static VariableSpec require(CheckpointReader reader, String name) throws NotFound {
    String key = name.endsWith(":0") ? name.substring(0, name.length() - 2) : name;
    Optional<VariableSpec> variable = reader.variable(key);
    if (variable.isEmpty()) {
      List<String> keys = reader.variables().stream().map(VariableSpec::key).toList();
      throw new NotFound(
          "Cannot load variable "
              + key
              + ": expected the key of one of "
              + keys.size()
              + " variables"
              + NearNames.hint(key, keys, 0)
              + " (path="
              + reader.prefix()
              + "); listVariables names them");
    }
    return variable.get();
  }

  /**
   * See {@link #checkpointsIterator(String, FolderOptions, Duration, Duration, BooleanSupplier)}.
   */
  public static Iterator<String> checkpointsIterator(String directory) {
    return checkpointsIterator(directory, PLAIN, Duration.ZERO, null, null);
  }

  /**
   * The newest checkpoints of a folder, as they come; those that come while the caller is busy are
   * passed over for the newest. {@code hasNext} waits and looks once a second. One that was saved
   * again under the same name comes again.
   *
   * @param minInterval as long at least after one was handed out comes the next
   * @param timeout how long it waits for one; null waits for ever
   * @param timeoutFn asked after a time-out, and after each checkpoint, whether no more will come;
   *     null means that none comes after a time-out
   */
  public static Iterator<String> checkpointsIterator(
      String directory,
      FolderOptions options,
      Duration minInterval,
      @Nullable Duration timeout,
      @Nullable BooleanSupplier timeoutFn) {
    return new CheckpointsIterator(
        directory, options, minInterval, timeout, timeoutFn, Waiter.REAL);
  }

  /**
   * Waits for a checkpoint other than the one that the caller has.
   *
   * @param lastCheckpoint the one that the caller has; null if it has none
   * @param timeout null waits for ever
   * @return its prefix; null if none came in time
   */
  public static @Nullable String waitForNewCheckpoint(
      String directory,
      FolderOptions options,
      @Nullable String lastCheckpoint,
      @Nullable Duration timeout)
      throws IOException, InterruptedException {
    return CheckpointsIterator.await(directory, options, lastCheckpoint, timeout, Waiter.REAL);
  }

  /** A path of a folder as its user writes it: below the folder as he wrote that. */
  static String shown(String directory, String path) {
    return StateFolder.isWithin(path) ? CheckpointFileNames.child(directory, path) : path;
  }
}
