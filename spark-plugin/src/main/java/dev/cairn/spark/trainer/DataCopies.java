package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.concurrent.NamedThreads;
import dev.cairn.spark.internal.CacheCopies;
import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps up the number of executors that have each packed partition: when one was lost and another
 * has come, those that still have a partition copy it there, while they train. Without that the
 * input would be read again at the second loss, and an executor that came later would fetch its
 * batches from others in every segment.
 *
 * @param rdd the packed partitions' RDD
 * @param copies the number of executors that are to have each
 * @param scarce the partitions that fewer executors have
 */
record DataCopies(int rdd, int copies, Set<Integer> scarce) implements Serializable {
  private static final Logger LOG = LoggerFactory.getLogger(DataCopies.class);

  /** The thread of copies: with one on each executor they do not disturb training. */
  private static final class Sender {
    static final ExecutorService THREAD = NamedThreads.fixed("cairn-data-copies", 1);

    static final Set<Long> UNDER_WAY = ConcurrentHashMap.newKeySet();
  }

  /**
   * Finds the copies that are missing.
   *
   * @param wanted the number of copies that were asked for
   * @param holders the executors that have each partition
   * @param executors the number of executors that are there
   */
  static DataCopies of(int rdd, int wanted, List<List<String>> holders, int executors) {
    int copies = Math.min(wanted, executors);
    Set<Integer> scarce = new HashSet<>();
    for (int p = 0; p < holders.size(); p++) {
      if (!holders.get(p).isEmpty() && holders.get(p).size() < copies) {
        scarce.add(p);
      }
    }
    return new DataCopies(rdd, copies, scarce);
  }

  /**
   * Begins, on an executor, to copy the scarce partitions that are cached here, whichever task
   * trains with them.
   */
  void make() {
    for (int partition : scarce) {
      long key = (long) rdd << 32 | partition;
      if (Sender.UNDER_WAY.add(key)) {
        Sender.THREAD.execute(() -> make(partition, key));
      }
    }
  }

  private void make(int partition, long key) {
    try {
      if (CacheCopies.make(rdd, partition, copies)) {
        LOG.info("{} executors have partition {} of the training data", copies, partition);
      }
    } catch (RuntimeException e) { // training goes on; the next segment tries again
      LOG.info("Cannot copy partition {} of the training data", partition, e);
    } finally {
      Sender.UNDER_WAY.remove(key);
    }
  }
}
