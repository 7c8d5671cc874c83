package dev.cairn.spark.internal;

import java.util.HashSet;
import java.util.Set;
import org.apache.spark.SparkEnv;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.storage.RDDBlockId;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Makes copies of cached partitions on other executors. Spark makes them when a partition is
 * computed, and again when an executor is lost, if there is another one to hold them just then; it
 * has no public way to ask for them when one has come later. Thread-safe.
 */
public final class CacheCopies {
  private CacheCopies() {}

  /**
   * Gives a partition that is cached on this executor to others, until {@code copies} executors
   * have it or no other one takes it. Blocks while it is sent.
   *
   * @return whether that many executors have it now; false also when it is not cached here
   */
  public static boolean make(int rdd, int partition, int copies) {
    BlockManager here = SparkEnv.get().blockManager();
    RDDBlockId block = new RDDBlockId(rdd, partition);
    if (here.getStatus(block).isEmpty()) {
      return false;
    }
    Set<BlockManagerId> others =
        new HashSet<>(CollectionConverters.asJava(here.master().getLocations(block)));
    others.remove(here.blockManagerId());
    if (others.size() + 1 >= copies) {
      return true;
    }
    return here.replicateBlock(
        block, CollectionConverters.asScala(others).toSet(), copies, Option.empty());
  }
}
