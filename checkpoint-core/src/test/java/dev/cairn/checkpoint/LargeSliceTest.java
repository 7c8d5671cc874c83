package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A slice of more than 8 MiB goes to its place while its checksum is counted (I8): if that differs,
 * nothing of it stays there (I7).
 */
class LargeSliceTest {

  private static final int ROWS = 700_001;
  private static final int WIDTH = 4;
  private static final VariableSpec LARGE =
      TestCheckpoints.variable("large", DType.FLOAT, Shape.of(ROWS, WIDTH));

  @TempDir Path folder;
  private final float[] values = new float[ROWS * WIDTH];
  private CommittedCheckpoint checkpoint;

  @BeforeEach
  void save() throws Exception {
    for (int i = 0; i < values.length; i++) {
      values[i] = i + 0.5f;
    }
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(folder.toString(), TestCheckpoints.OPTIONS)) {
      PendingCheckpoint pending = checkpoints.begin(1, 1);
      try (ShardWriter writer = ShardWriter.create(pending.target(0), TestCheckpoints.OPTIONS)) {
        writer.write(LARGE, Slice.full(2), values, 0, values.length);
        pending.report(writer.finish());
      }
      checkpoint = pending.commit(null, "", new TreeMap<>());
    }
  }

  private static RowRequest rows(long first, int count) {
    return new RowRequest(LARGE.key(), first, count, new float[count * WIDTH + 2], 1);
  }

  private float[] expected(int first, int count) {
    float[] part = new float[count * WIDTH + 2];
    System.arraycopy(values, first * WIDTH, part, 1, count * WIDTH);
    return part;
  }

  private void read(List<RowRequest> requests) throws Exception {
    try (CheckpointReader reader =
        CheckpointReader.open(checkpoint.path(), TestCheckpoints.OPTIONS)) {
      reader.readAll(requests, 1);
      assertEquals(4L * values.length, reader.bytesRead(), "once for all who want of it");
    }
  }

  @Test
  void goesToItsPlaces() throws Exception {
    RowRequest all = rows(0, ROWS);
    RowRequest middle = rows(65_535, 400_003);
    RowRequest last = rows(ROWS - 1, 1);
    read(List.of(all, middle, last));
    assertArrayEquals(expected(0, ROWS), all.into().get());
    assertArrayEquals(expected(65_535, 400_003), middle.into().get());
    assertArrayEquals(expected(ROWS - 1, 1), last.into().get());
  }

  @Test
  void damageLeavesNothingBehind() throws Exception {
    try (RandomAccessFile file =
        new RandomAccessFile(
            folder.resolve("ckpt-1/variables.data-00000-of-00001").toFile(), "rw")) {
      file.seek(4L * values.length - 1);
      int value = file.read();
      file.seek(4L * values.length - 1);
      file.write(value ^ 1);
    }
    RowRequest all = rows(0, ROWS);
    RowRequest some = rows(10, 20);
    float[] before = new float[some.into().get().length];
    Arrays.fill(some.into().get(), 0, 1, 7);
    before[0] = 7;
    Corrupt e = assertThrows(Corrupt.class, () -> read(List.of(all, some)));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains(LARGE.key()) && message.contains("offset=0"), message);
    assertArrayEquals(new float[all.into().get().length], all.into().get());
    assertArrayEquals(before, some.into().get(), "zeroed, and not beside its place");
  }
}
