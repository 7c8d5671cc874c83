package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.io.DataFiles;
import dev.cairn.checkpoint.io.VariableCursor;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Variables cut in any dimension are read back in any region (S28, S29, S30, S32). */
class RegionTest {

  private static final FolderOptions OPTIONS = FolderOptions.defaults();

  @TempDir Path folder;

  @Test
  void anyRegionOfAnyGrid() throws IOException {
    Random random = new Random(20260101);
    List<VariableSpec> variables = new ArrayList<>();
    List<List<Slice>> grids = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      long[] dims = new long[random.nextInt(4)];
      for (int d = 0; d < dims.length; d++) {
        dims[d] = 1 + random.nextInt(7);
      }
      variables.add(new VariableSpec("v" + i, DType.FLOAT, Shape.of(dims)));
      grids.add(grid(dims, random));
    }
    String path = save(variables, grids);
    try (CheckpointReader reader = CheckpointReader.open(path, OPTIONS)) {
      for (VariableSpec variable : variables) {
        for (int i = 0; i < 5; i++) {
          Slice region = region(variable.shape().dims(), random);
          float[] wanted = values(variable.shape(), region);
          ByteBuffer raw = ByteBuffer.allocate(4 * wanted.length).order(ByteOrder.LITTLE_ENDIAN);
          reader.read(variable.key(), region, raw);
          float[] found = new float[wanted.length];
          raw.flip().asFloatBuffer().get(found);
          assertArrayEquals(wanted, found, variable + " " + region);
        }
        walk(reader, variable, 1 + random.nextInt(60));
      }
    }
  }

  /** Walks from the first element to the last, in pieces of any size. */
  private static void walk(CheckpointReader reader, VariableSpec variable, int pieceBytes)
      throws IOException {
    long before = reader.bytesRead();
    try (DataFiles.Held files = reader.dataFiles()) {
      VariableCursor cursor =
          new VariableCursor(reader.wholeSlices(variable.key()), files, pieceBytes);
      float at = 0;
      for (ByteBuffer piece = cursor.next(); piece.hasRemaining(); piece = cursor.next()) {
        assertEquals((long) at, cursor.first());
        assertTrue(piece.remaining() <= Math.max(4, pieceBytes), "a piece within its bound");
        while (piece.hasRemaining()) {
          assertEquals(at++, piece.getFloat(), variable + " by " + pieceBytes);
        }
      }
      assertEquals(variable.shape().elements(), (long) at);
    }
    assertEquals(4 * variable.shape().elements(), reader.bytesRead() - before, "each byte once");
  }

  /** Refused before the checkpoint is committed: TensorFlow would refuse it at restore. */
  @Test
  void slicesThatTensorFlowCannotReadAreRefused() {
    int refused = 0;
    for (DType dtype : DType.values()) {
      if (dtype.elementBytes() > 0 && !dtype.sliceableInTensorFlow()) {
        refused++;
        VariableSpec variable = new VariableSpec(dtype.name(), dtype, Shape.of(2));
        List<Slice> halves = List.of(Slice.rows(0, 1, 1), Slice.rows(1, 1, 1));
        Mismatch mismatch =
            assertThrows(
                Mismatch.class, () -> save(List.of(variable), List.of(halves)), dtype.name());
        assertTrue(mismatch.getMessage().contains(variable.toString()), mismatch.getMessage());
      }
    }
    assertEquals(16, refused);
  }

  private String save(List<VariableSpec> variables, List<List<Slice>> grids) throws IOException {
    String directory = folder.resolve("d" + System.nanoTime()).toString();
    try (CheckpointFolder checkpoints = CheckpointFolder.open(directory, OPTIONS)) {
      PendingCheckpoint pending = checkpoints.begin(1, 2);
      List<ShardWriter> writers = new ArrayList<>();
      for (int shard = 0; shard < 2; shard++) {
        writers.add(ShardWriter.create(pending.target(shard), OPTIONS));
      }
      for (int i = 0; i < variables.size(); i++) {
        VariableSpec variable = variables.get(i);
        int number = i;
        for (Slice slice : grids.get(i)) {
          ShardWriter writer = writers.get(number++ % 2);
          float[] values = values(variable.shape(), slice);
          if (variable.dtype() == DType.FLOAT && number % 3 != 0) {
            float[] padded = new float[values.length + 3];
            System.arraycopy(values, 0, padded, 2, values.length);
            writer.write(variable, slice, padded, 2, values.length);
          } else {
            ByteBuffer raw =
                ByteBuffer.allocate(values.length * variable.dtype().elementBytes())
                    .order(ByteOrder.LITTLE_ENDIAN);
            if (variable.dtype() == DType.FLOAT) {
              raw.asFloatBuffer().put(values);
            }
            writer.write(variable, slice, raw);
          }
        }
      }
      for (ShardWriter writer : writers) {
        pending.report(writer.finish());
      }
      return pending.commit(TestCheckpoints.state(1), "test", new TreeMap<>()).path();
    }
  }

  /** Element values that tell where in the variable an element is. */
  private static float[] values(Shape full, Slice box) {
    Shape shape = box.shape(full);
    float[] values = new float[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      long rest = i;
      long at = 0;
      long stride = 1;
      for (int d = full.rank() - 1; d >= 0; d--) {
        at += (box.start(d) + rest % shape.dim(d)) * stride;
        rest /= shape.dim(d);
        stride *= full.dim(d);
      }
      values[i] = at;
    }
    return values;
  }

  private static List<Slice> grid(long[] dims, Random random) {
    List<long[][]> boxes = new ArrayList<>();
    boxes.add(new long[2][dims.length]);
    for (int d = 0; d < dims.length; d++) {
      List<long[][]> cut = new ArrayList<>();
      for (long[][] box : boxes) {
        for (long at = 0; at < dims[d]; ) {
          long length = 1 + random.nextInt((int) (dims[d] - at));
          long[][] part = {box[0].clone(), box[1].clone()};
          part[0][d] = at;
          part[1][d] = length == dims[d] && random.nextBoolean() ? Slice.WHOLE : length;
          cut.add(part);
          at += length;
        }
      }
      boxes = cut;
    }
    Collections.shuffle(boxes, random);
    return boxes.stream().map(b -> Slice.of(b[0], b[1])).toList();
  }

  private static Slice region(long[] dims, Random random) {
    long[] starts = new long[dims.length];
    long[] lengths = new long[dims.length];
    for (int d = 0; d < dims.length; d++) {
      starts[d] = random.nextInt((int) dims[d] + 1);
      lengths[d] = random.nextInt((int) (dims[d] - starts[d]) + 1);
    }
    return random.nextInt(4) == 0 ? Slice.full(dims.length) : Slice.of(starts, lengths);
  }
}
