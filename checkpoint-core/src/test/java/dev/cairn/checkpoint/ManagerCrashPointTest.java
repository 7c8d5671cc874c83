package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FaultyStore.Fault;
import dev.cairn.checkpoint.train.ArrayVariable;
import dev.cairn.checkpoint.train.Checkpoint;
import dev.cairn.checkpoint.train.CheckpointManager;
import dev.cairn.checkpoint.train.CheckpointManagerBuilder;
import dev.cairn.checkpoint.train.MetricGoal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every call to storage of a manager's save, of its retention, its state file and its notes fails
 * or crashes in turn, before it is done and after: then a new manager goes on from the newest good
 * checkpoint, nothing that counts is lost, and the same save works.
 */
class ManagerCrashPointTest {
  private static final FolderOptions FAULTY =
      FolderOptions.defaults().withHadoopProperties(FaultyFileSystem.properties());

  @TempDir Path folder;

  /** A program whose numbers are all the same, and its manager, which keeps two checkpoints. */
  private static final class Program {
    final float[] numbers = new float[5];
    final CheckpointManager manager;

    /**
     * Opens the manager.
     *
     * @param best whether the one with the smallest number stays, too, by notes beside the state
     *     file
     */
    Program(String directory, FolderOptions options, boolean best) throws IOException {
      Checkpoint checkpoint = new Checkpoint(Map.of("numbers", ArrayVariable.of(numbers, 5)));
      CheckpointManagerBuilder builder =
          CheckpointManager.builder(checkpoint, directory).maxToKeep(2).folderOptions(options);
      manager = (best ? builder.keepBest(() -> numbers[0], MetricGoal.MIN, 1) : builder).build();
    }

    String save(float number) throws IOException {
      Arrays.fill(numbers, number);
      return String.valueOf(manager.save());
    }

    /** The number of what the manager restores. */
    int restored() throws IOException {
      Arrays.fill(numbers, -1);
      assertNotNull(manager.restoreOrInitialize());
      for (float number : numbers) {
        assertEquals(numbers[0], number, "of one checkpoint");
      }
      return (int) numbers[0];
    }
  }

  @AfterEach
  void storageWorks() {
    FaultyFileSystem.FAULTS.disarm();
  }

  @ParameterizedTest
  @EnumSource(names = {"FAIL_AFTER", "CRASH_BEFORE"})
  void newestGoodAndNothingLost(Fault fault) throws Exception {
    everyCall(fault, false);
  }

  /** With notes beside the state file, which are the longest way. */
  @Tag("long")
  @ParameterizedTest
  @EnumSource
  void theBestIsNotLost(Fault fault) throws Exception {
    everyCall(fault, true);
  }

  private void everyCall(Fault fault, boolean best) throws Exception {
    for (long call = 1; ; call++) {
      Path run = folder.resolve(fault + "-" + best + "-" + call);
      Program before = new Program(run.toString(), FolderOptions.defaults(), best);
      for (int number = 1; number <= 3; number++) {
        before.save(number);
      }
      Program program = new Program(FaultyFileSystem.SCHEME + ":" + run, FAULTY, best);
      assertEquals(3, program.restored());
      FaultyFileSystem.FAULTS.arm(fault, call);
      boolean written = false;
      try {
        program.save(4);
        written = true;
      } catch (IOException e) {
        assertTrue(String.valueOf(e.getMessage()).contains("faulty:"), e.toString());
      }
      long calls = FaultyFileSystem.FAULTS.calls();
      String hit = FaultyFileSystem.FAULTS.hit();
      FaultyFileSystem.FAULTS.disarm();
      check(run, written, best, hit);
      if (calls < call) {
        assertTrue(written);
        assertTrue(call > 20, "a save makes more calls than " + call);
        return;
      }
    }
  }

  private static void check(Path run, boolean written, boolean best, String hit)
      throws IOException {
    Program next = new Program(run.toString(), FolderOptions.defaults(), best);
    int newest = next.restored();
    assertTrue(newest == 4 || (newest == 3 && !written), () -> newest + " after " + hit);
    assertEquals(List.of(), next.manager.drainWarnings(), hit);
    assertHas(run, 3, hit);
    if (newest == 3) {
      assertHas(run, 2, hit); // nothing goes before the new one counts
    }
    if (best) {
      assertHas(run, 1, hit);
      assertEquals(run + "/ckpt-1", next.manager.bestCheckpoint(), hit);
    }
    assertEquals(run + "/ckpt-" + (newest + 1), next.save(newest + 1), hit);
    Program last = new Program(run.toString(), FolderOptions.defaults(), best);
    assertEquals(newest + 1, last.restored(), hit);
    TreeSet<String> kept = new TreeSet<>(last.manager.checkpoints());
    assertEquals(2, kept.size(), hit);
    kept.addAll(last.manager.held());
    for (String part : List.of(".index", ".data-")) {
      assertEquals(kept, prefixes(run, part), () -> part + " after " + hit);
    }
  }

  private static void assertHas(Path run, int number, String hit) throws IOException {
    float[] numbers = new float[5];
    Checkpoint checkpoint = new Checkpoint(Map.of("numbers", ArrayVariable.of(numbers, 5)));
    checkpoint.restore(run + "/ckpt-" + number).assertConsumed();
    assertEquals(number, numbers[4], hit);
  }

  /** The prefixes that have files of a kind. */
  private static TreeSet<String> prefixes(Path run, String part) throws IOException {
    TreeSet<String> prefixes = new TreeSet<>();
    try (Stream<Path> files = Files.list(run)) {
      for (Path file : files.toList()) {
        int end = file.toString().indexOf(part);
        if (end > 0 && !file.getFileName().toString().startsWith(".")) {
          prefixes.add(file.toString().substring(0, end));
        }
      }
    }
    return prefixes;
  }
}
