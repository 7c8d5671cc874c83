package dev.cairn.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.jobs.cli.CairnCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A signal to a whole process group, as Ctrl-C in a terminal or the end of a batch job is, reaches
 * the driver and its embedded executors at the same time: what the executors hold is saved
 * nevertheless.
 */
@Tag("long")
final class GroupSignalIT {
  /** A process group of its own, in which signals are heard even if this JVM ignores them. */
  private static final List<String> OWN_GROUP = List.of("env", "--default-signal", "setsid");

  @TempDir private Path temp = Path.of("");

  @ParameterizedTest
  @CsvSource({"INT, 2"})
  void theSaveWinsAgainstASignalToTheWholeGroup(String signal, int number) throws Exception {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Path run = temp.resolve("run");
    List<String> command =
        List.of(
            "dev.cairn.jobs.Main",
            "train",
            configuration().toString(),
            "checkpoint.dir=" + run,
            "checkpoint.every-steps=0",
            "train.epochs=1000000",
            "report.every-seconds=1");
    try (SparkProcess train =
        new SparkProcess(OWN_GROUP, temp.resolve("home"), classPath, "no checkpoint yet", command)
            .awaitMarker()) {
      int sent =
          new ProcessBuilder("kill", "-" + signal, "--", "-" + train.pid())
              .inheritIO()
              .start()
              .waitFor();
      assertEquals(0, sent);
      assertEquals(128 + number, train.exitCode(), train::text);
      assertTrue(train.text().contains("Stopped and saved"), train::text);
    }
    assertEquals(0, CairnCommand.run("checkpoint", "verify", run.toString()));
  }

  /** A few rows: what counts is the stop. */
  private Path configuration() throws IOException {
    StringBuilder rows = new StringBuilder("y,a,x\n");
    for (int i = 0; i < 4_000; i++) {
      rows.append(i % 2).append(",v").append(i % 37).append(',').append(i % 11).append('\n');
    }
    Path input = Files.writeString(temp.resolve("rows.csv"), rows);
    return Files.writeString(
        temp.resolve("rows.properties"),
        "input="
            + input
            + "\nlabel=y\nfeatures.categorical=a\nfeatures.numeric=x\nfeatures.hash-bits=12\n"
            + "train.batch-rows=100\ntrain.partitions=4\n");
  }
}
