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
 * Reads regions of variables by a plan: each data file from front to back, on several threads if
 * wanted. Where the storage has more than one copy of a damaged piece, the next one is tried.
 * Thread-safe.
 */
public final class RegionReader {
  /** The fewest bytes that are worth a thread of their own, which opens the file once more. */
  private static final long LEAST_PART_BYTES = 4 << 20;

  private final DataFiles files;
  private final boolean otherCopies;

  /**
   * Makes a reader of a checkpoint's files.
   *
   * @param otherCopies whether the storage itself can tell a good copy of a file from a bad one
   */
  public RegionReader(DataFiles files, boolean otherCopies) {
    this.files = files;
    this.otherCopies = otherCopies;
  }

  /**
   * Reads the slices of a plan.
   *
   * @param sinks the sink of each want
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

  /** Splits the reads of a file among several threads where there are fewer files than threads. */
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
      new SliceReader(files, reads.shard(), in, wants, sinks).read(reads);
    }
  }

  /**
   * Reads once more where the first replica was damaged: another one may be good, and only the
   * storage can tell which.
   */
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
