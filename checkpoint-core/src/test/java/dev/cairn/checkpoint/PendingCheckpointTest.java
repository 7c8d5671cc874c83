package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.CheckpointException.StateUnknown;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.ShardReport;
import dev.cairn.checkpoint.model.ShardTarget;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoreInput;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the reports of shards, and what is refused before it is committed (S10, S13, S30, S35,
 * S50).
 */
class PendingCheckpointTest {

  @TempDir Path folder;

  private CheckpointFolder manager() throws Exception {
    return CheckpointFolder.open(folder.toString(), TestCheckpoints.OPTIONS);
  }

  private static ShardReport write(PendingCheckpoint pending, int shard, int shards)
      throws Exception {
    try (ShardWriter writer = ShardWriter.create(pending.target(shard), TestCheckpoints.OPTIONS)) {
      TestCheckpoints.write(writer, pending.step(), shard, shards);
      ShardReport report = writer.finish();
      assertEquals(report, ShardReport.decode(report.encode()));
      return report;
    }
  }

  /** S13, S27, S50. */
  @Test
  void reportsCountOnce() throws Exception {
    try (CheckpointFolder checkpoints = manager()) {
      PendingCheckpoint old = checkpoints.begin(1, 2);
      PendingCheckpoint pending = checkpoints.begin(1, 2);
      ShardReport first = write(pending, 0, 2);
      assertEquals(ReportResult.UNKNOWN, old.report(first), "of another attempt");
      assertEquals(ReportResult.ACCEPTED, pending.report(first));
      assertEquals(ReportResult.DUPLICATE, pending.report(first));
      DataFile file = first.file();
      ShardReport other =
          new ShardReport(
              pending.attempt(),
              0,
              new DataFile(file.name(), file.length(), file.crc32c() + 1),
              first.slices());
      assertEquals(ReportResult.DUPLICATE, pending.report(other), "it takes no one's place");
      ShardReport stray =
          new ShardReport(
              pending.attempt(), 7, new DataFile("variables.data-00007-of-00002", 0, 0), List.of());
      assertEquals(ReportResult.UNKNOWN, pending.report(stray));
      assertEquals(Set.of(1), pending.missing());
      Mismatch e = assertThrows(Mismatch.class, () -> pending.commit(null, "", new TreeMap<>()));
      assertTrue(String.valueOf(e.getMessage()).contains("[1]"));
      ShardReport second = write(pending, 1, 2);
      assertEquals(ReportResult.ACCEPTED, pending.report(second));
      CommittedCheckpoint committed = pending.commit(null, "", new TreeMap<>());
      assertEquals(file, committed.manifest().files().get(0));
      assertEquals(ReportResult.LATE, pending.report(second));
      assertThrows(IllegalStateException.class, () -> pending.commit(null, "", new TreeMap<>()));
      old.abort();
      old.abort();
      assertEquals(ReportResult.LATE, old.report(of(old)));
      assertEquals(List.of(committed), checkpoints.checkpoints());
    }
  }

  private static ShardReport of(PendingCheckpoint pending) {
    return new ShardReport(
        pending.attempt(), 0, new DataFile("variables.data-00000-of-00002", 0, 0), List.of());
  }

  /** S13: on local disk as on HDFS, a second writer of a shard has no file to write to. */
  @Test
  void oneWriterForEachShard() throws Exception {
    try (CheckpointFolder checkpoints = manager()) {
      PendingCheckpoint pending = checkpoints.begin(1, 1);
      ShardTarget target = pending.target(0);
      try (ShardWriter first = ShardWriter.create(target, TestCheckpoints.OPTIONS)) {
        assertThrows(
            Conflict.class, () -> ShardWriter.create(target, TestCheckpoints.OPTIONS).close());
        TestCheckpoints.write(first, 1, 0, 1);
        pending.report(first.finish());
      }
      CommittedCheckpoint committed = pending.commit(null, "", new TreeMap<>());
      assertThrows(
          NotFound.class, () -> ShardWriter.create(target, TestCheckpoints.OPTIONS).close());
      assertEquals(
          List.of(),
          CheckpointVerifier.verify(committed.path(), TestCheckpoints.OPTIONS, 1, n -> {})
              .damages());
    }
  }

  /** S6, S7: nothing is remembered; what a failed save or somebody else took away is gone. */
  @Test
  void whatIsNotOnStorageIsForgotten() throws Exception {
    try (CheckpointFolder checkpoints = manager();
        CheckpointStore store = CheckpointStores.open(folder.toString(), new TreeMap<>())) {
      CommittedCheckpoint first = TestCheckpoints.save(checkpoints, store, 1, 1);
      PendingCheckpoint failed = checkpoints.begin(2, 1);
      ShardReport report = write(failed, 0, 1);
      failed.report(report);
      Files.delete(Path.of(URI.create(failed.target(0).directory())).resolve(report.file().name()));
      NotFound e = assertThrows(NotFound.class, () -> failed.commit(null, "", new TreeMap<>()));
      assertTrue(String.valueOf(e.getMessage()).contains(report.file().name()), e.getMessage());
      assertEquals(List.of(first), checkpoints.checkpoints());
      assertEquals(first, checkpoints.latest().orElseThrow());

      CommittedCheckpoint second = TestCheckpoints.save(checkpoints, store, 2, 1);
      assertEquals(List.of(first, second), checkpoints.checkpoints());
      Files.delete(folder.resolve(second.name()).resolve("manifest.json"));
      Files.move(folder.resolve(second.name()), folder.resolve("elsewhere"));
      assertEquals(List.of(first), checkpoints.checkpoints());
      assertEquals(first, checkpoints.latest().orElseThrow());
      assertEquals(first, checkpoints.newestGood(skipped -> {}).orElseThrow());
      assertEquals(2, TestCheckpoints.save(checkpoints, store, 2, 1).step());
    }
  }

  /** A reported file that became shorter on its way is found before the commit, not after. */
  @Test
  void reportedLengthsAreThoseOnStorage() throws Exception {
    try (CheckpointFolder checkpoints = manager()) {
      PendingCheckpoint pending = checkpoints.begin(1, 1);
      ShardReport report = write(pending, 0, 1);
      Path data = Path.of(URI.create(pending.target(0).directory())).resolve(report.file().name());
      byte[] bytes = Files.readAllBytes(data);
      Files.write(data, java.util.Arrays.copyOf(bytes, bytes.length - 1));
      pending.report(report);
      Corrupt e = assertThrows(Corrupt.class, () -> pending.commit(null, "", new TreeMap<>()));
      assertTrue(String.valueOf(e.getMessage()).contains("another length"), e.getMessage());
      assertTrue(checkpoints.latest().isEmpty());
    }
  }

  /** Somebody else's checkpoint of the step is no success of ours, and is left alone. */
  @Test
  void aCommitThatComesSecond() throws Exception {
    try (CheckpointFolder checkpoints = manager();
        CheckpointStore store = CheckpointStores.open(folder.toString(), new TreeMap<>())) {
      PendingCheckpoint slow = checkpoints.begin(1, 1);
      slow.report(write(slow, 0, 1));
      CommittedCheckpoint first = TestCheckpoints.save(checkpoints, store, 1, 1);
      assertThrows(Conflict.class, () -> slow.commit(null, "", new TreeMap<>()));
      assertEquals(List.of(first), checkpoints.checkpoints());
      assertThrows(IllegalStateException.class, () -> slow.commit(null, "", new TreeMap<>()));
    }
  }

  /** Storage that does not answer for a while; what was asked of it may have been done. */
  private static final class Silent extends ForwardingStore {
    private final boolean renames;
    private boolean silent;

    Silent(CheckpointStore store, boolean renames) {
      super(store);
      this.renames = renames;
    }

    @Override
    public void rename(String from, String to) throws IOException {
      if (silent && !renames) {
        throw new IOException("no answer");
      }
      super.rename(from, to);
      if (silent) {
        throw new IOException("no answer");
      }
    }

    @Override
    public StoreInput open(String path) throws IOException {
      if (silent) {
        throw new IOException("no answer");
      }
      return super.open(path);
    }
  }

  /** S4: nobody knows, so nothing is deleted; asked again later, it looks again and says so. */
  @Test
  void aCommitOfWhichNobodyKnows() throws Exception {
    for (boolean done : new boolean[] {true, false}) {
      String directory = CheckpointStores.qualify(folder.resolve("" + done) + "", new TreeMap<>());
      Silent store = new Silent(CheckpointStores.open(directory, new TreeMap<>()), done);
      try (CheckpointFolder checkpoints =
          CheckpointFolder.open(store, directory, TestCheckpoints.OPTIONS)) {
        PendingCheckpoint pending = checkpoints.begin(1, 1);
        pending.report(write(pending, 0, 1));
        store.silent = true;
        assertThrows(StateUnknown.class, () -> pending.commit(null, "", new TreeMap<>()));
        pending.abort();
        store.silent = false;
        assertEquals(done, checkpoints.latest().isPresent(), "nothing was deleted");
        assertEquals(ReportResult.LATE, pending.report(one(pending)));
        CommittedCheckpoint committed = pending.commit(null, "", new TreeMap<>());
        assertEquals(committed, checkpoints.latest().orElseThrow());
        CheckpointVerifier.check(store, committed.path());
      }
    }
  }

  /** S48: a step twice, and a step that goes back. */
  @Test
  void stepsGoForward() throws Exception {
    try (CheckpointFolder checkpoints = manager();
        CheckpointStore store = CheckpointStores.open(folder.toString(), new TreeMap<>())) {
      TestCheckpoints.save(checkpoints, store, 5, 1);
      assertThrows(Conflict.class, () -> checkpoints.begin(5, 1));
      assertThrows(Conflict.class, () -> checkpoints.begin(4, 1));
      assertThrows(Conflict.class, () -> checkpoints.begin(4, 1, true));
    }
  }

  /** Another driver in the same folder is refused while the first one lives. */
  @Test
  void twoDriversAreRefused() throws Exception {
    FolderOptions one = TestCheckpoints.OPTIONS.withApplicationId("one");
    FolderOptions two = TestCheckpoints.OPTIONS.withApplicationId("two");
    try (CheckpointFolder second = CheckpointFolder.open(folder.toString(), two)) {
      twoDrivers(one, second);
      second.begin(2, 1).abort();
    }
  }

  private void twoDrivers(FolderOptions one, CheckpointFolder second) throws Exception {
    try (CheckpointFolder first = CheckpointFolder.open(folder.toString(), one)) {
      PendingCheckpoint pending = first.begin(1, 1);
      Conflict e = assertThrows(Conflict.class, () -> second.begin(1, 1));
      assertTrue(String.valueOf(e.getMessage()).contains("'one'"));
      assertTrue(second.orphans().stream().allMatch(orphan -> orphan.alive()));
      second.collectOrphans();
      pending.report(write(pending, 0, 1));
      pending.commit(null, "", new TreeMap<>());
    }
  }

  /** S10: what is not ours to the letter, and links, are neither listed nor collected. */
  @Test
  void strangersAreLeftAlone() throws Exception {
    try (CheckpointFolder checkpoints = manager();
        CheckpointStore store = CheckpointStores.open(folder.toString(), new TreeMap<>())) {
      CommittedCheckpoint good = TestCheckpoints.save(checkpoints, store, 5, 1);
      Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
      Files.createFile(elsewhere.resolve("precious"));
      List<String> names =
          List.of(
              ".staging-6-0123456789ABCDEF-1",
              ".staging-06-0123456789abcdef-1",
              ".expired-x",
              "ckpt-007",
              "ckpt-8-1",
              "ckpt-9");
      for (String name : names) {
        Files.createDirectory(folder.resolve(name));
      }
      Path link = folder.resolve(".staging-7-0123456789abcdef-1");
      Files.createSymbolicLink(link, elsewhere);
      Files.createSymbolicLink(folder.resolve("ckpt-10"), folder.resolve(good.name()));
      checkpoints.collectOrphans();
      for (String name : names) {
        assertTrue(Files.exists(folder.resolve(name)), name);
      }
      assertTrue(Files.exists(elsewhere.resolve("precious")) && Files.isSymbolicLink(link));
      assertEquals(List.of(good), checkpoints.checkpoints());
      assertEquals(good, checkpoints.latest().orElseThrow());
    }
  }

  private static final VariableSpec GRID =
      new VariableSpec("grid/.ATTRIBUTES/VARIABLE_VALUE", DType.FLOAT, Shape.of(8, 2));

  private String refusal(Slice... slices) throws Exception {
    try (CheckpointFolder checkpoints = manager()) {
      PendingCheckpoint pending = checkpoints.begin(1, 1);
      try (ShardWriter writer = ShardWriter.create(pending.target(0), TestCheckpoints.OPTIONS)) {
        for (Slice slice : slices) {
          float[] values = new float[(int) slice.shape(GRID.shape()).elements()];
          writer.write(GRID, slice, values, 0, values.length);
        }
        pending.report(writer.finish());
      }
      Mismatch e = assertThrows(Mismatch.class, () -> pending.commit(null, "", new TreeMap<>()));
      assertFalse(checkpoints.latest().isPresent());
      assertEquals(ReportResult.LATE, pending.report(one(pending)));
      return String.valueOf(e.getMessage());
    }
  }

  private static ShardReport one(PendingCheckpoint pending) {
    return new ShardReport(
        pending.attempt(), 0, new DataFile("variables.data-00000-of-00001", 0, 0), List.of());
  }

  /** S30. */
  @Test
  void everyElementExactlyOnce() throws Exception {
    assertTrue(
        refusal(Slice.rows(0, 4, 2), Slice.rows(3, 5, 2)).contains("3,5:- (shard 0) overlapping"));
    assertTrue(refusal(Slice.rows(0, 4, 2), Slice.rows(5, 3, 2)).contains("without rows 4 to 4"));
    assertTrue(refusal(Slice.rows(0, 7, 2)).contains("without rows 7 to 7"));
    assertTrue(refusal(Slice.rows(2, 6, 2)).contains("without rows 0 to 1"));
    assertTrue(
        refusal(
                Slice.of(new long[] {0, 0}, new long[] {8, 1}),
                Slice.of(new long[] {0, 1}, new long[] {7, 1}))
            .contains("15 of its 16 elements"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new StoredSlice(GRID, Slice.rows(4, 5, 2), 0, 0, 40, 0));
  }

  /** Two checkpoints value by value. */
  @Test
  void differences() throws Exception {
    try (CheckpointFolder checkpoints = manager();
        CheckpointStore store = CheckpointStores.open(folder.toString(), new TreeMap<>())) {
      CommittedCheckpoint a = TestCheckpoints.save(checkpoints, store, 5, 2);
      CommittedCheckpoint b = TestCheckpoints.save(checkpoints, store, 6, 3);
      try (CheckpointReader first = CheckpointReader.open(a.path(), TestCheckpoints.OPTIONS);
          CheckpointReader second = CheckpointReader.open(b.path(), TestCheckpoints.OPTIONS)) {
        for (CheckpointDiff.Entry entry : CheckpointDiff.compare(first, first)) {
          assertEquals(CheckpointDiff.Outcome.EQUAL, entry.outcome());
        }
        CheckpointDiff.Entry weights =
            CheckpointDiff.compare(first, second).stream()
                .filter(entry -> entry.key().equals(TestCheckpoints.WEIGHTS.key()))
                .findFirst()
                .orElseThrow();
        float[] x = TestCheckpoints.values(TestCheckpoints.WEIGHTS, 5);
        float[] y = TestCheckpoints.values(TestCheckpoints.WEIGHTS, 6);
        double max = 0;
        for (int i = 0; i < x.length; i++) {
          max = Math.max(max, Math.abs((double) x[i] - y[i]));
        }
        assertEquals(max, weights.maxAbsDifference().orElseThrow());
        assertEquals(0, weights.firstDifference());
        assertEquals(CheckpointDiff.Outcome.DIFFERENT, weights.outcome());
      }
    }
  }
}
