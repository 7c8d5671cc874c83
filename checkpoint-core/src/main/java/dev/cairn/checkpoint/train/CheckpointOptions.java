package dev.cairn.checkpoint.train;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a checkpoint is written and read, as {@code tf.train.CheckpointOptions}: save, write, restore
 * and read take the same. Immutable; start from {@link #defaults}.
 *
 * @param async whether files are written while the program goes on, from a copy of all values that
 *     is made first: the copy takes as much memory as the values
 * @param skipSlotVariables whether slots of optimizers are left alone on restore
 * @param shardBytes how many bytes a data file has at most; variables are cut between rows
 * @param writeCallbacks called one after the other with the checkpoint's path once its files are
 *     complete; with {@code async} on another thread
 * @param names for files without an object graph, which are read by names: the name that a variable
 *     has in the file, by its path in the program such as {@code dense/kernel}; a variable that is
 *     not named here is looked for by its path
 * @param hadoopProperties Hadoop settings laid over the ones found on the class path
 */
public record CheckpointOptions(
    boolean async,
    boolean skipSlotVariables,
    long shardBytes,
    List<WriteCallback> writeCallbacks,
    SortedMap<String, String> names,
    SortedMap<String, String> hadoopProperties) {

  /** Told of checkpoints that are complete. */
  public interface WriteCallback {
    /**
     * A checkpoint is complete.
     *
     * @param path as the program gave it, with the number that {@code save} has put behind
     * @throws IOException is what save or write ends with; the checkpoint stays
     */
    void written(String path) throws IOException;
  }

  /** Copies the settings and checks them. */
  public CheckpointOptions {
    writeCallbacks = List.copyOf(writeCallbacks);
    names = Collections.unmodifiableSortedMap(new TreeMap<>((Map<String, String>) names));
    hadoopProperties =
        Collections.unmodifiableSortedMap(new TreeMap<>((Map<String, String>) hadoopProperties));
    if (shardBytes < 1) {
      throw new IllegalArgumentException(
          "Cannot write data files of at most " + shardBytes + " bytes: expected 1 or more");
    }
  }

  /** Writes at once, one data file, all slots, no callbacks, plain Hadoop settings. */
  public static CheckpointOptions defaults() {
    return new CheckpointOptions(
        false, false, Long.MAX_VALUE, List.of(), new TreeMap<>(), new TreeMap<>());
  }

  /** With files written while the program goes on, or not. */
  public CheckpointOptions withAsync(boolean on) {
    return new CheckpointOptions(
        on, skipSlotVariables, shardBytes, writeCallbacks, names, hadoopProperties);
  }

  /** With slots of optimizers left alone on restore, or not. */
  public CheckpointOptions withSkipSlotVariables(boolean skip) {
    return new CheckpointOptions(async, skip, shardBytes, writeCallbacks, names, hadoopProperties);
  }

  /** With data files of at most so many bytes: as TensorFlow's MaxShardSizePolicy. */
  public CheckpointOptions withShardBytes(long most) {
    return new CheckpointOptions(
        async, skipSlotVariables, most, writeCallbacks, names, hadoopProperties);
  }

  /** With one callback more, called after those that there are. */
  public CheckpointOptions withWriteCallback(WriteCallback callback) {
    List<WriteCallback> all = new ArrayList<>(writeCallbacks);
    all.add(callback);
    return new CheckpointOptions(
        async, skipSlotVariables, shardBytes, all, names, hadoopProperties);
  }

  /** With names for files without an object graph, by path in the program. */
  public CheckpointOptions withNames(Map<String, String> byPath) {
    return new CheckpointOptions(
        async,
        skipSlotVariables,
        shardBytes,
        writeCallbacks,
        new TreeMap<>(byPath),
        hadoopProperties);
  }

  /** With these Hadoop settings in place of the ones so far. */
  public CheckpointOptions withHadoopProperties(SortedMap<String, String> properties) {
    return new CheckpointOptions(
        async, skipSlotVariables, shardBytes, writeCallbacks, names, properties);
  }
}
