package dev.cairn.jobs.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.launcher.JavaModuleOptions;

/** A Java process with Spark on its class path; its output is kept and can be waited for. */
final class SparkProcess implements AutoCloseable {
  private final Process process;
  private final Queue<String> output = new ConcurrentLinkedQueue<>();
  private final CompletableFuture<String> marked = new CompletableFuture<>();
  private final Thread reader;

  /**
   * Starts a process.
   *
   * @param marker text of the line that {@link #awaitMarker} waits for
   * @param command main class and arguments
   */
  SparkProcess(Path home, String classPath, String marker, List<String> command)
      throws IOException {
    this(List.of(), home, classPath, marker, command);
  }

  /** Starts a process by another program, such as one that gives it a session of its own. */
  SparkProcess(
      List<String> starter, Path home, String classPath, String marker, List<String> command)
      throws IOException {
    Files.createDirectories(home.resolve("jars"));
    List<String> words = new ArrayList<>(starter);
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
    // They live for seconds, on few cores.
    words.addAll(
        List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m", "-cp", classPath));
    words.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.directory(home.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("SPARK_HOME", home.toString());
    environment.put("SPARK_SCALA_VERSION", "2.13");
    environment.put("SPARK_LOCAL_IP", "127.0.0.1");
    process = builder.start();
    reader = new Thread(() -> read(marker), "output of " + command.get(0));
    reader.setDaemon(true);
    reader.start();
  }

  private void read(String marker) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        output.add(line);
        if (line.contains(marker)) {
          marked.complete(line);
        }
      }
    } catch (IOException e) {
      marked.completeExceptionally(new UncheckedIOException(e));
    } finally {
      marked.completeExceptionally(new IllegalStateException("ended without " + marker));
    }
  }

  SparkProcess awaitMarker() throws Exception {
    try {
      marked.get(120, TimeUnit.SECONDS);
      return this;
    } catch (Exception e) {
      throw new IllegalStateException(text(), e);
    }
  }

  int exitCode() throws InterruptedException {
    if (!process.waitFor(300, TimeUnit.SECONDS)) {
      throw new IllegalStateException("still running:\n" + text());
    }
    reader.join();
    return process.exitValue();
  }

  /** Waits for its end; false if that has not come in this time. */
  boolean awaitExit(long millis) throws InterruptedException {
    return process.waitFor(millis, TimeUnit.MILLISECONDS);
  }

  long pid() {
    return process.pid();
  }

  String text() {
    return String.join("\n", output);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
