package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointVerifier;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.VerifyReport;
import dev.cairn.spark.Eventually;
import dev.cairn.spark.ExecutorProcesses;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.Membership;
import dev.cairn.spark.listener.TrainingListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs that cannot go on end with one error that says why, and the last checkpoint is intact (S54).
 */
@Tag("long")
class RecoveryRefusedTest {
  private static final Map<String, String> CONF =
      Map.of("spark.cairn.recovery.max", "1", "spark.cairn.members.timeout", "3s");

  private static final int EXECUTORS = 2;

  /** Spark and the broken connection tell of a kill at about the same time. */
  private static final Pattern WHO_AND_HOW =
      Pattern.compile(
          "executor \\d+ \\([^)]+\\), (its connection failed|Spark lost it).*after its last sign");

  @TempDir Path folder;

  private LogisticRegression estimator(String name) {
    return RecoveryTest.estimator()
        .setMaxIter(100_000)
        .setRunDir(folder.resolve(name).toUri().toString());
  }

  /** Trains up to a checkpoint at step 40, when replacements of who was killed before are there. */
  private void begun(LocalCluster cluster, String name) throws IOException {
    Membership membership = Coordinator.current().membership();
    Eventually.await(() -> membership.members().size() == EXECUTORS, "all executors are there");
    estimator(name).setMaxSteps(40).fit(RecoveryTest.data(cluster)).close();
  }

  /** Goes on from there, without a new checkpoint, until it fails. */
  private String failure(LocalCluster cluster, String name, TrainingListener listener) {
    LogisticRegression estimator =
        estimator(name).setCheckpointEverySteps(1_000_000).setListener(listener);
    Exception thrown =
        assertThrows(Exception.class, () -> estimator.fit(RecoveryTest.data(cluster)).close());
    return String.valueOf(thrown.getMessage());
  }

  private void assertIntact(String name) throws IOException {
    VerifyReport report =
        CheckpointVerifier.verify(
            folder.resolve(name + "/ckpt-40").toUri().toString(),
            FolderOptions.defaults(),
            1,
            bytes -> {});
    assertTrue(report.good(), report.toString());
  }

  @Test
  void saysWhyAndLeavesTheCheckpoint() throws Exception {
    try (LocalCluster cluster = LocalCluster.start(EXECUTORS, CONF)) {
      begun(cluster, "lost");
      String lost =
          failure(
              cluster,
              "lost",
              new Once(RecoveryRefusedTest::kill) {
                @Override
                public void recovered(Recovery recovery) {
                  kill();
                }
              });
      assertTrue(lost.contains("expected at most 1 (spark.cairn.recovery.max, train.max"), lost);
      assertTrue(lost.contains("found 2. What happened"), lost);
      assertEquals(2 + 1, lost.split("after its last sign").length, lost);
      assertIntact("lost");

      begun(cluster, "vanished");
      String vanished =
          failure(
              cluster,
              "vanished",
              new Once(
                  () -> {
                    delete(folder.resolve("vanished/ckpt-40"));
                    kill();
                  }));
      assertTrue(vanished.contains("from step 40: its checkpoint is damaged or gone"), vanished);
      assertTrue(WHO_AND_HOW.matcher(vanished).find(), vanished);

      begun(cluster, "stopped");
      String stopped = failure(cluster, "stopped", new Once(() -> all("STOP")));
      all("CONT");
      assertTrue(stopped.contains("every executor is lost. Nobody has come for 3 s"), stopped);
      assertIntact("stopped");
    }
  }

  /** Does something once, when the run trains. */
  private static class Once implements TrainingListener {
    private final AtomicBoolean done = new AtomicBoolean();
    private final Runnable action;

    Once(Runnable action) {
      this.action = action;
    }

    @Override
    public void progress(Progress progress) {
      if (done.compareAndSet(false, true)) {
        action.run();
      }
    }
  }

  private static void kill() {
    ExecutorProcesses.signal(RecoveryTest.anyExecutor(), "KILL");
  }

  private static void all(String signal) {
    ExecutorProcesses.running().values().forEach(p -> ExecutorProcesses.signal(p, signal));
  }

  private static void delete(Path folder) {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
