package dev.cairn.checkpoint.io;

import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.model.RestorePlan;
import dev.cairn.checkpoint.model.RestorePlan.FileReads;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoreInput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.Closeable;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The data files of one checkpoint: opens them, if they are as long as the manifest says, and
 * counts what is read of them. Thread-safe.
 */
public final class DataFiles {
  private final CheckpointStore store;
  private final OpenCheckpoint checkpoint;
  private final Map<String, DataFile> said;
  private final AtomicLong bytesRead = new AtomicLong();

  /** The lengths by name, as first listed; null before. Threads that list at once get the same. */
  private volatile @Nullable Map<String, Long> stored;

  /** The files of an open checkpoint. */
  public DataFiles(CheckpointStore store, OpenCheckpoint checkpoint) {
    this.store = store;
    this.checkpoint = checkpoint;
    this.said = checkpoint.files();
  }

  /** The path of a file. */
  String path(int shard) {
    return checkpoint.dataPath(shard);
  }

  /** Whether what is read must be turned round. */
  boolean bigEndian() {
    return checkpoint.index().bigEndian();
  }

  /** Counts bytes that were read. */
  void count(long bytes) {
    bytesRead.addAndGet(bytes);
  }

  /** Bytes read so far. */
  public long bytesRead() {
    return bytesRead.get();
  }

  /**
   * Opens a file.
   *
   * @param verified whether the storage compares its own checksums, if it has any
   * @throws Corrupt if it is missing or has another length than the manifest says
   */
  StoreInput open(int shard, boolean verified) throws IOException {
    String path = path(shard);
    StoreInput in;
    try {
      in = verified ? store.open(path) : store.openUnverified(path);
    } catch (NotFound e) {
      throw missing(path, e);
    }
    try {
      requireLength(shard, in.length());
      return in;
    } catch (Corrupt e) {
      in.close();
      throw e;
    }
  }

  /**
   * Checks that all files are there in their lengths, before a value of one of them goes to its
   * place. It takes one listing for each checkpoint; opening a file checks again.
   */
  void requireAll(RestorePlan plan) throws IOException {
    if (said.isEmpty()) {
      return; // TensorFlow's checkpoints have no record of the files' lengths.
    }
    Map<String, Long> lengths = stored;
    if (lengths == null) {
      lengths = new HashMap<>();
      for (StoredFile file : store.list(CheckpointFileNames.parent(checkpoint.prefix()))) {
        lengths.put(file.name(), file.length());
      }
      stored = lengths;
    }
    for (FileReads reads : plan.files()) {
      Long length = lengths.get(checkpoint.dataName(reads.shard()));
      if (length == null) {
        throw missing(path(reads.shard()), null);
      }
      requireLength(reads.shard(), length);
    }
  }

  private static Corrupt missing(String path, @Nullable NotFound cause) {
    return new Corrupt(
        "Cannot restore: data file is missing (path=" + path + "); use an older checkpoint", cause);
  }

  private void requireLength(int shard, long found) throws Corrupt {
    DataFile expected = said.get(checkpoint.dataName(shard));
    if (expected != null && expected.length() != found) {
      throw new Corrupt(
          "Cannot restore: data file has another length, expected "
              + expected.length()
              + " bytes, found "
              + found
              + " (path="
              + path(shard)
              + "); use an older checkpoint");
    }
  }

  /** Returns files that stay open while several variables are read. */
  public Held held() {
    return new Held(this);
  }

  /** Files that stay open once they were opened, until this is closed. Not thread-safe. */
  public static final class Held implements Closeable {
    private final DataFiles files;
    private final Map<Integer, StoreInput> open = new HashMap<>();

    private Held(DataFiles files) {
      this.files = files;
    }

    /** A file, opened if it was not. */
    public StoreInput open(int shard) throws IOException {
      StoreInput in = open.get(shard);
      if (in == null) {
        in = files.open(shard, true);
        open.put(shard, in);
      }
      return in;
    }

    /** The path of a file. */
    public String path(int shard) {
      return files.path(shard);
    }

    /** Whether the writer had the highest byte of a number first. */
    public boolean bigEndian() {
      return files.bigEndian();
    }

    /** Counts bytes that were read. */
    public void count(long bytes) {
      files.count(bytes);
    }

    @Override
    public void close() throws IOException {
      for (StoreInput in : open.values()) {
        in.close();
      }
    }
  }
}
