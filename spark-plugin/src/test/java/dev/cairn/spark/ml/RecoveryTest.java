package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.spark.Eventually;
import dev.cairn.spark.ExecutorProcesses;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.listener.TrainingListener;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Executors are killed, stopped and continued while a run trains: it goes on by itself, and ends at
 * the bits of the undisturbed run (I5).
 */
class RecoveryTest {
  static final int FEATURES = 300_000;
  private static final long EVERY = 40;

  @TempDir Path folder;

  /** Does something once, when the checkpoint of a step is committed; remembers recoveries. */
  private static final class Disturbance implements TrainingListener {
    final List<Recovery> recoveries = new CopyOnWriteArrayList<>();
    final Map<Long, Runnable> at = new HashMap<>();
    final List<String> skipped = new CopyOnWriteArrayList<>();
    final List<String> interruptions = new CopyOnWriteArrayList<>();
    Runnable whenSkipped = () -> {};
    Runnable whenInterrupted = () -> {};
    final CountDownLatch recovered = new CountDownLatch(1);

    @Override
    public void committed(String path, long step, long bytes, long captured, long durable) {
      Runnable action = at.remove(step);
      if (action != null) {
        action.run();
      }
    }

    @Override
    public void checkpointSkipped(String where, String why) {
      skipped.add(why);
      whenSkipped.run();
    }

    @Override
    public void recovering(String why) {
      interruptions.add(why);
      whenInterrupted.run();
    }

    @Override
    public void recovered(Recovery recovery) {
      recoveries.add(recovery);
      recovered.countDown();
    }

    /** Does what a listener should not do: blocks the event of a commit for very long. */
    void waitForRecovery() {
      try {
        assertTrue(recovered.await(1, TimeUnit.MINUTES), "no recovery while a listener is busy");
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  static Dataset<Row> data(LocalCluster cluster) {
    SparkSession spark = SparkSession.builder().sparkContext(cluster.spark().sc()).getOrCreate();
    Random random = new Random(5);
    List<Row> list = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      int[] ids = random.ints(12, 0, FEATURES).distinct().sorted().toArray();
      double[] values = new double[ids.length];
      java.util.Arrays.fill(values, 1);
      list.add(RowFactory.create((double) (ids[0] & 1), Vectors.sparse(FEATURES, ids, values)));
    }
    StructType schema =
        new StructType()
            .add("label", DataTypes.DoubleType)
            .add("features", SQLDataTypes.VectorType());
    return spark.createDataFrame(list, schema).repartition(3);
  }

  static LogisticRegression estimator() {
    return new LogisticRegression().setPartitions(5).setBatchRows(200).setMaxIter(40).setSeed(11);
  }

  private TrainedBits trained(LocalCluster cluster, String name, TrainingListener listener)
      throws Exception {
    LogisticRegression estimator =
        estimator()
            .setRunDir(folder.resolve(name).toUri().toString())
            .setCheckpointEverySteps(EVERY)
            .setListener(listener);
    try (LogisticRegressionModel model = estimator.fit(data(cluster))) {
      return TrainedBits.of(model.checkpoint(), FolderOptions.defaults());
    }
  }

  static long anyExecutor() {
    return ExecutorProcesses.running().values().iterator().next();
  }

  @Test
  void killed() throws Exception {
    try (LocalCluster cluster = LocalCluster.start(3, Map.of())) {
      TrainedBits expected = trained(cluster, "calm", new Disturbance());
      Disturbance killed = new Disturbance();
      killed.at.put(
          EVERY,
          () -> {
            Path next = folder.resolve("killed/ckpt-" + 2 * EVERY);
            Eventually.await(() -> Files.exists(next), next + " is there");
            ExecutorProcesses.signal(anyExecutor(), "KILL");
            killed.waitForRecovery();
          });
      expected.assertSame(trained(cluster, "killed", killed));
      assertTrue(killed.recoveries.size() >= 1, killed.recoveries.toString());
      assertTrue(killed.recoveries.get(0).fromStep() >= 2 * EVERY, killed.recoveries.toString());
    }
  }

  @Tag("long")
  @Test
  void stoppedAndContinuedAndAllKilled() throws Exception {
    try (LocalCluster cluster = LocalCluster.start(3, Map.of())) {
      TrainedBits expected = trained(cluster, "calm", new Disturbance());
      Disturbance stopped = new Disturbance();
      long victim = anyExecutor();
      stopped.at.put(EVERY, () -> ExecutorProcesses.signal(victim, "STOP"));
      stopped.at.put(6 * EVERY, () -> ExecutorProcesses.signal(victim, "CONT"));
      expected.assertSame(trained(cluster, "stopped", stopped));
      assertTrue(stopped.recoveries.size() >= 1, stopped.recoveries.toString());

      Disturbance all = new Disturbance();
      all.at.put(
          EVERY,
          () ->
              ExecutorProcesses.running()
                  .values()
                  .forEach(p -> ExecutorProcesses.signal(p, "KILL")));
      expected.assertSame(trained(cluster, "all", all));
      assertTrue(all.recoveries.size() >= 1, all.recoveries.toString());
    }
  }

  /**
   * A run that is stopped while it recovers tells of the loss all the same. When it goes on its
   * newest checkpoint is damaged, and before it has read the one before it an executor dies.
   */
  @Tag("long")
  @Test
  void stoppedWhileRecoveringAndKilledWhileFirstFilled() throws Exception {
    try (LocalCluster cluster = LocalCluster.start(3, Map.of())) {
      TrainedBits expected = trained(cluster, "calm", new Disturbance());
      Disturbance stopped = new Disturbance();
      stopped.at.put(2 * EVERY, () -> ExecutorProcesses.signal(anyExecutor(), "KILL"));
      LogisticRegression estimator =
          estimator()
              .setRunDir(folder.resolve("filled").toUri().toString())
              .setCheckpointEverySteps(EVERY)
              .setListener(stopped);
      stopped.whenInterrupted = estimator::stop;
      Path newest;
      try (LogisticRegressionModel model = estimator.fit(data(cluster))) {
        newest = Path.of(URI.create(model.checkpoint())).resolve("variables.data-00000-of-00004");
      }
      assertEquals(1, stopped.recoveries.size(), stopped.recoveries.toString());
      assertEquals(-1, stopped.recoveries.get(0).millisToNextStep());
      byte[] damaged = Files.readAllBytes(newest);
      damaged[damaged.length / 2] ^= 1;
      Files.write(newest, damaged);

      Disturbance killed = new Disturbance();
      killed.whenSkipped = () -> ExecutorProcesses.signal(anyExecutor(), "KILL");
      expected.assertSame(trained(cluster, "filled", killed));
      assertEquals(1, killed.skipped.size(), killed.skipped.toString()); // told once, tried twice
      assertEquals(1, killed.interruptions.size(), killed.interruptions.toString());
      assertEquals(1, killed.recoveries.size(), killed.recoveries.toString());
      assertEquals(1, killed.recoveries.get(0).losses().size(), killed.recoveries.toString());
      assertTrue(killed.recoveries.get(0).millisToNextStep() > 0, killed.recoveries.toString());
    }
  }
}
