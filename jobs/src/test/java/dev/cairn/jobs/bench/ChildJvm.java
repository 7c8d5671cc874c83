package dev.cairn.jobs.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.spark.launcher.JavaModuleOptions;
import org.jspecify.annotations.Nullable;

/**
 * A program of this class path in a JVM of its own. What it prints is read line by line; what it
 * complains about goes to a log file. It ends with its parent: it gets an open standard input,
 * which a server watches. Not thread-safe.
 */
final class ChildJvm implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;
  private final Path log;

  private ChildJvm(Process process, Path log) {
    this.process = process;
    this.out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    this.log = log;
  }

  /** Starts a main class. */
  static ChildJvm start(Class<?> main, List<String> jvmOptions, String... arguments)
      throws IOException {
    Path work = Files.createDirectories(BenchOptions.workFolder());
    Path log = work.resolve(main.getSimpleName() + ".log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    System.getProperties()
        .forEach(
            (key, value) -> {
              if (key.toString().startsWith("bench.")) {
                command.add("-D" + key + "=" + value);
              }
            });
    command.add("-Dcairn.root.build=" + BenchOptions.buildFolder());
    command.addAll(jvmOptions);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("SPARK_HOME", work.resolve("spark").toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().putIfAbsent("SPARK_LOCAL_IP", "127.0.0.1");
    builder.redirectError(log.toFile());
    return new ChildJvm(builder.start(), log);
  }

  /** Its next line that starts with a word; null when it ends before. */
  @Nullable String await(String word) throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(word)) {
        return line;
      }
    }
    return null;
  }

  /** Reads to the end and waits for it. */
  int finish(Consumer<String> lines) throws IOException, InterruptedException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      lines.accept(line);
    }
    return process.waitFor();
  }

  Path log() {
    return log;
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
