package dev.cairn.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.store.MiniHdfs;
import dev.cairn.jobs.cli.CairnCommand;
import java.io.File;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packed jar, submitted to a standalone master with two workers, with data and checkpoints in
 * HDFS, trains the same bits as the embedded cluster with three executors on local disk (I5).
 */
final class SparkSubmitIT {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  @TempDir private Path temp = Path.of("");

  @Test
  void thePackedJarTrainsTheSameBitsOnAClusterWithHdfs() throws Exception {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    String spark = sparkOnly(classPath);
    MiniHdfs hdfs = MiniHdfs.shared();
    String data = hdfs.uri("/data/flights.parquet");
    String there = hdfs.uri("/models/flights");
    slice(data);
    int port = freePort();
    String master = "spark://127.0.0.1:" + port;
    try (SparkProcess leader = master(spark, port).awaitMarker();
        SparkProcess first = worker(spark, master, 1).awaitMarker();
        SparkProcess second = worker(spark, master, 2).awaitMarker();
        SparkProcess submit = submit(spark, master, data, there)) {
      assertEquals(0, submit.exitCode(), submit::text);
      assertTrue(submit.text().contains("TensorFlow opens it:"), submit::text);
      assertTrue(leader.text().contains("Registered app"), leader::text);
      assertTrue(first.text().contains("Asked to launch executor"), first::text);
      assertTrue(second.text().contains("Asked to launch executor"), second::text);
    }
    List<String> local = new ArrayList<>(List.of("train", conf()));
    local.addAll(words(data, temp.resolve("local").toString()));
    local.add("executors=3");
    local.add("spark.executor.extraClassPath=" + classPath);
    assertEquals(0, CairnCommand.run(local.toArray(String[]::new)));
    assertEquals(0, CairnCommand.run("checkpoint", "verify", there));
    assertEquals(
        0, CairnCommand.run("checkpoint", "diff", there, temp.resolve("local").toString()));
  }

  private static String conf() {
    return ROOT.resolve("conf/flights.properties").toString();
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

  private static void slice(String target) {
    SparkSession session =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.driver.host", "127.0.0.1")
            .getOrCreate();
    try {
      session
          .read()
          .parquet(ROOT.resolve("conf/data/flights-sample.parquet").toString())
          .filter("date < '2001-01-05'")
          .write()
          .parquet(target);
    } finally {
      session.stop();
    }
  }

  private SparkProcess master(String spark, int port) throws Exception {
    return new SparkProcess(
        temp.resolve("master"),
        spark,
        "New state: ALIVE",
        List.of(
            "-Dspark.master.rest.enabled=false",
            "org.apache.spark.deploy.master.Master",
            "--host",
            "127.0.0.1",
            "--port",
            Integer.toString(port),
            "--webui-port",
            "0"));
  }

  private SparkProcess worker(String spark, String master, int number) throws Exception {
    Path home = temp.resolve("worker" + number);
    return new SparkProcess(
        home,
        spark,
        "Successfully registered with master",
        List.of(
            "org.apache.spark.deploy.worker.Worker",
            "--host",
            "127.0.0.1",
            "--webui-port",
            "0",
            "--work-dir",
            home.resolve("work").toString(),
            "-c",
            "1",
            "-m",
            "1024M",
            master));
  }

  private SparkProcess submit(String spark, String master, String data, String checkpoints)
      throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "org.apache.spark.deploy.SparkSubmit",
                "--master",
                master,
                "--class",
                "dev.cairn.jobs.Main",
                "--conf",
                "spark.executor.extraClassPath=" + spark,
                "--conf",
                "spark.executor.memory=768m",
                "--conf",
                "spark.driver.host=127.0.0.1",
                "--conf",
                "spark.ui.enabled=false",
                Objects.requireNonNull(System.getProperty("cairn.packed.jar")),
                "train",
                conf()));
    command.addAll(words(data, checkpoints));
    return new SparkProcess(temp.resolve("submit"), spark, "TensorFlow opens it:", command);
  }

  /**
   * The class path without what is ours and without what only tests need: what a Spark installation
   * has.
   */
  private static String sparkOnly(String classPath) {
    return Arrays.stream(classPath.split(File.pathSeparator, -1))
        .filter(entry -> entry.endsWith(".jar"))
        .filter(entry -> !entry.startsWith(ROOT.toString()))
        .filter(entry -> !entry.matches(".*(minicluster|junit|archunit|opentest4j|picocli|jmh).*"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
