package dev.cairn.spark.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.Eventually;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Dynamic allocation takes no executor that holds shards for idle, though it runs no task. */
@Tag("long")
class IdleExecutorTest {

  @Test
  void whoHoldsShardsStays() throws Exception {
    Map<String, String> conf =
        Map.of(
            "spark.dynamicAllocation.enabled", "true",
            "spark.dynamicAllocation.minExecutors", "0",
            "spark.dynamicAllocation.initialExecutors", "2",
            "spark.dynamicAllocation.executorIdleTimeout", "15s");
    LocalCluster cluster = LocalCluster.start(2, conf);
    try {
      Membership membership = Coordinator.current().membership();
      List<Member> members = membership.await(2, Duration.ofMinutes(1));
      ModelSpec spec =
          new ModelSpec(
              "idle",
              new ParameterLayout(List.of(ParameterVariable.table("w", 1_000, 1))),
              new OptimizerSpec("adagrad", new TreeMap<>(Map.of("learning_rate", 0.5))),
              1);
      Member holder = members.get(1);
      try (ShardGroup group = Coordinator.current().open(spec, List.of(holder))) {
        group.initialise();
        Eventually.await(() -> membership.members().size() == 1, "the other one ends");
        assertEquals(List.of(holder), membership.members());
        assertFalse(
            Eventually.happens(() -> !membership.members().contains(holder), 20),
            "it would have ended by now, too");
      }
      Eventually.await(() -> membership.members().isEmpty(), "nothing keeps it any more");
    } finally {
      cluster.close();
    }
  }
}
