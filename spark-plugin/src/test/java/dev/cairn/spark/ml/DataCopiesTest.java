package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.spark.Eventually;
import dev.cairn.spark.ExecutorProcesses;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.Member;
import dev.cairn.spark.internal.CacheLocations;
import dev.cairn.spark.listener.TrainingListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaRDD;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An executor that comes after a loss gets copies of the training data, so the next one is cheap.
 */
@Tag("long")
class DataCopiesTest {
  @TempDir Path folder;

  @Test
  void whoComesLaterGetsCopies() throws Exception {
    try (LocalCluster cluster = LocalCluster.start(2, Map.of())) {
      CountDownLatch trains = new CountDownLatch(1);
      LogisticRegression estimator =
          RecoveryTest.estimator()
              .setMaxIter(1_000_000)
              .setRunDir(folder.toUri().toString())
              .setCheckpointEverySteps(40)
              .setListener(
                  new TrainingListener() {
                    @Override
                    public void committed(
                        String path, long step, long bytes, long captured, long durable) {
                      trains.countDown();
                    }
                  });
      var data = RecoveryTest.data(cluster);
      Thread training = new Thread(() -> estimator.fit(data).close(), "training");
      training.start();
      try {
        assertTrue(trains.await(90, TimeUnit.SECONDS), "no checkpoint");
        Member victim = Coordinator.current().membership().members().get(0);
        ExecutorProcesses.signal(ExecutorProcesses.running().get(victim.executorId()), "KILL");
        Eventually.await(
            () -> {
              Set<String> alive =
                  Coordinator.current().membership().members().stream()
                      .map(Member::executorId)
                      .collect(Collectors.toSet());
              return alive.size() == 2
                  && !alive.contains(victim.executorId())
                  && copies(cluster).stream().allMatch(on -> on.equals(alive));
            },
            "both executors have all partitions: " + copies(cluster));
      } finally {
        estimator.stop();
        training.join();
      }
    }
  }

  /** The executors that have each partition of the training data. */
  private static List<Set<String>> copies(LocalCluster cluster) {
    List<Set<String>> copies = new ArrayList<>();
    for (JavaRDD<?> rdd : cluster.spark().getPersistentRDDs().values()) {
      if ("cairn packed batches".equals(rdd.name())) {
        CacheLocations.executorsOf(rdd).forEach(on -> copies.add(new HashSet<>(on)));
      }
    }
    return copies;
  }
}
