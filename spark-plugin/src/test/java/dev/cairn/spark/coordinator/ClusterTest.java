package dev.cairn.spark.coordinator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import dev.cairn.spark.transport.ShardDirectory;
import dev.cairn.spark.transport.ShardReply;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Registration and exchanges between real executor processes; the same bits on 1, 2 and 3 (I5). */
final class ClusterTest {
  private static final int PARTITIONS = 4;
  private static final int ROWS = 300_001;
  private static final long STEPS = 5;

  static ModelSpec spec(String model) {
    return new ModelSpec(
        model,
        new ParameterLayout(
            List.of(
                ParameterVariable.table("weights", ROWS - 1, 1), ParameterVariable.scalar("bias"))),
        new OptimizerSpec("adagrad", new TreeMap<>(Map.of("learning_rate", 0.1))),
        PARTITIONS);
  }

  /** One task for each executor, with partitions dealt round robin; gives back their step times. */
  static List<long[]> train(
      LocalCluster cluster, ShardDirectory directory, long segment, int rows) {
    int tasks = directory.shards();
    return cluster
        .spark()
        .parallelize(IntStream.range(0, tasks).boxed().toList(), tasks)
        .map(
            t ->
                StepTasks.run(
                    directory,
                    segment,
                    0,
                    STEPS,
                    IntStream.range(0, PARTITIONS).filter(p -> p % tasks == t).toArray(),
                    rows))
        .collect();
  }

  @Test
  void executorsTrainTogether() throws Exception {
    try (LocalCluster cluster = LocalCluster.start(3, Map.of())) {
      assertArrayEquals(expected(), trained(cluster, 3));
    }
  }

  @Test
  @Tag("long")
  void authenticatedAndEncrypted() throws Exception {
    Map<String, String> conf =
        Map.of(
            "spark.authenticate", "true",
            "spark.authenticate.secret", "a secret of the test",
            "spark.network.crypto.enabled", "true");
    try (LocalCluster cluster = LocalCluster.start(2, conf)) {
      assertArrayEquals(expected(), trained(cluster, 2));
    }
  }

  private static float[] trained(LocalCluster cluster, int executors) throws Exception {
    Coordinator coordinator = Coordinator.current();
    List<Member> members = coordinator.membership().await(executors, Duration.ofSeconds(60));
    assertEquals(executors, members.size());
    assertEquals(1, members.get(0).cores());
    try (ShardGroup group = coordinator.open(spec("m"), members)) {
      group.initialise();
      long segment = group.openSegment(0);
      train(cluster, group.directory(), segment, ROWS);
      for (ShardReply.Status status : group.statuses(0)) {
        assertEquals(STEPS, status.step());
        // Partition p reports a loss of step + p over p + 1 rows.
        assertArrayEquals(new double[] {10, 14, 18, 22, 26}, status.lossSums());
        assertArrayEquals(new long[] {10, 10, 10, 10, 10}, status.lossRows());
      }
      return coordinator
          .access()
          .gather(group.directory(), IntStream.range(0, ROWS).toArray(), 0, ROWS)
          .get();
    }
  }

  /** The same steps without any network, on one shard. */
  private static float[] expected() {
    return LocalTraining.train(spec("m"), STEPS, ROWS);
  }
}
