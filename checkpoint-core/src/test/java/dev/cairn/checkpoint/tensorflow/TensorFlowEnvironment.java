package dev.cairn.checkpoint.tensorflow;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A real TensorFlow for tests: a Python virtual environment below the user's cache folder, made
 * once by the first test that asks and shared by all modules and builds. A test that cannot have it
 * is skipped with a loud message on the console, or fails if the environment variable {@code
 * CAIRN_TENSORFLOW} is {@code required}. Thread-safe.
 */
public final class TensorFlowEnvironment {

  /** The version that the format's tests are held to. */
  public static final String VERSION = "2.21.0";

  private static final String SAFETENSORS = "safetensors==0.8.0";

  private static final long INSTALL_MINUTES = 15;
  private static final long RUN_MINUTES = 5;

  /** The reason why there is none, once that is known: a failed installation is not tried again. */
  private static String unavailable = "";

  private static TensorFlowEnvironment instance;

  private final Path folder;

  private TensorFlowEnvironment(Path folder) {
    this.folder = folder;
  }

  /** The environment, made if it is not there; else the calling test is skipped or fails. */
  public static synchronized TensorFlowEnvironment get() {
    if (instance == null && unavailable.isEmpty()) {
      try {
        instance = make();
      } catch (IOException | RuntimeException e) {
        unavailable = String.valueOf(e.getMessage());
        shout(
            "TENSORFLOW IS NOT HERE: tests with it are skipped. Nothing was checked against real"
                + " TensorFlow.\nWhy: "
                + unavailable
                + "\nSet CAIRN_TENSORFLOW=required to make this a failure.");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while TensorFlow was being installed", e);
      }
    }
    if (instance == null) {
      if ("required".equals(System.getenv("CAIRN_TENSORFLOW"))) {
        throw new AssertionError("TensorFlow is required but cannot be had: " + unavailable);
      }
      Assumptions.abort("TensorFlow cannot be had: " + unavailable);
    }
    return instance;
  }

  /**
   * Runs a Python script of the test resources, by its name below {@code /tensorflow}.
   *
   * @return what it printed to its standard output
   * @throws AssertionError if it fails, with what it said
   */
  public String run(String script, Object... arguments) throws IOException, InterruptedException {
    Path temporary = Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
    Path work = Files.createTempDirectory(temporary, "script");
    Path file = work.resolve(script);
    try (InputStream in =
        TensorFlowEnvironment.class.getResourceAsStream("/tensorflow/" + script)) {
      if (in == null) {
        throw new IOException("no test resource /tensorflow/" + script);
      }
      Files.copy(in, file);
    }
    List<String> command = new ArrayList<>(List.of(python().toString(), file.toString()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    Path out = work.resolve("out");
    Path err = work.resolve("err");
    int status = execute(command, out, err, RUN_MINUTES);
    String printed = Files.readString(out);
    if (status != 0) {
      throw new AssertionError(script + " ended with " + status + ":\n" + tail(err) + printed);
    }
    return printed;
  }

  /** The Python that has TensorFlow. */
  public Path python() {
    return folder.resolve("bin").resolve("python");
  }

  private static TensorFlowEnvironment make() throws IOException, InterruptedException {
    // Maven hands over its property of that name; a benchmark has none, and the same folder.
    String home =
        System.getProperty(
            "cairn.tensorflow",
            Path.of(System.getProperty("user.home"), ".cache", "cairn").toString());
    Path folder = Path.of(home, "tensorflow-" + VERSION).toAbsolutePath();
    Files.createDirectories(folder);
    TensorFlowEnvironment environment = new TensorFlowEnvironment(folder.resolve("venv"));
    Path complete = folder.resolve("complete");
    // Another build's tests may be at it at this moment.
    try (FileChannel channel =
            FileChannel.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      // The Python that it was made with may have gone since.
      if (!Files.exists(complete) || !Files.isExecutable(environment.python())) {
        shout("Installing TensorFlow " + VERSION + " into " + folder + " for the tests ...");
        Path log = folder.resolve("install.log");
        install(log, List.of("python3", "-m", "venv", "--clear", environment.folder + ""));
        install(
            log,
            List.of(
                environment.python().toString(),
                "-m",
                "pip",
                "install",
                "--disable-pip-version-check",
                "--no-input",
                "--progress-bar=off",
                "--retries=1", // where one index of several is out of reach, each package pays them
                "tensorflow-cpu==" + VERSION));
        if (!Files.exists(complete)) {
          Files.createFile(complete);
        }
      }
      environment.addSafetensors(folder.resolve("install.log"));
      if (!lock.isValid()) {
        throw new IOException("lost the lock of " + folder);
      }
    }
    return environment;
  }

  /** The reference reader of a format that Cairn writes, too; a mark says that it is there. */
  private void addSafetensors(Path log) throws IOException, InterruptedException {
    Path mark = folder.resolve(SAFETENSORS);
    if (!Files.exists(mark)) {
      List<String> pip = new ArrayList<>(List.of(python().toString(), "-m", "pip", "install"));
      pip.addAll(List.of("--disable-pip-version-check", "--no-input", "--progress-bar=off"));
      pip.addAll(List.of("--retries=1", SAFETENSORS));
      install(log, pip);
      Files.createFile(mark);
    }
  }

  private static void install(Path log, List<String> command)
      throws IOException, InterruptedException {
    int status = execute(command, log, log, INSTALL_MINUTES);
    if (status != 0) {
      throw new IOException(
          String.join(" ", command) + " ended with " + status + ":\n" + tail(log));
    }
  }

  private static int execute(List<String> command, Path out, Path err, long minutes)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("TF_CPP_MIN_LOG_LEVEL", "3");
    builder.environment().put("CUDA_VISIBLE_DEVICES", "");
    builder.environment().remove("PYTHONPATH");
    builder.environment().remove("PYTHONHOME");
    if (out.equals(err)) {
      builder.redirectErrorStream(true);
    } else {
      builder.redirectError(err.toFile());
    }
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile()));
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(minutes, TimeUnit.MINUTES)) {
        throw new IOException("no end after " + minutes + " minutes of " + command);
      }
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private static String tail(Path file) throws IOException {
    String text = Files.readString(file, StandardCharsets.UTF_8);
    return text.substring(Math.max(0, text.length() - 4000));
  }

  /** Prints to the console itself: System.err of a test goes to a file. */
  private static void shout(String message) {
    String line = "=".repeat(100);
    PrintStream console =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    console.println(line + "\n" + message + "\n" + line);
  }
}
