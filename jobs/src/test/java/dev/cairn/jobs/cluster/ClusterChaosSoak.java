package dev.cairn.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.store.MiniHdfs;
import dev.cairn.jobs.cli.CairnCommand;
import dev.cairn.spark.ExecutorProcesses;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * S72 on a standalone cluster with HDFS, the packed jar submitted: a seeded adversary kills (-9)
 * executors and the driver, which is submitted again, stops executors and lets them go on, restarts
 * the namenode and datanodes. What comes out is byte for byte what the undisturbed run trains.
 *
 * <p>No part of the ordinary build, since a driver takes half a minute to come back: {@code mvn
 * -Pchaos verify} runs it, {@code -Dcairn.chaos.cluster-kills} times, {@code -Dcairn.chaos.seed}
 * for another one.
 */
final class ClusterChaosSoak {
  private static final int DATANODES = 3;

  @TempDir private Path temp = Path.of("");

  private final int wanted = Integer.getInteger("cairn.chaos.cluster-kills", 20);
  private final Random random = new Random(Long.getLong("cairn.chaos.seed", 1));
  private int executorKills;
  private int driverKills;
  private int stops;
  private int restarts;
  private final List<Long> stopped = new ArrayList<>();

  @Test
  void sameBytesWhateverDies() throws Exception {
    MiniHdfs hdfs = MiniHdfs.start(DATANODES);
    String data = hdfs.uri("/data/flights.parquet");
    StandaloneCluster.slice(data, "2001-01-12");
    try (StandaloneCluster cluster = new StandaloneCluster(temp)) {
      String calm = hdfs.uri("/models/calm");
      try (SparkProcess undisturbed = submit(cluster, data, calm)) {
        assertEquals(0, undisturbed.exitCode(), undisturbed::text);
      }
      for (int round = 0; executorKills + driverKills < wanted || driverKills == 0; round++) {
        String run = hdfs.uri("/models/run-" + round);
        disturbed(cluster, hdfs, data, run);
        assertEquals(0, CairnCommand.run("checkpoint", "verify", run));
        assertEquals(0, CairnCommand.run("checkpoint", "diff", calm, run));
        assertEquals(0, CairnCommand.run("checkpoint", "gc", run));
        System.out.println(
            "round "
                + round
                + ": in all "
                + executorKills
                + " executors and "
                + driverKills
                + " drivers killed, "
                + stops
                + " stops, "
                + restarts
                + " restarts in HDFS");
      }
    } finally {
      hdfs.stop();
    }
  }

  private static SparkProcess submit(StandaloneCluster cluster, String data, String checkpoints)
      throws IOException {
    return cluster.submit(
        "durable",
        List.of(
            "input=" + data,
            "checkpoint.dir=" + checkpoints,
            "split.test=date >= '2001-01-11'",
            "features.hash-bits=18",
            "train.batch-rows=128",
            "train.epochs=12",
            "checkpoint.every-steps=60",
            "train.max-recoveries=1000",
            // Reading and judging are Spark's own: what it needs to survive the same.
            "spark.task.maxFailures=1000",
            "spark.hadoop.dfs.client.retry.policy.enabled=true",
            "spark.hadoop.dfs.client.retry.policy.spec=200,300",
            "report.every-seconds=1"));
  }

  /** Submits until it has come to its end; whoever dies meanwhile. */
  private void disturbed(StandaloneCluster cluster, MiniHdfs hdfs, String data, String run)
      throws Exception {
    boolean done = false;
    while (!done) {
      try (SparkProcess driver = submit(cluster, data, run)) {
        boolean killed = false;
        while (!driver.awaitExit(200 + random.nextInt(4_000))) {
          if (driver.text().contains("durable")) {
            killed |= act(driver, hdfs);
          }
        }
        int code = driver.exitCode();
        assertTrue(code == 0 || (killed && code == 128 + 9), driver::text);
        done = code == 0;
      } finally {
        stopped.forEach(pid -> ExecutorProcesses.signal(pid, "CONT"));
        stopped.clear();
      }
    }
  }

  /** Does one thing; true if that was to kill the driver. */
  private boolean act(SparkProcess driver, MiniHdfs hdfs) throws Exception {
    List<Long> executors = new ArrayList<>(ExecutorProcesses.running().values());
    executors.removeAll(stopped);
    Collections.sort(executors);
    Collections.shuffle(executors, random);
    int dice = random.nextInt(100);
    if (dice < 10) {
      executors.forEach(this::kill);
    } else if (dice < 55) {
      executors.stream().limit(1).forEach(this::kill);
    } else if (dice < 62) {
      ExecutorProcesses.signal(driver.pid(), "KILL");
      driverKills++;
      return true;
    } else if (dice < 85) {
      executors.stream().limit(1).forEach(this::stopForAWhile);
    } else if (dice < 93) {
      boolean unused = hdfs.cluster().restartDataNode(random.nextInt(DATANODES), true);
      restarts++;
    } else {
      hdfs.cluster().restartNameNode(true);
      restarts++;
    }
    return false;
  }

  private void kill(long pid) {
    ExecutorProcesses.signal(pid, "KILL");
    executorKills++;
  }

  private void stopForAWhile(long pid) {
    ExecutorProcesses.signal(pid, "STOP");
    stops++;
    stopped.add(pid);
    long millis = 200 + random.nextInt(6_000);
    Thread later =
        new Thread(
            () -> {
              try {
                TimeUnit.MILLISECONDS.sleep(millis);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              ExecutorProcesses.signal(pid, "CONT");
            });
    later.setDaemon(true);
    later.start();
  }
}
