package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the messages and exit codes of {@code train} when the cluster or the storage is bad. */
final class TrainFailuresTest {
  @TempDir private Path temp = Path.of("");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeEach
  void input() throws IOException {
    SmallRun.write(temp, 100, "checkpoint.dir=run\nexecutors=1\n");
  }

  private Console console() {
    return Consoles.keeping(out, err);
  }

  private String complaint(String... words) {
    out.reset();
    err.reset();
    List<String> args = new ArrayList<>(List.of("train", temp + "/run.properties"));
    args.addAll(List.of(words));
    int code = CairnCommand.run(console(), args.toArray(String[]::new));
    String said = err.toString(StandardCharsets.UTF_8);
    assertEquals(CairnCommand.TROUBLE, code, said + out.toString(StandardCharsets.UTF_8));
    assertEquals(1, said.split("\\R", 0).length, said);
    assertFalse(said.contains("Exception"), said);
    assertFalse(Files.exists(temp.resolve("run")), "a run that did nothing leaves no folder");
    return said;
  }

  private static void assertSays(String said, String... parts) {
    for (String part : parts) {
      assertTrue(said.contains(part), () -> "expected \"" + part + "\" in: " + said);
    }
  }

  @Test
  void executorsThatCannotStartEndTheRun() {
    String said = complaint("spark.executor.extraJavaOptions=-javaagent:/nowhere.jar");
    assertSays(
        said, "executors end while they start", "expected 1", "nowhere.jar", "log=", "/stderr");
  }

  /** A run without executors of its own trains in the driver's. */
  @Tag("long")
  @Test
  void trainsInLocalMode() {
    int code = CairnCommand.run(console(), "train", temp + "/run.properties", "spark.master=local");
    String said = out.toString(StandardCharsets.UTF_8);
    assertEquals(CairnCommand.OK, code, err.toString(StandardCharsets.UTF_8) + said);
    assertTrue(Files.isDirectory(temp.resolve("run/ckpt-20")), said);
  }

  @Test
  void executorsThatDoNotComeInTimeEndTheRun() {
    String said =
        complaint("spark.executor.cores=2", "spark.cores.max=2", "spark.cairn.members.timeout=2s");
    assertSays(
        said,
        "Cannot start: no executor came within 2 s (spark.cairn.members.timeout)",
        "expected 1 executor,");
  }

  @Test
  void aFolderThatCannotBeWrittenToIsFoundBeforeAnythingStarts() {
    String said = complaint("checkpoint.dir=" + temp + "/rows.csv/run");
    assertSays(said, "Cannot use checkpoint.dir: ", "expected a folder that can be written to");
    assertEquals("", out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void reportsThatCannotBeWrittenAreFoundBeforeAnythingStarts() throws IOException {
    String said = complaint("report.file=" + temp + "/rows.csv/curve.html");
    assertSays(said, "Cannot use report.file: ", "rows.csv/curve.html", "command line");
    assertEquals("", out.toString(StandardCharsets.UTF_8));
    Files.createDirectories(temp.resolve("curves/metrics.json"));
    said = complaint("report.file=" + temp + "/curves/curve.html");
    assertSays(said, "Cannot use report.file: ", "found a folder", "curves/metrics.json");
    said = complaint("report.file=" + temp + "/curves");
    assertSays(said, "Cannot use report.file: ", "found a folder");
    assertEquals("", out.toString(StandardCharsets.UTF_8));
  }
}
