package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoreInput;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A slice that is large is read by several threads, and is as good as its one checksum (I7). */
class LargeSliceTest {
  private static final FolderOptions OPTIONS = FolderOptions.defaults();
  private static final int ROWS = 5003;
  private static final int WIDTH = 1021;
  private static final int SMALL = 40_000;
  private static final VariableSpec LARGE =
      new VariableSpec("large", DType.FLOAT, Shape.of(ROWS, WIDTH));
  private static final VariableSpec BEFORE = new VariableSpec("a", DType.FLOAT, Shape.of(SMALL));
  private static final VariableSpec AFTER = new VariableSpec("z", DType.FLOAT, Shape.of(SMALL));

  @TempDir Path folder;
  private String prefix;

  private static float value(VariableSpec variable, long element) {
    return variable.key().charAt(0) * 1e-3f + element;
  }

  private static float[] values(VariableSpec variable) {
    float[] values = new float[(int) variable.shape().elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(variable, i);
    }
    return values;
  }

  @BeforeEach
  void write() throws IOException {
    prefix = folder.resolve("ckpt").toString();
    try (BundleWriter writer = BundleWriter.create(prefix, new TreeMap<>(), Long.MAX_VALUE)) {
      for (VariableSpec variable : List.of(BEFORE, LARGE, AFTER)) {
        float[] values = values(variable);
        writer.write(
            variable,
            (first, into) -> into.asFloatBuffer().put(values, (int) first, into.remaining() / 4));
      }
      writer.finish();
    }
  }

  private static List<RowRequest> requests(List<float[]> into) {
    List<RowRequest> requests = new ArrayList<>();
    for (VariableSpec variable : List.of(BEFORE, LARGE, AFTER)) {
      float[] array = new float[(int) variable.shape().elements()];
      into.add(array);
      requests.add(new RowRequest(variable.key(), 0, variable.shape().rows(), array, 0));
    }
    return requests;
  }

  @Test
  void eachByteOnceWhateverTheThreads() throws IOException {
    for (int threads = 1; threads <= 5; threads++) {
      List<float[]> into = new ArrayList<>();
      try (CheckpointReader reader = CheckpointReader.open(prefix, OPTIONS)) {
        reader.readAll(requests(into), threads);
        assertEquals(Files.size(data()), reader.bytesRead(), threads + " threads");
      }
      assertArrayEquals(values(BEFORE), into.get(0));
      assertArrayEquals(values(LARGE), into.get(1), threads + " threads");
      assertArrayEquals(values(AFTER), into.get(2));
    }
  }

  @Test
  void someRowsOfIt() throws IOException {
    float[] rows = new float[3000 * WIDTH];
    try (CheckpointReader reader = CheckpointReader.open(prefix, OPTIONS)) {
      reader.readAll(List.of(new RowRequest("large", 1001, 3000, rows, 0)), 3);
    }
    for (int i = 0; i < rows.length; i++) {
      assertEquals(value(LARGE, 1001L * WIDTH + i), rows[i]);
    }
  }

  private Path data() {
    return Path.of(prefix + ".data-00000-of-00001");
  }

  private void flip(long at) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(data().toFile(), "rw")) {
      file.seek(at);
      int there = file.read();
      file.seek(at);
      file.write(there ^ 1);
    }
  }

  @Test
  void aFlippedByteAnywhereTakesAllOfItBack() throws IOException {
    long size = 4L * ROWS * WIDTH;
    for (long at : new long[] {0, size / 2, size / 2 + 1, size - 1}) {
      flip(4L * SMALL + at);
      List<float[]> into = new ArrayList<>();
      List<RowRequest> requests = requests(into);
      try (CheckpointReader reader = CheckpointReader.open(prefix, OPTIONS)) {
        Corrupt corrupt = assertThrows(Corrupt.class, () -> reader.readAll(requests, 2));
        assertTrue(corrupt.getMessage().contains("large"), corrupt.getMessage());
        assertTrue(corrupt.getMessage().contains("checksum differs"), corrupt.getMessage());
      }
      assertArrayEquals(new float[ROWS * WIDTH], into.get(1), "byte " + at);
      flip(4L * SMALL + at);
    }
  }

  @Test
  void aFileThatIsCutTakesAllOfItBack() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(data().toFile(), "rw")) {
      file.setLength(4L * SMALL + 4L * ROWS * WIDTH - 1);
    }
    List<float[]> into = new ArrayList<>();
    List<RowRequest> requests = requests(into).subList(1, 2);
    try (CheckpointReader reader = CheckpointReader.open(prefix, OPTIONS)) {
      Corrupt corrupt = assertThrows(Corrupt.class, () -> reader.readAll(requests, 2));
      assertTrue(corrupt.getMessage().contains("too short"), corrupt.getMessage());
    }
    assertArrayEquals(new float[ROWS * WIDTH], into.get(1));
  }

  @Test
  void aReadThatFailsTakesAllOfItBack() throws IOException {
    long broken = 4L * SMALL + 4L * ROWS * WIDTH - 5;
    List<float[]> into = new ArrayList<>();
    List<RowRequest> requests = requests(into);
    try (CheckpointReader reader =
        CheckpointReader.open(
            new ForwardingStore(CheckpointStores.open(prefix, new TreeMap<>())) {
              @Override
              public StoreInput openUnverified(String path) throws IOException {
                StoreInput in = super.openUnverified(path);
                return path.contains(".data-") ? new Unreadable(in, broken) : in;
              }
            },
            prefix)) {
      IOException failed = assertThrows(IOException.class, () -> reader.readAll(requests, 2));
      assertTrue(failed.getMessage().contains("the disk is broken"), failed.getMessage());
    }
    assertArrayEquals(new float[ROWS * WIDTH], into.get(1));
  }
}
