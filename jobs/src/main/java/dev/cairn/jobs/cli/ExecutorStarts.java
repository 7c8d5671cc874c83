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
 * them: one a start, with what the process wrote in {@code stderr}. Spark tells nobody of an
 * executor that ends before it has registered, and starts the next one.
 *
 * @param folder of the application, below Spark's work folder
 * @param since when the application began: what is older is another one's, which has the same
 *     folder if it began in the same second
 */
record ExecutorStarts(Path folder, Instant since) {
  private static final int MOST_BYTES = 1 << 20;
  private static final Pattern TROUBLE =
      Pattern.compile(
          "\\b(error|unrecognized|unsupported|\\w*exception|\\w+error)\\b", CASE_INSENSITIVE);

  /** The words in which a process ended, and the file that has them. */
  record Complaint(Path log, String line) {}

  /** How many were started, those that run now too; 0 when nothing can be seen. */
  int count() {
    return folders().size();
  }

  /** Finds the newest process that wrote of an error: there Java says why it does not start. */
  Optional<Complaint> complaint() {
    return folders().stream()
        .map(one -> one.resolve("stderr"))
        .flatMap(log -> trouble(log).map(line -> new Complaint(log, line)).stream())
        .findFirst();
  }

  /** Newest first. */
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

  /** The first line that tells of an error, behind Spark's heading, which holds the command. */
  private static Optional<String> trouble(Path log) {
    String text;
    try (InputStream in = Files.newInputStream(log)) {
      text = new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return Optional.empty(); // It is being made or taken away: an older one says the same.
    }
    return text.lines()
        .map(String::strip)
        .filter(line -> !line.startsWith("Spark Executor Command:"))
        .filter(line -> TROUBLE.matcher(line).find())
        .findFirst();
  }
}
