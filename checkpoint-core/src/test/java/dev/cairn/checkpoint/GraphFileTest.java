package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.graph.HeldVariable;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.graph.State;
import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.VerifyReport;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file with the object graph, beside those of the shards: one of the checkpoint's files. */
class GraphFileTest {
  private static final int SHARDS = 2;

  @TempDir Path folder;

  /** A state of a few bytes. */
  private static final class Position implements State {
    byte[] bytes;

    Position(byte... bytes) {
      this.bytes = bytes;
    }

    @Override
    public byte[] save() {
      return bytes;
    }

    @Override
    public void restore(byte[] saved) {
      bytes = saved;
    }
  }

  private static ObjectGraph graph(SortedMap<String, Trackable> children) {
    return ObjectGraph.of(
        new Trackable() {
          @Override
          public SortedMap<String, Trackable> children() {
            return children;
          }
        });
  }

  private static ObjectGraph graph(long step, State position) {
    SortedMap<String, Trackable> children = new TreeMap<>();
    children.put("save_counter", HeldVariable.of(step));
    children.put("rate", HeldVariable.of(0.5f));
    children.put("position", position);
    return graph(children);
  }

  /** The graph of a step: a counter, a number and a state. */
  static ObjectGraph graph(long step) {
    return graph(step, new Position((byte) step, (byte) 0, (byte) -1));
  }

  private CommittedCheckpoint saved() throws Exception {
    String directory = folder.resolve("run").toString();
    try (CheckpointFolder checkpoints = CheckpointFolder.open(directory, TestCheckpoints.OPTIONS);
        CheckpointStore store = CheckpointStores.open(directory, new TreeMap<>())) {
      return TestCheckpoints.save(checkpoints, store, 7, SHARDS, false, Optional.of(graph(7)));
    }
  }

  private static CheckpointReader reader(CommittedCheckpoint checkpoint) throws Exception {
    return CheckpointReader.open(checkpoint.path(), TestCheckpoints.OPTIONS);
  }

  @Test
  void countersAndStatesComeBack() throws Exception {
    CommittedCheckpoint checkpoint = saved();
    assertEquals(SHARDS + 1, checkpoint.manifest().files().size());
    Position position = new Position();
    try (CheckpointReader reader = reader(checkpoint)) {
      var restoration = reader.match(graph(0, position)).assertConsumed();
      reader.restoreStates(restoration);
      assertArrayEquals(new byte[] {7, 0, -1}, position.bytes);
      assertEquals(2, restoration.matches().size());
      ByteBuffer counter = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      reader.read("save_counter/.ATTRIBUTES/VARIABLE_VALUE", Slice.full(0), counter);
      assertEquals(7, counter.getLong(0));
      ByteBuffer rate = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
      reader.read("rate/.ATTRIBUTES/VARIABLE_VALUE", Slice.full(0), rate);
      assertEquals(0.5f, rate.getFloat(0));
    }
    VerifyReport report =
        CheckpointVerifier.verify(checkpoint.path(), TestCheckpoints.OPTIONS, 1, read -> {});
    assertTrue(report.good());
    assertEquals(SHARDS + 1, report.files());
  }

  /** A variable to which an edge leads is found under any key. */
  @Test
  void variablesAreFoundByTheirEdges() throws Exception {
    HeldVariable one = HeldVariable.of(0.75f);
    SortedMap<String, Trackable> children = new TreeMap<>();
    children.put("a", one);
    children.put("weights", one);
    String run = folder.resolve("shared").toString();
    try (CheckpointFolder checkpoints = CheckpointFolder.open(run, TestCheckpoints.OPTIONS)) {
      PendingCheckpoint pending = checkpoints.begin(1, 1);
      try (ShardWriter writer = pending.writer(0)) {
        writer.write(graph(children));
        pending.report(writer.finish());
      }
      pending.commit(TestCheckpoints.state(1), "t", new TreeMap<>());
    }
    try (CheckpointReader reader =
        CheckpointReader.open(run + "/ckpt-1", TestCheckpoints.OPTIONS)) {
      assertEquals("a/.ATTRIBUTES/VARIABLE_VALUE", reader.named("weights").orElseThrow().key());
      assertEquals(Optional.empty(), reader.named("bias"));
    }
    try (CoefficientReader reader = CoefficientReader.open(run, TestCheckpoints.OPTIONS)) {
      assertEquals(1, reader.features());
      reader.nonZero((feature, column, value) -> assertEquals(0.75, value));
    }
  }

  /** No state is changed when anything else does not fit. */
  @Test
  void statesOfAnotherProgramAreNotTouched() throws Exception {
    Position position = new Position((byte) 3);
    SortedMap<String, Trackable> children = new TreeMap<>();
    children.put("position", position);
    children.put("save_counter", HeldVariable.of(1f));
    try (CheckpointReader reader = reader(saved())) {
      var restoration = reader.match(graph(children));
      long graph = reader.bytesRead();
      Mismatch e = assertThrows(Mismatch.class, () -> reader.restoreStates(restoration));
      assertTrue(e.getMessage().contains("save_counter"), e.getMessage());
      assertArrayEquals(new byte[] {3}, position.bytes);
      assertEquals(graph, reader.bytesRead());
    }
  }

  /** Its bytes are checked like all others. */
  @Test
  void damageIsFound() throws Exception {
    CommittedCheckpoint checkpoint = saved();
    Path file =
        Path.of(java.net.URI.create(checkpoint.path())).resolve("variables.data-00002-of-00003");
    byte[] bytes = Files.readAllBytes(file);
    bytes[20] ^= 1;
    Files.write(file, bytes);
    try (CheckpointReader reader = reader(checkpoint)) {
      assertThrows(Corrupt.class, reader::graph);
    }
    assertTrue(
        CheckpointVerifier.verify(checkpoint.path(), TestCheckpoints.OPTIONS, 1, read -> {})
            .damages()
            .toString()
            .contains("variables.data-00002-of-00003"));
  }

  /** Files of other programs may have none. */
  @Test
  void aFileWithoutGraphHasNone() throws Exception {
    String directory = folder.resolve("plain").toString();
    try (CheckpointFolder checkpoints = CheckpointFolder.open(directory, TestCheckpoints.OPTIONS);
        CheckpointStore store = CheckpointStores.open(directory, new TreeMap<>())) {
      CommittedCheckpoint checkpoint = TestCheckpoints.save(checkpoints, store, 1, 1);
      try (CheckpointReader reader = reader(checkpoint)) {
        assertEquals(Optional.empty(), reader.graph());
      }
    }
  }
}
