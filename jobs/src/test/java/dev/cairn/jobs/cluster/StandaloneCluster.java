package dev.cairn.jobs.cluster;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;

/** A standalone master with two workers of one core each, all processes of their own. */
final class StandaloneCluster implements AutoCloseable {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  private final Path home;
  private final String spark = sparkOnly();
  private final String address;
  private final SparkProcess master;
  private final List<SparkProcess> workers = new ArrayList<>();

  /** Starts it; returns when the workers have joined. */
  StandaloneCluster(Path home) throws Exception {
    this.home = home;
    int port = freePort();
    this.address = "spark://127.0.0.1:" + port;
    this.master = master(port);
    boolean ready = false;
    try {
      master.awaitMarker();
      workers.add(worker(1).awaitMarker());
      workers.add(worker(2).awaitMarker());
      ready = true;
    } finally {
      if (!ready) {
        close();
      }
    }
  }

  SparkProcess master() {
    return master;
  }

  List<SparkProcess> workers() {
    return workers;
  }

  /** A run of the packed jar with the default configuration and these words after it. */
  SparkProcess submit(String marker, List<String> words) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "org.apache.spark.deploy.SparkSubmit",
                "--master",
                address,
                "--class",
                "dev.cairn.jobs.Main",
                "--conf",
                "spark.executor.extraClassPath=" + spark,
                "--conf",
                "spark.executor.memory=768m",
                "--conf",
                "spark.executor.extraJavaOptions=-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
                "--conf",
                "spark.driver.host=127.0.0.1",
                "--conf",
                "spark.ui.enabled=false",
                Objects.requireNonNull(System.getProperty("cairn.packed.jar")),
                "train",
                conf()));
    command.addAll(words);
    return new SparkProcess(home.resolve("submit"), spark, marker, command);
  }

  /** The configuration of the default run. */
  static String conf() {
    return ROOT.resolve("conf/flights.properties").toString();
  }

  /** Writes the flights of the first days of the sample, before {@code end}. */
  static void slice(String target, String end) {
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
          .filter("date < '" + end + "'")
          .write()
          .parquet(target);
    } finally {
      session.stop();
    }
  }

  private SparkProcess master(int port) throws IOException {
    return new SparkProcess(
        home.resolve("master"),
        spark,
        "New state: ALIVE",
        List.of(
            "-Dspark.master.rest.enabled=false",
            // A driver that is killed is no reason to give its successor up.
            "-Dspark.deploy.maxExecutorRetries=-1",
            "org.apache.spark.deploy.master.Master",
            "--host",
            "127.0.0.1",
            "--port",
            Integer.toString(port),
            "--webui-port",
            "0"));
  }

  private SparkProcess worker(int number) throws IOException {
    Path itsHome = home.resolve("worker" + number);
    return new SparkProcess(
        itsHome,
        spark,
        "Successfully registered with master",
        List.of(
            "org.apache.spark.deploy.worker.Worker",
            "--host",
            "127.0.0.1",
            "--webui-port",
            "0",
            "--work-dir",
            itsHome.resolve("work").toString(),
            "-c",
            "1",
            "-m",
            "1024M",
            address));
  }

  /** The class path of the tests. */
  static String testClassPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /**
   * The class path without what is ours and without what only tests need: what a Spark installation
   * has.
   */
  private static String sparkOnly() {
    return Arrays.stream(testClassPath().split(File.pathSeparator, -1))
        .filter(entry -> entry.endsWith(".jar"))
        .filter(entry -> !Path.of(entry).getFileName().toString().startsWith("cairn-"))
        .filter(entry -> !entry.matches(".*(minicluster|junit|archunit|opentest4j|picocli|jmh).*"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    workers.forEach(SparkProcess::close);
    master.close();
  }
}
