package dev.cairn.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.store.MiniHdfs;
import dev.cairn.jobs.cli.CairnCommand;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packed jar, submitted to a standalone master with two workers, with data and checkpoints in
 * HDFS, trains the same bits as the embedded cluster with three executors on local disk (I5).
 */
@Tag("long")
final class SparkSubmitIT {

  @TempDir private Path temp = Path.of("");

  @Test
  void thePackedJarTrainsTheSameBitsOnAClusterWithHdfs() throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    String data = hdfs.uri("/data/flights.parquet");
    String there = hdfs.uri("/models/flights");
    StandaloneCluster.slice(data, "2001-01-05");
    try (StandaloneCluster cluster = new StandaloneCluster(temp);
        SparkProcess submit = cluster.submit("TensorFlow opens it:", words(data, there))) {
      assertEquals(0, submit.exitCode(), submit::text);
      assertTrue(submit.text().contains("TensorFlow opens it:"), submit::text);
      assertTrue(cluster.master().text().contains("Registered app"), cluster.master()::text);
      for (SparkProcess worker : cluster.workers()) {
        assertTrue(worker.text().contains("Asked to launch executor"), worker::text);
      }
    }
    List<String> local = new ArrayList<>(List.of("train", StandaloneCluster.conf()));
    local.addAll(words(data, temp.resolve("local").toString()));
    local.add("executors=3");
    local.add("spark.executor.extraClassPath=" + StandaloneCluster.testClassPath());
    assertEquals(0, CairnCommand.run(local.toArray(String[]::new)));
    assertEquals(0, CairnCommand.run("checkpoint", "verify", there));
    assertEquals(
        0, CairnCommand.run("checkpoint", "diff", there, temp.resolve("local").toString()));
  }

  private static List<String> words(String data, String checkpoints) {
    return List.of(
        "input=" + data,
        "checkpoint.dir=" + checkpoints,
        "split.test=date >= '2001-01-04'",
        "features.hash-bits=16",
        "train.batch-rows=256",
        "train.max-steps=20",
        "checkpoint.every-steps=8");
  }
}
