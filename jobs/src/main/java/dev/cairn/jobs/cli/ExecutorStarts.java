package dev.cairn.jobs.cli;

import static java.util.regex.Pattern.CASE_INSENSITIVE;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The executors that the embedded cluster has started so far, by the folders that it makes for
 * them: one for each start, with the process's output in {@code stderr}. Spark does not report an
 * executor that ends before it has registered, and starts the next one.
 *
 * @param folder the application's folder, below Spark's work folder
 * @param since the time when the application began: older folders are those of another one, which
 *     has the same folder if it began in the same second
 */
record ExecutorStarts(Path folder, Instant since) {
  private static final int MOST_BYTES = 1 << 20;
  private static final Pattern TROUBLE =
      Pattern.compile(
          "\\b(error|unrecognized|unsupported|\\w*exception|\\w+error)\\b", CASE_INSENSITIVE);

  /** The last words of a process, and the file that has them. */
  record Complaint(Path log, String line) {}

  /**
   * The number of executors that were started, running ones included; 0 when there is no folder.
   */
  int count() {
    return folders().size();
  }

  /**
   * Finds the newest process that wrote an error: there Java gives the reason why it does not
   * start.
   */
  Optional<Complaint> complaint() {
    return folders().stream()
        .map(one -> one.resolve("stderr"))
        .flatMap(log -> trouble(log).map(line -> new Complaint(log, line)).stream())
        .findFirst();
  }

  /** The folders of the executors, newest first. */
  private List<Path> folders() {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> entries = Files.list(folder)) {
      entries
          .filter(path -> path.getFileName().toString().matches("\\d{1,9}"))
          .filter(this::isOurs)
          .forEach(found::add);
    } catch (IOException | UncheckedIOException e) {
      return List.of(); // No executor was started on this machine yet.
    }
    found.sort(Comparator.comparingInt(ExecutorStarts::number).reversed());
    return found;
  }

  private boolean isOurs(Path path) {
    try {
      return !Files.getLastModifiedTime(path).toInstant().isBefore(since);
    } catch (IOException e) {
      return false; // It is being taken away.
    }
  }

  private static int number(Path path) {
    return Integer.parseInt(path.getFileName().toString());
  }

  /** The first line with an error, after Spark's heading, which holds the command. */
  private static Optional<String> trouble(Path log) {
    String text;
    try (InputStream in = Files.newInputStream(log)) {
      text = new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return Optional.empty(); // It is being made or taken away: an older one has the same error.
    }
    return text.lines()
        .map(String::strip)
        .filter(line -> !line.startsWith("Spark Executor Command:"))
        .filter(line -> TROUBLE.matcher(line).find())
        .findFirst();
  }
}
