package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Fenced;
import dev.cairn.checkpoint.model.CheckpointException.StateUnknown;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.MiniHdfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A driver that was taken for dead wakes up (I4 on storage): at whichever call it slept, its
 * checkpoint is either the one that the driver in its place starts from, or it never appears.
 */
class TakeoverTest {
  /** Above the largest that Linux gives. */
  private static final long NOBODY = 1L << 31;

  @TempDir private Path folder = Path.of("");

  /** The step that the new driver starts from; -1 for nothing. */
  private long startsFrom;

  @Test
  void theSleeperIsFencedAtEveryCall() throws Exception {
    try (CheckpointStore store = CheckpointStores.open(folder.toString(), new TreeMap<>())) {
      assertTrue(sleepAtEveryCall(store, folder.resolve("run").toUri().toString()) > 20);
    }
  }

  @Tag("long")
  @Test
  void alsoOnHdfs() throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    String run = hdfs.uri("/takeover/run");
    try (CheckpointStore store = CheckpointStores.open(run, hdfs.clientProperties())) {
      assertTrue(sleepAtEveryCall(store, run) > 20);
    }
  }

  private long sleepAtEveryCall(CheckpointStore store, String root) throws Exception {
    for (long call = 1; ; call++) {
      String directory = root + call;
      FaultyStore slow = new FaultyStore(store);
      CheckpointFolder sleeper = CheckpointFolder.open(slow, directory, TestCheckpoints.OPTIONS);
      TestCheckpoints.save(sleeper, slow, 1, 1);
      try (CheckpointFolder heir =
          CheckpointFolder.open(new SharedStore(store), directory, TestCheckpoints.OPTIONS)) {
        startsFrom = -1;
        slow.interrupt(call, () -> takeOver(heir, store));
        boolean committed = saved(sleeper, slow);
        if (startsFrom < 0) {
          assertTrue(committed, "undisturbed");
          return call;
        }
        check(heir, sleeper, slow, committed, "call " + call);
      }
    }
  }

  private void takeOver(CheckpointFolder heir, CheckpointStore store) throws IOException {
    heir.claim();
    startsFrom = heir.latest().orElseThrow().step();
    TestCheckpoints.save(heir, store, 5, 1);
  }

  private static boolean saved(CheckpointFolder sleeper, CheckpointStore store)
      throws StateUnknown {
    try {
      TestCheckpoints.save(sleeper, store, 2, 1);
      return true;
    } catch (StateUnknown e) {
      throw e; // nothing here keeps storage from answering
    } catch (IOException e) {
      return false;
    }
  }

  private void check(
      CheckpointFolder heir,
      CheckpointFolder sleeper,
      CheckpointStore slow,
      boolean committed,
      String where)
      throws IOException {
    List<Long> steps = heir.checkpoints().stream().map(CommittedCheckpoint::step).toList();
    assertEquals(startsFrom == 2 ? List.of(1L, 2L, 5L) : List.of(1L, 5L), steps, where);
    assertTrue(startsFrom == 2 || !committed, where);
    // What it tries afterwards is written, but never committed.
    assertThrows(Fenced.class, () -> TestCheckpoints.save(sleeper, slow, 9, 1), where);
    assertEquals(5, heir.latest().orElseThrow().step(), where);
    assertEquals(List.of(), deadOrphans(heir), where);
  }

  private static List<String> deadOrphans(CheckpointFolder checkpoints) throws IOException {
    checkpoints.collectOrphans();
    return checkpoints.orphans().stream()
        .filter(orphan -> !orphan.alive())
        .map(orphan -> orphan.name())
        .toList();
  }

  /** The other way round: the heir is slow, and the sleeper saves between two of its calls. */
  @Test
  void theSleeperIsSeenOrFencedAtEveryCallOfTheHeir() throws Exception {
    try (CheckpointStore store = CheckpointStores.open(folder.toString(), new TreeMap<>())) {
      for (long call = 1; ; call++) {
        String directory = folder.resolve("run" + call).toUri().toString();
        CheckpointFolder sleeper =
            CheckpointFolder.open(new SharedStore(store), directory, TestCheckpoints.OPTIONS);
        TestCheckpoints.save(sleeper, store, 1, 1);
        boolean[] outcome = new boolean[2];
        FaultyStore slow = new FaultyStore(store);
        try (CheckpointFolder heir =
            CheckpointFolder.open(slow, directory, TestCheckpoints.OPTIONS)) {
          slow.interrupt(
              call,
              () -> {
                outcome[0] = true;
                outcome[1] = saved(sleeper, store);
              });
          heir.claim();
          boolean within = outcome[0];
          long from = heir.latest().orElseThrow().step();
          if (!within) {
            assertTrue(call > 5, "calls of a claim");
            break;
          }
          assertEquals(outcome[1] ? 2 : 1, from, "call " + call);
        }
      }
    }
  }

  /** A takeover that cannot move the other's attempts aside is none. */
  @Test
  void whoCannotFenceDoesNotTakeOver() throws Exception {
    try (CheckpointStore store = CheckpointStores.open(folder.toString(), new TreeMap<>())) {
      String directory = folder.resolve("run").toUri().toString();
      CheckpointFolder sleeper =
          CheckpointFolder.open(new SharedStore(store), directory, TestCheckpoints.OPTIONS);
      sleeper.begin(1, 1);
      ForwardingStore stuck =
          new SharedStore(store) {
            @Override
            public void rename(String from, String to) throws IOException {
              throw new IOException("no");
            }
          };
      try (CheckpointFolder heir =
          CheckpointFolder.open(stuck, directory, TestCheckpoints.OPTIONS)) {
        assertThrows(IOException.class, heir::claim);
        assertEquals(List.of(), owners());
      }
    }
  }

  /**
   * One counts as alive as long as its file was touched lately: on another machine, in another
   * container, whose process numbers say nothing here, and on this machine, where it may hang.
   */
  @ParameterizedTest
  @CsvSource({"host, far", "processes, elsewhere", "since, today"})
  void aLeaseThatRanOutIsTakenOver(String field, String value) throws Exception {
    FolderOptions one = TestCheckpoints.OPTIONS.withApplicationId("one");
    FolderOptions two = TestCheckpoints.OPTIONS.withApplicationId("two");
    String directory = folder.resolve("run").toUri().toString();
    try (CheckpointFolder first = CheckpointFolder.open(directory, one);
        CheckpointFolder second = CheckpointFolder.open(directory, two)) {
      first.claim();
      Path owner = owners().get(0);
      String text =
          Files.readString(owner)
              .replaceAll(
                  "\"" + field + "\" : \"[^\"]*\"", "\"" + field + "\" : \"" + value + "\"");
      if (!field.equals("since")) {
        text = text.replaceAll("\"pid\" : \\d+", "\"pid\" : " + NOBODY);
      }
      Files.writeString(owner, text);
      Conflict refused = assertThrows(Conflict.class, second::claim);
      assertTrue(
          String.valueOf(refused.getMessage()).contains("(application 'one') writes here already"),
          refused::getMessage);
      Files.setLastModifiedTime(owner, FileTime.fromMillis(1_000_000));
      second.claim();
      PendingCheckpoint late = first.begin(3, 1);
      try (ShardWriter writer = ShardWriter.create(late.target(0), one)) {
        TestCheckpoints.write(writer, 3, 0, 1);
        late.report(writer.finish());
      }
      CheckpointException fenced =
          assertThrows(Fenced.class, () -> late.commit(null, "one", new TreeMap<>()));
      assertTrue(String.valueOf(fenced.getMessage()).contains("taken this folder over"));
      assertTrue(second.latest().isEmpty());
    }
  }

  private List<Path> owners() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("run"))) {
      return files.filter(file -> file.getFileName().toString().startsWith(".owner-")).toList();
    }
  }
}
