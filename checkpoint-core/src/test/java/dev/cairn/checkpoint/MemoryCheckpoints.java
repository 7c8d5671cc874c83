package dev.cairn.checkpoint;

import dev.cairn.checkpoint.model.ShardTarget;
import dev.cairn.checkpoint.model.VerifyReport;
import dev.cairn.checkpoint.store.CheckpointStore;
import java.io.IOException;

/** The real classes over any store, for tests of other modules. */
public final class MemoryCheckpoints {
  private static final int BUFFER_BYTES = 4096;

  private MemoryCheckpoints() {}

  /** A run's folder. */
  public static CheckpointFolder manager(
      CheckpointStore store, String directory, FolderOptions options) {
    return CheckpointFolder.open(store, directory, options);
  }

  /** Writes a shard, with a small buffer. */
  public static ShardWriter writer(CheckpointStore store, ShardTarget target) throws IOException {
    return ShardWriter.create(store, target, BUFFER_BYTES);
  }

  /** Saves a small model into a run's folder, and says where the checkpoint is. */
  public static String save(CheckpointStore store, String directory, long step) throws IOException {
    try (CheckpointFolder folder =
        CheckpointFolder.open(new SharedStore(store), directory, TestCheckpoints.OPTIONS)) {
      return TestCheckpoints.save(folder, store, step, 2).path();
    }
  }

  /** Reads a checkpoint. */
  public static CheckpointReader reader(CheckpointStore store, String path) throws IOException {
    return CheckpointReader.open(store, path);
  }

  /** Reads every byte of a checkpoint, in this thread. */
  public static VerifyReport verify(CheckpointStore store, String path) throws IOException {
    return CheckpointVerifier.verify(store, path, 1, read -> {});
  }
}
