package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FaultyStore.Fault;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.model.CheckpointException.StateUnknown;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoreOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every call to storage of a save, of the retention after it, of a replacement and of a gc fails or
 * crashes in turn, before it is done and after (S1 to S4, S6 to S8, S14, S44): then the last
 * committed checkpoint is listed, verified and restored, old or new and nothing between, and the
 * next save works.
 */
class CrashPointTest {

  private static final int SHARDS = 2;

  @TempDir Path folder;
  private int round;

  private String fresh() throws IOException {
    round++;
    return CheckpointStores.qualify(folder.resolve("run" + round).toString(), new TreeMap<>());
  }

  /** A save of step 3 in a folder that keeps two and has steps 1 and 2: one expires. */
  @ParameterizedTest
  @EnumSource
  void save(Fault fault) throws Exception {
    CheckpointStore raw = new Unsynced(CheckpointStores.open(fresh(), new TreeMap<>()));
    for (long call = 1; ; call++) {
      String directory = fresh();
      FolderOptions options = TestCheckpoints.OPTIONS.withKeep(2);
      try (CheckpointFolder before = CheckpointFolder.open(raw, directory, options)) {
        TestCheckpoints.save(before, raw, 1, SHARDS);
        TestCheckpoints.save(before, raw, 2, SHARDS);
      }
      FaultyStore faulty = new FaultyStore(raw);
      faulty.arm(fault, call);
      CheckpointFolder checkpoints = CheckpointFolder.open(faulty, directory, options);
      Outcome outcome = attempt(checkpoints, faulty, 3, false);
      if (faulty.calls() < call) {
        assertTrue(call > 40, "a save makes more calls than " + call);
        return;
      }
      abandon(checkpoints);
      check(raw, directory, faulty.hit(), outcome, 2, 3);
    }
  }

  /** S8: a replacement of step 2; the old one stays until the new one is committed. */
  @ParameterizedTest
  @EnumSource
  void replacement(Fault fault) throws Exception {
    CheckpointStore raw = new Unsynced(CheckpointStores.open(fresh(), new TreeMap<>()));
    for (long call = 1; ; call++) {
      String directory = fresh();
      try (CheckpointFolder before =
          CheckpointFolder.open(raw, directory, TestCheckpoints.OPTIONS)) {
        TestCheckpoints.save(before, raw, 2, SHARDS);
      }
      FaultyStore faulty = new FaultyStore(raw);
      faulty.arm(fault, call);
      CheckpointFolder checkpoints =
          CheckpointFolder.open(faulty, directory, TestCheckpoints.OPTIONS);
      Outcome outcome = attempt(checkpoints, faulty, 2, true);
      if (faulty.calls() < call) {
        return;
      }
      abandon(checkpoints);
      check(raw, directory, faulty.hit(), outcome, 2, 2);
    }
  }

  /** S3, S44: a gc of a staging directory, a half-deleted checkpoint and a damaged one. */
  @ParameterizedTest
  @EnumSource
  void gc(Fault fault) throws Exception {
    CheckpointStore raw = new Unsynced(CheckpointStores.open(fresh(), new TreeMap<>()));
    for (long call = 1; ; call++) {
      String directory = fresh();
      Path local = Path.of(directory.substring("file://".length()));
      try (CheckpointFolder before =
          CheckpointFolder.open(raw, directory, TestCheckpoints.OPTIONS)) {
        TestCheckpoints.save(before, raw, 2, SHARDS);
        PendingCheckpoint left = before.begin(3, SHARDS);
        try (ShardWriter writer = ShardWriter.create(raw, left.target(0))) {
          TestCheckpoints.write(writer, 3, 0, SHARDS);
        }
      }
      Files.createDirectory(local.resolve(".expired-ckpt-1-0123456789abcdef"));
      Files.createFile(local.resolve(".expired-ckpt-1-0123456789abcdef/variables.index"));
      Files.createDirectory(local.resolve("not-ours"));
      FaultyStore faulty = new FaultyStore(raw);
      faulty.arm(fault, call);
      CheckpointFolder checkpoints =
          CheckpointFolder.open(faulty, directory, TestCheckpoints.OPTIONS);
      boolean done = true;
      try {
        checkpoints.collectOrphans();
      } catch (IOException e) {
        done = false;
      }
      if (faulty.calls() < call) {
        assertTrue(done);
        return;
      }
      check(raw, directory, faulty.hit(), new Outcome(Optional.empty(), false), 2, 2);
      try (CheckpointFolder after =
          CheckpointFolder.open(raw, directory, TestCheckpoints.OPTIONS)) {
        after.collectOrphans();
        assertEquals(List.of(), after.orphans(), faulty.hit());
      }
      assertTrue(Files.exists(local.resolve("not-ours")));
    }
  }

  /** Ends a manager's thread; its store is dead or not, and nobody asks. */
  private static void abandon(CheckpointFolder checkpoints) {
    try {
      checkpoints.close();
    } catch (IOException e) {
      // As after a crash: the owner file stays.
    }
  }

  /**
   * The caller's result.
   *
   * @param committed the checkpoint, if the save returned one
   * @param unknown whether the save failed with StateUnknown
   */
  private record Outcome(Optional<CommittedCheckpoint> committed, boolean unknown) {}

  private static Outcome attempt(
      CheckpointFolder checkpoints, CheckpointStore store, long step, boolean replace) {
    try {
      Optional<ObjectGraph> graph = Optional.of(GraphFileTest.graph(step));
      return new Outcome(
          Optional.of(TestCheckpoints.save(checkpoints, store, step, SHARDS, replace, graph)),
          false);
    } catch (StateUnknown e) {
      return new Outcome(Optional.empty(), true);
    } catch (IOException e) {
      return new Outcome(Optional.empty(), false);
    }
  }

  private static void check(
      CheckpointStore raw,
      String directory,
      String hit,
      Outcome outcome,
      long oldStep,
      long newStep)
      throws Exception {
    try (CheckpointFolder after =
        CheckpointFolder.open(raw, directory, TestCheckpoints.OPTIONS.withKeep(2))) {
      CommittedCheckpoint latest = after.latest().orElseThrow();
      if (outcome.committed().isPresent()) {
        assertEquals(outcome.committed().get(), latest, hit);
      } else if (!outcome.unknown() && oldStep != newStep) {
        assertEquals(oldStep, latest.step(), hit);
      }
      assertTrue(latest.step() == oldStep || latest.step() == newStep, hit);
      List<CommittedCheckpoint> listed = after.checkpoints();
      assertFalse(listed.isEmpty(), hit);
      for (CommittedCheckpoint checkpoint : listed) {
        CheckpointVerifier.check(raw, checkpoint.path());
        restore(raw, checkpoint, hit);
      }
      CommittedCheckpoint next = TestCheckpoints.save(after, raw, 9, SHARDS);
      assertEquals(next, after.latest().orElseThrow(), hit);
      assertEquals(List.of(), after.drainWarnings(), hit);
      restore(raw, next, hit);
      assertTrue(after.checkpoints().size() <= 2, hit);
      // What is left in the folder is what is listed, and nothing half-deleted.
      List<String> names =
          new ArrayList<>(after.checkpoints().stream().map(CommittedCheckpoint::name).toList());
      names.add("checkpoint");
      try (Stream<Path> left = Files.list(Path.of(directory.substring("file://".length())))) {
        assertEquals(
            Set.copyOf(names),
            left.map(path -> path.getFileName().toString())
                .filter(name -> !name.startsWith(".owner-") && !name.equals("not-ours"))
                .collect(Collectors.toSet()),
            hit);
      }
    }
  }

  private static void restore(CheckpointStore raw, CommittedCheckpoint checkpoint, String hit)
      throws IOException {
    try (CheckpointReader reader = CheckpointReader.open(raw, checkpoint.path())) {
      for (VariableSpec variable : TestCheckpoints.FLOATS) {
        float[] expected = TestCheckpoints.values(variable, checkpoint.step());
        float[] found = new float[expected.length];
        reader.readRows(variable.key(), 0, variable.shape().rows(), found, 0);
        assertArrayEquals(expected, found, hit);
      }
    }
  }

  /** A power loss is not what is tried here: syncs are left out. */
  private static final class Unsynced extends SharedStore {
    Unsynced(CheckpointStore store) {
      super(store);
    }

    @Override
    public StoreOutput create(String path) throws IOException {
      StoreOutput out = super.create(path);
      return new StoreOutput() {
        @Override
        public void write(ByteBuffer bytes) throws IOException {
          out.write(bytes);
        }

        @Override
        public void sync() {}

        @Override
        public void close() throws IOException {
          out.close();
        }
      };
    }
  }
}
