package dev.cairn.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Spark with real executor processes ({@code local-cluster}), from the class path of this JVM, with
 * the plugin loaded. The environment that Spark needs is set by the build (SPARK_HOME and others,
 * see the surefire section of the root pom); the folders of the workers lie below the build folder.
 */
public final class LocalCluster implements AutoCloseable {
  /**
   * The value of {@code spark.executor.extraJavaOptions} for compiler and collector as users have
   * them, with the options that conf/spark-defaults.conf advises.
   */
  public static final String AS_USERS_RUN = "-XX:+UseTransparentHugePages";

  private final JavaSparkContext spark;

  private LocalCluster(JavaSparkContext spark) {
    this.spark = spark;
  }

  /** Executors of one core each. */
  public static LocalCluster start(int executors, Map<String, String> conf) {
    return start(executors, 1, conf);
  }

  /** Executors of {@code cores} cores and 1 GiB each, with further settings. */
  public static LocalCluster start(int executors, int cores, Map<String, String> conf) {
    SparkConf sparkConf = conf(executors, cores);
    conf.forEach(sparkConf::set);
    return new LocalCluster(new JavaSparkContext(sparkConf));
  }

  /** The settings of such a cluster, for tests that make a context or a session themselves. */
  public static SparkConf conf(int executors, int cores) {
    String home =
        Objects.requireNonNull(
            System.getenv("SPARK_HOME"), "the build sets SPARK_HOME for tests; run with Maven");
    try {
      Files.createDirectories(Path.of(home, "jars"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return new SparkConf(false)
        .setMaster("local-cluster[" + executors + "," + cores + ",1024]")
        .setAppName("test")
        .set("spark.plugins", "dev.cairn.spark.CairnPlugin")
        .set("spark.executor.extraClassPath", classPath)
        .set("spark.executor.memory", "1024m")
        // Many executors live for seconds only, on few cores: what starts soon is faster here.
        .set("spark.executor.extraJavaOptions", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1")
        .set("spark.ui.enabled", "false")
        .set("spark.local.dir", home + "/local");
  }

  /** The context. */
  public JavaSparkContext spark() {
    return spark;
  }

  @Override
  public void close() {
    spark.close();
  }
}
