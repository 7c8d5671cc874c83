package dev.cairn.jobs.bench;

import dev.cairn.jobs.config.TrainConf;
import dev.cairn.spark.ExecutorProcesses;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.Member;
import dev.cairn.spark.listener.TrainingListener;
import dev.cairn.spark.ml.LogisticRegression;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * P8: what the loss of an executor costs a run that trains, on two real executor processes with
 * {@code bench.recovery-mib} of state and checkpoints on a real HDFS. In each round one executor is
 * killed (or stopped) right after a checkpoint, and the clock runs from the signal to the first
 * step that is done afterwards; then the round waits until its replacement owns shards again.
 */
final class RecoveryBench {
  private static final int EXECUTORS = 2;

  /** The default of the configuration. */
  private static final long EVERY_STEPS =
      Long.parseLong(TrainConf.CHECKPOINT_EVERY.defaultText().orElseThrow());

  private static final long PATIENCE_SECONDS = 120;

  private RecoveryBench() {}

  /** An event, with the nanosecond at which it came. */
  private record Event(String kind, long nanos, Object detail) {}

  private static final class Watch implements TrainingListener {
    final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();

    void put(String kind, Object detail) {
      events.add(new Event(kind, System.nanoTime(), detail));
    }

    Event await(String kind) throws InterruptedException {
      while (true) {
        Event event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (event == null) {
          throw new IllegalStateException(
              "nothing of the kind " + kind + " for " + PATIENCE_SECONDS + " s");
        }
        if (event.kind().equals(kind)) {
          return event;
        }
      }
    }

    @Override
    public void committed(String path, long step, long bytes, long captured, long durable) {
      put("committed", step);
    }

    @Override
    public void recovered(Recovery recovery) {
      put(recovery.losses().isEmpty() ? "rebalanced" : "recovered", recovery);
    }
  }

  public static void main(String[] arguments) throws Exception {
    int status = 1; // the cluster's threads would keep a failed benchmark alive
    try (HdfsServer.Running hdfs = HdfsServer.start()) {
      List<String> kinds = BenchOptions.recoveryKinds();
      if (kinds.contains("P8a")) {
        measure("P8a", "kill -9 to the next step, survivor takes over", 1.5, "KILL", "0s", hdfs);
      }
      if (kinds.contains("P8b")) {
        measure(
            "P8b",
            "kill -9, the replacement waited for: beyond its start",
            0.5,
            "KILL",
            "60s",
            hdfs);
      }
      if (kinds.contains("P8c")) {
        measure("P8c", "SIGSTOP to the next step", 4, "STOP", "0s", hdfs);
      }
      status = 0;
    } catch (RuntimeException e) {
      e.printStackTrace();
    } finally {
      System.exit(status);
    }
  }

  private static void measure(
      String name, String what, double wanted, String signal, String wait, HdfsServer.Running hdfs)
      throws Exception {
    Map<String, String> conf = new HashMap<>();
    conf.put("spark.executor.memory", "4g");
    conf.put("spark.master", "local-cluster[2,1,4096]");
    conf.put("spark.cairn.recovery.replacement-wait", wait);
    conf.put("spark.cairn.recovery.max", "1000");
    conf.put("spark.hadoop.dfs.replication", "1");
    conf.put("spark.executor.extraJavaOptions", BenchOptions.executorJavaOptions());
    try (LocalCluster cluster = LocalCluster.start(EXECUTORS, conf)) {
      Watch watch = new Watch();
      Runnable stopListening = Coordinator.current().onLoss(loss -> watch.put("noticed", loss));
      LogisticRegression estimator =
          new LogisticRegression()
              .setPartitions(4)
              .setBatchRows(400)
              .setMaxIter(1_000_000)
              .setRunDir(hdfs.uri() + "/p8/" + name)
              .setCheckpointEverySteps(EVERY_STEPS)
              .setCheckpointKeep(2)
              .setListener(watch);
      Dataset<org.apache.spark.sql.Row> data = data(cluster);
      Thread training = new Thread(() -> estimator.fit(data).close(), "bench-training");
      training.start();
      Rounds rounds = new Rounds(watch, signal, wait.equals("0s") ? 0 : 1);
      for (int round = -1; round < BenchOptions.recoveries(); round++) {
        rounds.run(round >= 0);
      }
      estimator.stop();
      training.join();
      stopListening.run();
      rounds.report(name, what, wanted);
    }
  }

  /** Rounds of one kind and what they gave. */
  private static final class Rounds {
    private final Watch watch;
    private final String signal;
    private final int replacements;
    private final List<Double> seconds = new ArrayList<>();
    private final List<Double> noticed = new ArrayList<>();
    private final List<Double> readShare = new ArrayList<>();
    private final List<Double> redone = new ArrayList<>();

    Rounds(Watch watch, String signal, int replacements) {
      this.watch = watch;
      this.signal = signal;
      this.replacements = replacements;
    }

    void run(boolean counts) throws Exception {
      watch.events.clear();
      watch.await("committed");
      Map<String, Long> running = ExecutorProcesses.running();
      Member victim = Coordinator.current().membership().members().get(0);
      long pid = running.get(victim.executorId());
      long start = System.nanoTime();
      ExecutorProcesses.signal(pid, signal);
      long noticedAt = watch.await("noticed").nanos();
      long begin = replacements == 0 ? start : replacementAt(victim);
      Event recovered = watch.await("recovered");
      TrainingListener.Recovery recovery = (TrainingListener.Recovery) recovered.detail();
      if (counts) {
        seconds.add((recovered.nanos() - begin) / 1e9);
        noticed.add((noticedAt - start) / 1e9);
        double lost = (recovery.memoryBytes() + recovery.storageBytes()) / 2.0;
        readShare.add(recovery.storageBytes() / lost);
        redone.add((double) recovery.stepsRedone());
      }
      if (signal.equals("STOP")) {
        ExecutorProcesses.signal(pid, "CONT");
      }
      if (recovery.executors() < EXECUTORS) { // else the replacement has its shards already
        watch.await("rebalanced");
      }
    }

    /** The time when an executor that was not there has registered; it begins to be of use then. */
    private static long replacementAt(Member victim) throws InterruptedException {
      while (Coordinator.current().membership().members().size() < EXECUTORS
          || Coordinator.current().membership().members().stream()
              .anyMatch(member -> member.address().equals(victim.address()))) {
        TimeUnit.MILLISECONDS.sleep(1);
      }
      return System.nanoTime();
    }

    void report(String name, String what, double wanted) {
      Samples all = samples(seconds);
      System.out.println(
          Row.atMost(
                  wanted,
                  all.median(),
                  "s",
                  name,
                  what,
                  name + ": " + all.show("%.2f", "s over " + seconds.size() + " rounds"),
                  name + ": noticed after " + samples(noticed).show("%.3f", "s"),
                  name + ": steps redone " + samples(redone).show("%.0f", "steps"))
              .line());
      Samples share = samples(readShare);
      System.out.println(
          Row.atMost(
                  1.02,
                  share.max(),
                  "",
                  "P8d",
                  "bytes read from storage / bytes of the lost shards, " + name,
                  name + ": " + share.show("%.4f", "of the lost shards' bytes"))
              .line());
    }

    private static Samples samples(List<Double> values) {
      return new Samples(values.stream().mapToDouble(Double::doubleValue).toArray());
    }
  }

  /** Weights and accumulators of a float each fill the state. */
  private static int features() {
    return (int) (((long) BenchOptions.recoveryMib() << 20) / 8) - 1;
  }

  private static Dataset<org.apache.spark.sql.Row> data(LocalCluster cluster) {
    SparkSession spark = SparkSession.builder().sparkContext(cluster.spark().sc()).getOrCreate();
    Random random = new Random(1);
    List<org.apache.spark.sql.Row> rows = new ArrayList<>();
    for (int i = 0; i < 4_000; i++) {
      int[] ids = random.ints(10, 0, features()).distinct().sorted().toArray();
      double[] values = new double[ids.length];
      java.util.Arrays.fill(values, 1);
      rows.add(RowFactory.create((double) (i & 1), Vectors.sparse(features(), ids, values)));
    }
    StructType schema =
        new StructType()
            .add("label", DataTypes.DoubleType)
            .add("features", SQLDataTypes.VectorType());
    return spark.createDataFrame(rows, schema).repartition(2);
  }
}
