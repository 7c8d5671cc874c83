package dev.cairn.checkpoint.io;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.RestorePlan.FileReads;
import dev.cairn.checkpoint.model.RestorePlan.SliceRead;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A large slice that several threads read, each a stretch of its bytes: its checksum is put
 * together from theirs. Elements go to their places meanwhile; if the checksum differs, or a
 * stretch could not be read, they are made zero again once nobody hands on any more. Thread-safe.
 */
final class SharedSlice {
  private final FileReads reads;
  private final Runnable wipe;
  private final int[] sums;
  private final long[] lengths;

  @GuardedBy("this")
  private int readers;

  @GuardedBy("this")
  private boolean givenUp;

  @GuardedBy("this")
  private @Nullable Corrupt damage;

  /**
   * A slice that nobody has read yet.
   *
   * @param stretches how many threads may read it at a time
   * @param wipe makes its elements zero
   */
  SharedSlice(int shard, SliceRead read, int stretches, Runnable wipe) {
    this.reads = new FileReads(shard, List.of(read));
    this.wipe = wipe;
    this.sums = new int[stretches];
    this.lengths = new long[stretches];
  }

  /** The slice alone, as it is read by one thread. */
  FileReads reads() {
    return reads;
  }

  int stretches() {
    return sums.length;
  }

  /** Reads one of the stretches, all of which are about the same size. */
  void read(int stretch, SliceReader reader) throws IOException {
    if (!enter()) {
      return;
    }
    SliceRead read = reads.reads().get(0);
    long size = read.slice().size();
    try {
      long from = size * stretch / sums.length;
      long to = size * (stretch + 1) / sums.length;
      lengths[stretch] = reader.stretch(read, from, to);
      sums[stretch] = reader.checksum();
    } catch (Corrupt e) {
      damaged(e);
    } finally {
      leave();
    }
  }

  private synchronized boolean enter() {
    if (!givenUp) {
      readers++;
    }
    return !givenUp;
  }

  private synchronized void leave() {
    readers--;
    if (givenUp && readers == 0) {
      wipe.run();
    }
  }

  private synchronized void damaged(Corrupt found) {
    if (damage == null) {
      damage = found;
    }
  }

  /** Takes back what was handed on: now, or once those who still read it have ended. */
  synchronized void giveUp() {
    givenUp = true;
    if (readers == 0) {
      wipe.run();
    }
  }

  /**
   * Once all stretches were read: whether they are what was stored.
   *
   * @param path the file's, for the message
   * @return the damage, which was taken back; null if there is none
   */
  synchronized @Nullable Corrupt problem(String path) {
    if (damage == null) {
      int sum = sums[0];
      for (int i = 1; i < sums.length; i++) {
        sum = Crc32cCombiner.combine(sum, sums[i], lengths[i]);
      }
      if (sum != reads.reads().get(0).slice().crc32c()) {
        damage = SliceReader.differs(reads.reads().get(0).slice(), path, sum);
      }
    }
    if (damage != null) {
      giveUp();
    }
    return damage;
  }
}
