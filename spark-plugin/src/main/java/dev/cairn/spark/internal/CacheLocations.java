package dev.cairn.spark.internal;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.scheduler.ExecutorCacheTaskLocation;
import org.apache.spark.scheduler.TaskLocation;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/** Where Spark has cached the partitions of an RDD. */
public final class CacheLocations {
  private CacheLocations() {}

  /** For each partition the id of an executor that has it cached, or null. */
  public static List<@Nullable String> executorsOf(JavaRDD<?> rdd) {
    List<@Nullable String> executors = new ArrayList<>();
    int partitions = rdd.getNumPartitions();
    for (int p = 0; p < partitions; p++) {
      String executor = null;
      for (TaskLocation location :
          CollectionConverters.asJava(rdd.context().getPreferredLocs(rdd.rdd(), p))) {
        if (location instanceof ExecutorCacheTaskLocation cached) {
          executor = cached.executorId();
          break;
        }
      }
      executors.add(executor);
    }
    return executors;
  }
}
