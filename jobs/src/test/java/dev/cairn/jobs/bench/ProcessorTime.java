package dev.cairn.jobs.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/** The processor time that the executors have used, which a busy machine does not change much. */
final class ProcessorTime {
  private static final int ASKED = 8;

  private ProcessorTime() {}

  /** Seconds of all threads of all executors' JVMs since they started. */
  static double ofExecutors(JavaSparkContext spark, int executors) {
    Map<String, Double> seconds = new HashMap<>();
    while (seconds.size() < executors) { // an executor may be given no task of a small job
      List<Integer> tasks = IntStream.range(0, ASKED).boxed().toList();
      spark
          .parallelize(tasks, ASKED)
          .mapPartitions(unused -> Collections.singletonList(here()).iterator())
          .collect()
          .forEach(one -> seconds.put(one._1, one._2));
    }
    return seconds.values().stream().mapToDouble(s -> s).sum();
  }

  private static Tuple2<String, Double> here() throws InterruptedException {
    Thread.sleep(20); // so that the other executor gets tasks as well
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new Tuple2<>(SparkEnv.get().executorId(), system.getProcessCpuTime() / 1e9);
  }
}
