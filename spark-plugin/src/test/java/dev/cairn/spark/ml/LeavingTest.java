package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.spark.Eventually;
import dev.cairn.spark.ExecutorProcesses;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.internal.SparkInternals;
import dev.cairn.spark.listener.TrainingListener;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.ExecutorAllocationClient;
import org.apache.spark.scheduler.ExecutorDecommissionInfo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;

/** Executors that are told to end hand over first: no step is taken twice (S49). */
@Tag("long")
class LeavingTest {
  private static final long FAR = 1_000_000;
  private static final int MAX_EPOCHS = 80;

  @TempDir Path folder;

  /** Does something once while steps run, and once after a save; remembers what happens then. */
  private static final class Watch implements TrainingListener {
    final List<Recovery> recoveries = new CopyOnWriteArrayList<>();
    final List<Long> saved = new CopyOnWriteArrayList<>();
    private Runnable first;
    private Runnable afterSave;

    Watch(Runnable first, Runnable afterSave) {
      this.first = first;
      this.afterSave = afterSave;
    }

    Watch(Runnable first) {
      this(first, () -> {});
    }

    /** The driver's training thread calls it: no cut comes before it returns. */
    @Override
    public void progress(Progress progress) {
      Runnable action = first;
      first = () -> {};
      if (!saved.isEmpty()) {
        action = afterSave;
        afterSave = () -> {};
      }
      action.run();
    }

    @Override
    public void committed(String path, long step, long bytes, long captured, long durable) {
      saved.add(step);
    }

    @Override
    public void recovered(Recovery recovery) {
      recoveries.add(recovery);
    }
  }

  private TrainedBits trained(LocalCluster cluster, String name, Watch watch) throws Exception {
    LogisticRegression estimator =
        RecoveryTest.estimator()
            .setMaxIter(MAX_EPOCHS)
            .setRunDir(folder.resolve(name).toUri().toString())
            .setCheckpointEverySteps(FAR)
            .setListener(watch);
    try (LogisticRegressionModel model = estimator.fit(RecoveryTest.data(cluster))) {
      return TrainedBits.of(model.checkpoint(), FolderOptions.defaults());
    }
  }

  @Test
  void handsOverFirst() throws Exception {
    TrainedBits expected;
    try (LocalCluster cluster =
        LocalCluster.start(3, Map.of("spark.decommission.enabled", "true"))) {
      expected = trained(cluster, "calm", new Watch(() -> {}));

      Watch terminated = new Watch(() -> terminate(1));
      expected.assertSame(trained(cluster, "terminated", terminated));
      assertHandedOver(terminated);

      Watch decommissioned = new Watch(() -> decommission(cluster));
      expected.assertSame(trained(cluster, "decommissioned", decommissioned));
      assertHandedOver(decommissioned);
    }
    // When there is nobody to hand over to, what they have is saved at least.
    try (LocalCluster cluster = LocalCluster.start(2, Map.of("spark.cairn.leave.grace", "3s"))) {
      Watch all = new Watch(() -> terminate(2), () -> awaitLeaving(0));
      expected.assertSame(trained(cluster, "all", all));
      assertEquals(2, all.recoveries.get(0).losses().size(), all.recoveries.toString());
      // Replacements that come one by one get their shards one by one: no loss, that.
      assertEquals(
          2,
          all.recoveries.stream().mapToInt(recovery -> recovery.losses().size()).sum(),
          all.recoveries.toString());
      assertTrue(all.saved.contains(all.recoveries.get(0).fromStep()), all.recoveries.toString());
    }
  }

  private static void assertHandedOver(Watch watch) {
    assertTrue(watch.recoveries.size() >= 1, "shards must have changed hands");
    for (TrainingListener.Recovery recovery : watch.recoveries) {
      assertEquals(List.of(), recovery.losses(), recovery.toString());
      assertEquals(0, recovery.stepsRedone(), recovery.toString());
    }
  }

  private static void terminate(int executors) {
    ExecutorProcesses.running().values().stream()
        .limit(executors)
        .forEach(pid -> ExecutorProcesses.signal(pid, "TERM"));
    awaitLeaving(executors);
  }

  /**
   * The executors say it themselves. Steps are fast: before the driver knows, or before they have
   * ended, the run might be at its end.
   */
  private static void awaitLeaving(int executors) {
    Eventually.await(
        () -> Coordinator.current().membership().leaving().size() == executors,
        "the driver knows of " + executors + " that are going to end");
  }

  private static void decommission(LocalCluster cluster) {
    String executor = ExecutorProcesses.running().keySet().iterator().next();
    ExecutorAllocationClient client =
        (ExecutorAllocationClient) cluster.spark().sc().schedulerBackend();
    boolean accepted =
        client.decommissionExecutor(
            executor, new ExecutorDecommissionInfo("test", Option.empty()), false, false);
    assertTrue(accepted, "Spark decommissions executor " + executor);
    // Training looks for it by itself, in the thread that calls this: it must not be held up, or
    // the executor, without a task, would end before.
    assertTrue(SparkInternals.decommissioning(cluster.spark().sc(), executor));
  }
}
