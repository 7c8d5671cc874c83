package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the traces of executors that end before they register. */
final class ExecutorStartsTest {
  private static final String HEADING =
      "Spark Executor Command: \"/jdk/bin/java\" \"-nonsense\"\n"
          + "========================================\n\n";

  @TempDir private Path app = Path.of("");

  private void started(int number, String stderr) throws IOException {
    Files.createDirectories(app.resolve(Integer.toString(number)));
    Files.writeString(app.resolve(number + "/stderr"), stderr);
  }

  @Test
  void nothingIsSeenOfAClusterElsewhere() {
    ExecutorStarts starts = new ExecutorStarts(app.resolve("nowhere"), Instant.EPOCH);
    assertEquals(0, starts.count());
    assertTrue(starts.complaint().isEmpty());
  }

  @Test
  void theNewestThatSaysAnythingIsQuoted() throws IOException {
    started(2, HEADING + "Unrecognized option: -old\n");
    started(
        9,
        HEADING
            + "WARNING: Using incubator modules: x\nUnrecognized option: -nonsense\nError: Could not create the JVM.\n");
    started(10, HEADING);
    Files.createDirectories(app.resolve("11"));
    Files.createDirectories(app.resolve("not a number"));
    ExecutorStarts starts = new ExecutorStarts(app, Instant.EPOCH);
    assertEquals(4, starts.count());
    ExecutorStarts.Complaint complaint = starts.complaint().orElseThrow();
    assertEquals("Unrecognized option: -nonsense", complaint.line());
    assertEquals(app.resolve("9/stderr"), complaint.log());
  }

  /** Spark numbers applications by the second in which they begin. */
  @Test
  void anApplicationThatBeganInTheSameSecondIsNotThisOne() throws IOException {
    Instant began = Instant.parse("2026-01-02T03:04:05.600Z");
    started(0, HEADING + "Unrecognized option: -another\n");
    started(1, HEADING + "Unrecognized option: -ours\n");
    Files.setLastModifiedTime(app.resolve("0"), FileTime.from(began.minusMillis(1)));
    Files.setLastModifiedTime(app.resolve("1"), FileTime.from(began));
    ExecutorStarts starts = new ExecutorStarts(app, began);
    assertEquals(1, starts.count());
    assertEquals("Unrecognized option: -ours", starts.complaint().orElseThrow().line());
  }
}
