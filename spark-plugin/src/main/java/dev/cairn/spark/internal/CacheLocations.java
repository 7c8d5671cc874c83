package dev.cairn.spark.internal;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.storage.RDDBlockId;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Finds the executors on which Spark has cached the partitions of an RDD. */
public final class CacheLocations {
  private CacheLocations() {}

  /**
   * The ids of the executors that have each partition cached. The answer comes from the block
   * manager itself: the scheduler's own list is only renewed when a job begins.
   */
  public static List<List<String>> executorsOf(JavaRDD<?> rdd) {
    BlockId[] blocks = new BlockId[rdd.getNumPartitions()];
    for (int p = 0; p < blocks.length; p++) {
      blocks[p] = new RDDBlockId(rdd.id(), p);
    }
    List<List<String>> executors = new ArrayList<>();
    for (Seq<BlockManagerId> locations :
        CollectionConverters.asJava(SparkEnv.get().blockManager().master().getLocations(blocks))) {
      List<String> here = new ArrayList<>();
      CollectionConverters.asJava(locations).forEach(location -> here.add(location.executorId()));
      executors.add(here);
    }
    return executors;
  }
}
