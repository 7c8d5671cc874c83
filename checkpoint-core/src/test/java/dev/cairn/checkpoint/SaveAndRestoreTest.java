package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.model.VerifyReport;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** N writers, M readers (S28, S29, S31, S32): the same values, and no byte too many. */
class SaveAndRestoreTest {

  @TempDir Path folder;

  @Test
  void anyNumberOfShardsRestoresOntoAnyNumberOfOwners() throws Exception {
    for (int n = 1; n <= 8; n++) {
      String directory = folder.resolve("n" + n).toString();
      CommittedCheckpoint checkpoint;
      try (CheckpointFolder checkpoints =
              CheckpointFolder.open(directory, TestCheckpoints.OPTIONS);
          CheckpointStore store = CheckpointStores.open(directory, new TreeMap<>())) {
        checkpoint = TestCheckpoints.save(checkpoints, store, 7, n);
        assertEquals(checkpoint.manifest(), checkpoints.latest().orElseThrow().manifest());
        assertEquals(List.of(), checkpoints.drainWarnings());
      }
      for (int m = 1; m <= 8; m++) {
        restore(checkpoint, n, m);
      }
    }
  }

  private static void restore(CommittedCheckpoint checkpoint, int n, int m) throws Exception {
    long needed = 0;
    long read = 0;
    for (int owner = 0; owner < m; owner++) {
      CountingStore store =
          new CountingStore(CheckpointStores.open(checkpoint.path(), new TreeMap<>()));
      try (CheckpointReader reader = CheckpointReader.open(store, checkpoint.path())) {
        store.drain();
        List<RowRequest> requests = new ArrayList<>();
        List<float[]> expected = new ArrayList<>();
        for (VariableSpec variable : TestCheckpoints.FLOATS) {
          long rows = variable.shape().rows();
          int width = variable.shape().rank() == 0 ? 1 : (int) variable.shape().rowElements();
          long blocks = (rows + TestCheckpoints.BLOCK_ROWS - 1) / TestCheckpoints.BLOCK_ROWS;
          long first = blocks * owner / m * TestCheckpoints.BLOCK_ROWS;
          long end = Math.min(rows, blocks * (owner + 1) / m * TestCheckpoints.BLOCK_ROWS);
          int count = (int) Math.max(0, end - first);
          if (variable.shape().rank() == 0 && count == 0) {
            continue;
          }
          float[] into = new float[count * width];
          requests.add(new RowRequest(variable.key(), count == 0 ? 0 : first, count, into, 0));
          float[] all = TestCheckpoints.values(variable, 7);
          expected.add(
              count == 0
                  ? new float[0]
                  : java.util.Arrays.copyOfRange(
                      all, (int) first * width, (int) (first + count) * width));
          needed += (long) count * width * Float.BYTES;
        }
        reader.readAll(requests, 2);
        for (int i = 0; i < expected.size(); i++) {
          assertArrayEquals(expected.get(i), requests.get(i).into().get(), n + " onto " + m);
        }
        CountingStore.Counts counts = store.drain();
        assertEquals(counts.bytesRead(), reader.bytesRead());
        assertEquals(counts.opened().size(), Set.copyOf(counts.opened()).size(), "each file once");
        read += counts.bytesRead();
      }
    }
    assertTrue(read <= 1.02 * needed, n + " onto " + m + ": read " + read + " of " + needed);
  }

  /** S32: one variable, one range of rows; no other file is opened, no other slice read. */
  @Test
  void nothingElseIsOpened() throws Exception {
    String directory = folder.resolve("little").toString();
    CommittedCheckpoint checkpoint;
    try (CheckpointFolder checkpoints = CheckpointFolder.open(directory, TestCheckpoints.OPTIONS);
        CheckpointStore raw = CheckpointStores.open(directory, new TreeMap<>())) {
      checkpoint = TestCheckpoints.save(checkpoints, raw, 7, 5);
    }
    CountingStore store =
        new CountingStore(CheckpointStores.open(checkpoint.path(), new TreeMap<>()));
    try (CheckpointReader reader = CheckpointReader.open(store, checkpoint.path())) {
      assertEquals(
          List.of("manifest.json", "variables.index"), names(store.drain().opened()), "to open");
      reader.readRows(TestCheckpoints.BIAS.key(), 0, 1, new float[1], 0);
      CountingStore.Counts bias = store.drain();
      assertEquals(List.of("variables.data-00000-of-00005"), names(bias.opened()));
      assertEquals(4, bias.bytesRead());
      // Rows 9 to 18 lie in the blocks 8 to 11 of one file and 12 to 19 of the next.
      int width = 5;
      reader.readRows(TestCheckpoints.WEIGHTS.key(), 9, 10, new float[10 * width], 0);
      CountingStore.Counts rows = store.drain();
      assertEquals(
          List.of("variables.data-00001-of-00005", "variables.data-00002-of-00005"),
          names(rows.opened()));
      assertEquals(3L * TestCheckpoints.BLOCK_ROWS * width * Float.BYTES, rows.bytesRead());
    }
  }

  private static List<String> names(List<String> paths) {
    return paths.stream().map(CheckpointFileNames::lastPart).toList();
  }

  /** S32: a region in the middle of rows and columns, numbers that are no floats, strings. */
  @Test
  void partsAndOtherTypesAreRead() throws Exception {
    String directory = folder.resolve("parts").toString();
    try (CheckpointFolder checkpoints = CheckpointFolder.open(directory, TestCheckpoints.OPTIONS);
        CheckpointStore store = CheckpointStores.open(directory, new TreeMap<>())) {
      CommittedCheckpoint checkpoint = TestCheckpoints.save(checkpoints, store, 7, 3);
      try (CheckpointReader reader =
          CheckpointReader.open(checkpoint.path(), TestCheckpoints.OPTIONS)) {
        ByteBuffer step = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        reader.read(TestCheckpoints.STEP.key(), Slice.full(0), step);
        assertEquals(7, step.getLong(0));
        assertEquals(200, reader.readStrings(TestCheckpoints.NOTES.key()).get(1).length);
        ByteBuffer part = ByteBuffer.allocate(11 * 2 * 4).order(ByteOrder.LITTLE_ENDIAN);
        reader.read(
            TestCheckpoints.WEIGHTS.key(), Slice.of(new long[] {3, 1}, new long[] {11, 2}), part);
        float[] all = TestCheckpoints.values(TestCheckpoints.WEIGHTS, 7);
        for (int row = 0; row < 11; row++) {
          for (int column = 0; column < 2; column++) {
            assertEquals(all[(row + 3) * 5 + column + 1], part.getFloat((row * 2 + column) * 4));
          }
        }
      }
      VerifyReport report =
          CheckpointVerifier.verify(checkpoint.path(), TestCheckpoints.OPTIONS, 2, bytes -> {});
      assertEquals(List.of(), report.damages());
      assertTrue(
          Files.readString(folder.resolve("parts/checkpoint"))
              .startsWith("model_checkpoint_path: \"ckpt-7/variables\""));
    }
  }
}
