package dev.cairn.checkpoint;

import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.commit.SessionIds;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoreOutput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A small file that belongs to a run but to no checkpoint, such as a report: read whole, and
 * replaced whole in one atomic step, local or in HDFS. Thread-safe.
 */
public final class RunFile {
  private final String path;
  private final FolderOptions options;

  private RunFile(String path, FolderOptions options) {
    this.path = path;
    this.options = options;
  }

  /**
   * The file at a path, which need not exist yet.
   *
   * @param path a path or URI that Hadoop takes
   */
  public static RunFile at(String path, FolderOptions options) throws IOException {
    return new RunFile(CheckpointStores.qualify(path, options.hadoopProperties()), options);
  }

  /** The full path, with its scheme. */
  public String path() {
    return path;
  }

  /** All bytes, at most 1 GiB; empty if there is no such file. */
  public Optional<byte[]> read() throws IOException {
    try (CheckpointStore store = CheckpointStores.open(path, options.hadoopProperties())) {
      return Optional.of(CommittedCheckpoints.readAll(store, path));
    } catch (CheckpointException.NotFound e) {
      return Optional.empty();
    }
  }

  /**
   * Tries whether something could be written at this path, and leaves everything as it was. A run
   * may take hours before it writes the file.
   *
   * @throws IOException that says what the storage refused
   */
  public void checkPlace() throws IOException {
    RunFolder.checkWritable(CheckpointFileNames.parent(path), options);
  }

  /**
   * Tries whether {@link #replace} could work, and leaves everything as it was.
   *
   * @throws IOException that says what the storage refused, or that something else is there
   */
  public void checkReplaceable() throws IOException {
    checkPlace();
    try (CheckpointStore store = CheckpointStores.open(path, options.hadoopProperties())) {
      Optional<StoredFile> found = store.stat(path);
      if (found.isPresent() && found.get().kind() == StoredFile.Kind.DIRECTORY) {
        throw new CheckpointException.Conflict(
            "Cannot write a file: expected none or one to replace, found a folder (path="
                + path
                + ")");
      }
    }
  }

  /** Puts these bytes in the file's place; its folder is made when it does not exist. */
  public void replace(byte[] bytes) throws IOException {
    String folder = CheckpointFileNames.parent(path);
    // A name that garbage collection takes, should this process end in between.
    String temporary =
        CheckpointFileNames.child(folder, CheckpointFileNames.stateTemporary(SessionIds.next()));
    try (CheckpointStore store = CheckpointStores.open(path, options.hadoopProperties())) {
      store.makeDirectories(folder);
      try (StoreOutput out = store.create(temporary)) {
        out.write(ByteBuffer.wrap(bytes));
        out.sync();
      }
      store.replace(temporary, path);
    }
  }
}
