package dev.cairn.jobs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.util.VersionInfo;
import org.apache.spark.package$;

/** The machine on which the figures were measured. */
final class Machine {
  private Machine() {}

  static List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "Machine: "
            + Runtime.getRuntime().availableProcessors()
            + " x "
            + field("/proc/cpuinfo", "model name")
            + ", memory "
            + field("/proc/meminfo", "MemTotal")
            + ", "
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.version"));
    lines.add(
        "JDK "
            + System.getProperty("java.vm.version")
            + ", Spark "
            + package$.MODULE$.SPARK_VERSION()
            + ", Hadoop "
            + VersionInfo.getVersion());
    lines.add(
        "Sizes: bench.mib="
            + BenchOptions.mib()
            + " bench.memory-mib="
            + BenchOptions.memoryMib()
            + " bench.tensorflow-mib="
            + BenchOptions.tensorFlowMib()
            + " bench.rounds="
            + BenchOptions.rounds()
            + " bench.replication="
            + BenchOptions.replication()
            + " bench.steps="
            + BenchOptions.steps());
    return lines;
  }

  static String load() {
    try {
      String[] words = Files.readString(Path.of("/proc/loadavg")).split(" ");
      return words[0] + " " + words[1] + " " + words[2];
    } catch (IOException e) {
      return "unknown";
    }
  }

  /** A field of one of the kernel's files; unknown elsewhere than on Linux. */
  static String field(String file, String name) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
