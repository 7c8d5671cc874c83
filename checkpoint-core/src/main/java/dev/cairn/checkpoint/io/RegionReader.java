package dev.cairn.checkpoint.io;

import dev.cairn.checkpoint.concurrent.Parallel;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.RestorePlan;
import dev.cairn.checkpoint.model.RestorePlan.FileReads;
import dev.cairn.checkpoint.model.RestorePlan.SliceRead;
import dev.cairn.checkpoint.model.RestorePlan.Want;
import dev.cairn.checkpoint.store.StoreInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads regions of variables by a plan: each data file from front to back, on several threads if
 * wanted, which share a large file and a large slice. Where the storage has more than one copy of a
 * damaged piece, the next one is tried. Thread-safe.
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
    List<FileReads> parts = new ArrayList<>();
    List<SharedSlice> large = new ArrayList<>();
    int readers = threads / Math.max(1, plan.files().size());
    for (FileReads reads : plan.files()) {
      share(reads, readers, wants, sinks, parts, large);
    }
    List<Parallel.Task> tasks = new ArrayList<>();
    for (SharedSlice slice : large) {
      for (int i = 0; i < slice.stretches(); i++) {
        int stretch = i;
        tasks.add(() -> read(slice, stretch, wants, sinks));
      }
    }
    for (FileReads reads : parts) {
      tasks.add(
          () -> {
            try {
              read(reads, wants, sinks, false);
            } catch (Corrupt e) {
              readGoodCopy(reads, wants, sinks, e);
            }
          });
    }
    boolean ended = false;
    try {
      Parallel.run("cairn-restore", threads, tasks);
      ended = true;
    } finally {
      if (!ended) {
        large.forEach(SharedSlice::giveUp);
      }
    }
    requireGood(large, wants, sinks);
  }

  /**
   * Splits the reads of a file among several threads where there are fewer files than threads; a
   * slice that is more than one's share is read by several.
   */
  private static void share(
      FileReads reads,
      int readers,
      List<Want> wants,
      List<RegionSink> sinks,
      List<FileReads> parts,
      List<SharedSlice> large) {
    long bytes = reads.bytes();
    int most = (int) Math.min(readers, bytes / LEAST_PART_BYTES);
    if (most <= 1) {
      parts.add(reads);
      return;
    }
    long each = Math.max(SliceReader.WHOLE_BYTES, bytes / most);
    List<SliceRead> small = new ArrayList<>();
    for (SliceRead read : reads.reads()) {
      long size = read.slice().size();
      if (size > each) {
        int stretches = (int) ((size + each - 1) / each);
        Runnable wipe = () -> SliceReader.wipe(read, wants, sinks);
        large.add(new SharedSlice(reads.shard(), read, stretches, wipe));
      } else {
        small.add(read);
      }
    }
    FileReads rest = new FileReads(reads.shard(), small);
    parts.addAll(rest.split((int) Math.max(1, Math.min(most, rest.bytes() / LEAST_PART_BYTES))));
  }

  private void read(SharedSlice slice, int stretch, List<Want> wants, List<RegionSink> sinks)
      throws IOException {
    int shard = slice.reads().shard();
    try (StoreInput in = files.open(shard, false)) {
      slice.read(stretch, new SliceReader(files, shard, in, wants, sinks));
    }
  }

  private void requireGood(List<SharedSlice> large, List<Want> wants, List<RegionSink> sinks)
      throws Corrupt {
    Corrupt first = null;
    for (SharedSlice slice : large) {
      Corrupt found = slice.problem(files.path(slice.reads().shard()));
      if (found != null) {
        try {
          readGoodCopy(slice.reads(), wants, sinks, found);
        } catch (Corrupt e) {
          if (first == null) {
            first = e;
          } else {
            first.addSuppressed(e);
          }
        }
      }
    }
    if (first != null) {
      throw first;
    }
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
