package dev.cairn.jobs.bench;

import dev.cairn.spark.LocalCluster;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Sizes, settable as {@code -Dbench.mib=1024} and so on (CAIRN_JAVA_OPTS of the launcher). */
final class BenchOptions {
  private BenchOptions() {}

  /** State that is saved and restored. */
  static int mib() {
    return Integer.getInteger("bench.mib", 512);
  }

  /** State of the memory benchmark. */
  static int memoryMib() {
    return Integer.getInteger("bench.memory-mib", 1024);
  }

  /** State that Cairn and TensorFlow save and restore. */
  static int tensorFlowMib() {
    return Integer.getInteger("bench.tensorflow-mib", 1024);
  }

  /** Parameters that are published; a multiple of 8. */
  static int publishMib() {
    return Integer.getInteger("bench.publish-mib", 1024);
  }

  /** A Python that has TensorFlow; that of the tests if none is named. */
  static Optional<Path> python() {
    return Optional.ofNullable(System.getProperty("bench.python")).map(Path::of);
  }

  /** Pairs measured of each comparison. */
  static int rounds() {
    return Integer.getInteger("bench.rounds", 7);
  }

  /** Copies that HDFS keeps, and datanodes that it has. */
  static int replication() {
    return Integer.getInteger("bench.replication", 2);
  }

  /** Steps of the synchronisation. */
  static int steps() {
    return Integer.getInteger("bench.steps", 20_000);
  }

  /** State of the recovery benchmark. */
  static int recoveryMib() {
    return Integer.getInteger("bench.recovery-mib", 1024);
  }

  /** Losses that are measured of each kind. */
  static int recoveries() {
    return Integer.getInteger("bench.recoveries", 20);
  }

  /** Rows that are scored each time. */
  static int scoredRows() {
    return Integer.getInteger("bench.scored-rows", 1_000_000);
  }

  /** The losses that are measured: P8a, P8b, P8c, with commas between; all by default. */
  static List<String> recoveryKinds() {
    return List.of(System.getProperty("bench.recovery-kinds", "P8a,P8b,P8c").split(","));
  }

  /**
   * The comparisons of training that are measured: P11, P9, with a comma between; both by default.
   */
  static List<String> trainKinds() {
    return List.of(System.getProperty("bench.train-kinds", "P11,P9").split(","));
  }

  /** The file of the three million flights (conf/flights-full.properties says which). */
  static String flights() {
    String file = System.getProperty("bench.flights");
    if (file == null) {
      throw new IllegalArgumentException(
          "Cannot measure: name the file of the flights, -Dbench.flights=/path/flights-3m.parquet"
              + " in CAIRN_JAVA_OPTS");
    }
    return file;
  }

  /** Whether MLlib trains on the flights as well, which takes minutes. */
  static boolean withMllib() {
    return Boolean.parseBoolean(System.getProperty("bench.mllib", "true"));
  }

  /** Passes over the flights: three reach what MLlib and liblinear end at, two do not. */
  static int flightEpochs() {
    return Integer.getInteger("bench.flight-epochs", 3);
  }

  /** Logical partitions of the flights. */
  static int flightPartitions() {
    return Integer.getInteger("bench.flight-partitions", 8);
  }

  /** Options of the executors' JVMs. */
  static String executorJavaOptions() {
    return System.getProperty("bench.executor-java-options", LocalCluster.AS_USERS_RUN);
  }

  /** The build folder of the whole project. */
  static Path buildFolder() {
    String given = System.getProperty("cairn.root.build");
    if (given != null) {
      return Path.of(given);
    }
    try {
      Path classes =
          Path.of(BenchOptions.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return classes.resolve("../../../target").normalize();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The folder for the files of benchmarks. */
  static Path workFolder() {
    return buildFolder().resolve("bench");
  }
}
