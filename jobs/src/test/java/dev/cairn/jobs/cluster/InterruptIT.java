package dev.cairn.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.jobs.cli.CairnCommand;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ctrl-C in a terminal reaches the driver and its embedded executors at the same time, since all of
 * them are of one process group: what the executors hold is saved nevertheless.
 */
final class InterruptIT {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  /** A process group of its own, in which an interrupt is heard even if this JVM ignores it. */
  private static final List<String> OWN_GROUP = List.of("env", "--default-signal=INT", "setsid");

  @TempDir private Path temp = Path.of("");

  @Test
  void theSaveWinsAgainstAnInterruptOfTheWholeGroup() throws Exception {
    assumeInterruptsAreHeard();
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Path run = temp.resolve("run");
    List<String> command =
        List.of(
            "dev.cairn.jobs.Main",
            "train",
            ROOT.resolve("conf/flights.properties").toString(),
            "checkpoint.dir=" + run,
            "checkpoint.every-steps=0",
            "features.hash-bits=16",
            "train.epochs=100000",
            "report.every-seconds=1");
    try (SparkProcess train =
        new SparkProcess(OWN_GROUP, temp.resolve("home"), classPath, "no checkpoint yet", command)
            .awaitMarker()) {
      int sent =
          new ProcessBuilder("kill", "-INT", "--", "-" + train.pid()).inheritIO().start().waitFor();
      assertEquals(0, sent);
      assertEquals(128 + 2, train.exitCode(), train::text);
      assertTrue(train.text().contains("Stopped and saved"), train::text);
    }
    assertEquals(0, CairnCommand.run("checkpoint", "verify", run.toString()));
  }

  /**
   * A JVM that was started with interrupts ignored, as background jobs of a shell are, hears none.
   */
  private static void assumeInterruptsAreHeard() throws java.io.IOException {
    for (String line : java.nio.file.Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("SigIgn:")
          && (Long.parseUnsignedLong(line.substring(7).trim(), 16) & 2) != 0) {
        System.err.println("SIGINT IS IGNORED HERE: what an interrupt does was not tested");
        org.junit.jupiter.api.Assumptions.abort("SIGINT is ignored by whoever started this");
      }
    }
  }
}
