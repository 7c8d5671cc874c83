package dev.cairn.checkpoint.io;

import dev.cairn.checkpoint.concurrent.Parallel;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.RestorePlan;
import dev.cairn.checkpoint.model.RestorePlan.FileReads;
import dev.cairn.checkpoint.model.RestorePlan.Want;
import dev.cairn.checkpoint.store.StoreInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads regions of variables as a plan says: each data file from front to back, on several threads
 * if wanted. Where the storage has more than one copy of a damaged piece, the next one is tried.
 * Thread-safe.
 */
public final class RegionReader {
  /** Less than this is not worth a thread, and a look at the file, of its own. */
  private static final long LEAST_PART_BYTES = 4 << 20;

  private final DataFiles files;
  private final boolean otherCopies;

  /**
   * A reader of a checkpoint's files.
   *
   * @param otherCopies whether the storage itself can tell a good copy of a file from a bad one
   */
  public RegionReader(DataFiles files, boolean otherCopies) {
    this.files = files;
    this.otherCopies = otherCopies;
  }

  /**
   * Reads what a plan says.
   *
   * @param sinks where each of the wants goes
   */
  public void read(RestorePlan plan, List<Want> wants, List<RegionSink> sinks, int threads)
      throws IOException {
    if (plan.files().size() > 1) {
      files.requireAll(plan);
    }
    List<Parallel.Task> tasks = new ArrayList<>();
    for (FileReads reads : shared(plan.files(), threads)) {
      tasks.add(
          () -> {
            try {
              read(reads, wants, sinks, false);
            } catch (Corrupt e) {
              readGoodCopy(reads, wants, sinks, e);
            }
          });
    }
    Parallel.run("cairn-restore", threads, tasks);
  }

  /** Where there are fewer files than threads, several threads share a file. */
  private static List<FileReads> shared(List<FileReads> files, int threads) {
    int readers = files.isEmpty() ? 1 : threads / files.size();
    if (readers <= 1) {
      return files;
    }
    List<FileReads> shared = new ArrayList<>();
    for (FileReads reads : files) {
      int parts = (int) Math.min(readers, Math.max(1, reads.bytes() / LEAST_PART_BYTES));
      shared.addAll(reads.split(parts));
    }
    return shared;
  }

  private void read(FileReads reads, List<Want> wants, List<RegionSink> sinks, boolean verified)
      throws IOException {
    try (StoreInput in = files.open(reads.shard(), verified)) {
      new SliceReader(files.path(reads.shard()), in, wants, sinks, files::count).read(reads);
    }
  }

  /** Another replica may be good where the first one was not; only the storage can tell which. */
  private void readGoodCopy(
      FileReads reads, List<Want> wants, List<RegionSink> sinks, Corrupt found) throws Corrupt {
    if (!otherCopies) {
      throw found;
    }
    try {
      read(reads, wants, sinks, true);
    } catch (IOException e) {
      found.addSuppressed(e);
      throw found;
    }
  }
}
