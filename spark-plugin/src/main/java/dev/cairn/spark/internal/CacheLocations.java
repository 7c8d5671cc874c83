package dev.cairn.spark.internal;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.storage.RDDBlockId;
import scala.jdk.javaapi.CollectionConverters;

/** Where Spark has cached the partitions of an RDD. */
public final class CacheLocations {
  private CacheLocations() {}

  /**
   * For each partition the ids of the executors that have it cached. Asks the block manager itself:
   * the scheduler's own list is only renewed when a job begins.
   */
  public static List<List<String>> executorsOf(JavaRDD<?> rdd) {
    List<List<String>> executors = new ArrayList<>();
    int partitions = rdd.getNumPartitions();
    for (int p = 0; p < partitions; p++) {
      List<String> here = new ArrayList<>();
      for (BlockManagerId location :
          CollectionConverters.asJava(
              SparkEnv.get().blockManager().master().getLocations(new RDDBlockId(rdd.id(), p)))) {
        here.add(location.executorId());
      }
      executors.add(here);
    }
    return executors;
  }
}
