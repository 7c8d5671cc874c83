package dev.cairn.jobs.bench;

import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * TensorFlow in a Python process that stays: it restores and saves when it is told to, and takes
 * the time itself. It ends with its standard input, so with this JVM. Not thread-safe.
 */
final class TensorFlowSide implements AutoCloseable {
  private static final String SCRIPT = "bench_tensorflow.py";

  private final Process process;
  private final BufferedReader answers;
  private final OutputStream orders;
  private final Path log;
  private final String version;

  private TensorFlowSide(Process process, Path log) throws IOException {
    this.process = process;
    this.log = log;
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    this.orders = process.getOutputStream();
    this.version = answer();
  }

  /**
   * The Python to ask: the one of {@code -Dbench.python}, else that of the tests, which is made if
   * it is not there.
   *
   * @throws RuntimeException if there is none, with the reason
   */
  static Path python() {
    return BenchOptions.python().orElseGet(() -> TensorFlowEnvironment.get().python());
  }

  /** Starts it with variables of equal size. */
  static TensorFlowSide start(Path python, EqualVariables variables) throws IOException {
    Path work = Files.createDirectories(BenchOptions.workFolder());
    Path script = work.resolve(SCRIPT);
    try (InputStream in = TensorFlowSide.class.getResourceAsStream("/tensorflow/" + SCRIPT)) {
      if (in == null) {
        throw new IOException("no test resource /tensorflow/" + SCRIPT);
      }
      Files.copy(in, script, StandardCopyOption.REPLACE_EXISTING);
    }
    Path log = work.resolve("TensorFlow.log");
    ProcessBuilder builder =
        new ProcessBuilder(
            python.toString(),
            script.toString(),
            Integer.toString(variables.count()),
            Integer.toString(variables.rows()),
            Integer.toString(EqualVariables.WIDTH));
    builder.environment().put("TF_CPP_MIN_LOG_LEVEL", "3");
    builder.environment().put("CUDA_VISIBLE_DEVICES", "");
    builder.redirectError(log.toFile());
    Process process = builder.start();
    try {
      return new TensorFlowSide(process, log);
    } catch (IOException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /** Its name and version. */
  String version() {
    return version;
  }

  /** Seconds that RestoreV2 takes for all variables of a checkpoint. */
  double restore(String prefix) throws IOException {
    return ask("restore " + prefix);
  }

  /** Seconds that SaveV2 takes, and the sync of what it has written; the files are deleted. */
  double save(String folder) throws IOException {
    return ask("save " + folder);
  }

  private double ask(String order) throws IOException {
    orders.write((order + "\n").getBytes(StandardCharsets.UTF_8));
    orders.flush();
    return Double.parseDouble(answer());
  }

  private String answer() throws IOException {
    @Nullable String line = answers.readLine();
    if (line == null) {
      throw new IOException("Cannot measure TensorFlow: its process has ended, see " + log);
    }
    return line;
  }

  @Override
  public void close() throws IOException {
    orders.close();
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
