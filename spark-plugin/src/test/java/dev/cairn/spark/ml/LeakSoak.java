package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.checkpoint.store.MiniHdfs;
import dev.cairn.spark.ExecutorProcesses;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.Resources;
import dev.cairn.spark.listener.TrainingListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * S75: more than 1,000 saves to HDFS in the same processes leave threads, file handles and memory
 * of driver and executors as they were. What recoveries leave is looked at by {@link ChaosTest},
 * with {@code -Dcairn.chaos.namenode-restarts=false} memory, too. Part of {@code mvn -Pchaos
 * verify} only.
 */
class LeakSoak {
  private static final int SAVES = 1_200;
  private static final int STEPS_PER_EPOCH = 15;
  private static final int SAMPLE_EVERY = 50;

  @Test
  void aThousandSavesLeaveNothing() throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    Map<String, String> conf = new HashMap<>();
    hdfs.clientProperties().forEach((key, value) -> conf.put("spark.hadoop." + key, value));
    Map<String, List<Resources>> samples = new TreeMap<>();
    TrainingListener sampling =
        new TrainingListener() {
          private int saves;

          @Override
          public void committed(String path, long step, long bytes, long captured, long durable) {
            saves++;
            if (saves % SAMPLE_EVERY == 0) {
              sample("driver", Resources.ofThisJvm());
              ExecutorProcesses.running()
                  .forEach((id, pid) -> sample("executor " + id, Resources.of(pid)));
            }
          }

          private void sample(String who, Resources what) {
            System.out.println(saves + " saves, " + who + ": " + what);
            samples.computeIfAbsent(who, none -> new ArrayList<>()).add(what);
          }
        };
    try (LocalCluster cluster = LocalCluster.start(2, conf)) {
      RecoveryTest.estimator()
          .setMaxIter(SAVES / STEPS_PER_EPOCH)
          .setRunDir(hdfs.uri("/leak/run"))
          .setCheckpointEverySteps(1)
          .setListener(sampling)
          .fit(RecoveryTest.data(cluster))
          .close();
    }
    samples.forEach((who, those) -> assertEquals("", Resources.growth(those), who));
    assertEquals(3, samples.size(), samples.keySet().toString());
  }
}
