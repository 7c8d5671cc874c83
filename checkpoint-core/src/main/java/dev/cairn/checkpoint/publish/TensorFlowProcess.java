package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.model.CheckpointException.Failed;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks TensorFlow in Python what a SavedModel answers, as a server would load and call it.
 * Stateless.
 */
public final class TensorFlowProcess {
  private static final String SCRIPT = "ask_tensorflow.py";
  private static final long MINUTES = 10;
  private static final int MOST_SAID = 2000;

  private TensorFlowProcess() {}

  /**
   * Loads a SavedModel and calls it once. One that is not on a local disk is copied to one first.
   *
   * @param python a program, found on the path or by its own one, whose Python has TensorFlow
   * @param folder the SavedModel
   * @param request JSON: {@code signature}, a name, and {@code inputs}, by name {@code type},
   *     {@code shape} and {@code values}, row-major, null for NaN
   * @return JSON: {@code tensorflow}, its version, and {@code outputs}, by name all numbers,
   *     row-major, those that are not finite as texts
   * @throws Failed with what Python said, if it cannot be started, or ends with an error
   */
  public static byte[] ask(String python, String folder, byte[] request, FolderOptions options)
      throws IOException {
    String full = Folders.qualify(folder, options);
    Path work = Files.createTempDirectory("cairn-tensorflow");
    try {
      Path local =
          full.startsWith("file:")
              ? Path.of(CheckpointStores.localPart(full))
              : copy(full, work.resolve("model"), options);
      Path script = work.resolve(SCRIPT);
      try (InputStream in = TensorFlowProcess.class.getResourceAsStream(SCRIPT)) {
        if (in == null) {
          throw new IllegalStateException("Cannot find the resource " + SCRIPT);
        }
        long unused = Files.copy(in, script);
      }
      Path asked = Files.write(work.resolve("request.json"), request);
      Path answer = work.resolve("answer.json");
      run(
          List.of(
              CheckpointStores.localPart(python),
              script.toString(),
              local.toString(),
              asked.toString(),
              answer.toString()),
          work.resolve("said.txt"));
      return Files.readAllBytes(answer);
    } finally {
      Folders.delete("file://" + work, options);
    }
  }

  /**
   * Passes if there is such a program, before anything is made that it is to look at.
   *
   * @throws Failed if there is none
   */
  public static void requireProgram(String python) throws Failed {
    String program = CheckpointStores.localPart(python);
    boolean found =
        program.contains("/")
            ? Files.isExecutable(Path.of(program))
            : Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    if (!found) {
      throw missing(program, null);
    }
  }

  private static Failed missing(String program, @Nullable IOException why) {
    return new Failed(
        "Cannot ask TensorFlow: expected a Python that has it, found no program "
            + program
            + "; name one: --ask-tensorflow=PATH, refresh.ask-tensorflow",
        why);
  }

  private static Path copy(String from, Path to, FolderOptions options) throws IOException {
    String target = Folders.qualify("file://" + to, options);
    try (CheckpointStore source = CheckpointStores.open(from, options.hadoopProperties());
        CheckpointStore local = CheckpointStores.open(target, options.hadoopProperties())) {
      boolean unused = VersionFiles.copyTree(source, from, local, target);
    }
    return to;
  }

  private static void run(List<String> command, Path said) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("TF_CPP_MIN_LOG_LEVEL", "3");
    builder.environment().put("CUDA_VISIBLE_DEVICES", "");
    builder.redirectErrorStream(true);
    builder.redirectOutput(said.toFile());
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw missing(command.get(0), e);
    }
    try {
      process.getOutputStream().close();
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
        throw new Failed(
            "Cannot ask TensorFlow: expected an answer within "
                + MINUTES
                + " minutes, found none (python="
                + command.get(0)
                + ")",
            null);
      }
      if (process.exitValue() != 0) {
        throw new Failed(
            "Cannot load and call the model in TensorFlow: Python ended with "
                + process.exitValue()
                + " (python="
                + command.get(0)
                + "): "
                + end(said),
            null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while TensorFlow was asked");
    } finally {
      Process unused = process.destroyForcibly();
    }
  }

  /** The end of what a process said, where Python tells the error. */
  private static String end(Path said) throws IOException {
    String text = new String(Files.readAllBytes(said), StandardCharsets.UTF_8).strip();
    return text.substring(Math.max(0, text.length() - MOST_SAID));
  }
}
