package dev.cairn.checkpoint.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Payloads written in slices come back in any region (S29, S30). */
class PayloadTest {

  private final ByteArrayOutputStream file = new ByteArrayOutputStream();

  private PayloadWriter writer(int chunk) {
    return new PayloadWriter(
        bytes -> {
          byte[] copy = new byte[bytes.remaining()];
          bytes.get(copy);
          file.writeBytes(copy);
        },
        0,
        ByteBuffer.allocate(chunk));
  }

  /** Any grid of cuts, any region, any size of chunks: the region's elements come back. */
  @Test
  void anyRegionOfAnyGrid() throws IOException {
    Random random = new Random(20260101);
    for (int round = 0; round < 500; round++) {
      file.reset();
      int rank = random.nextInt(4);
      long[] dims = new long[rank];
      for (int d = 0; d < rank; d++) {
        dims[d] = 1 + random.nextInt(7);
      }
      VariableSpec variable = new VariableSpec("v", DType.FLOAT, Shape.of(dims));
      List<Slice> grid = grid(dims, random);
      PayloadWriter writer = writer(16 + random.nextInt(40));
      for (Slice slice : grid) {
        float[] values = values(variable.shape(), slice);
        if (random.nextBoolean()) {
          float[] padded = new float[values.length + 3];
          System.arraycopy(values, 0, padded, 2, values.length);
          writer.write(variable, slice, padded, 2, values.length);
        } else {
          ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
          raw.asFloatBuffer().put(values);
          writer.write(variable, slice, raw);
        }
      }
      writer.flush();
      byte[] bytes = file.toByteArray();
      assertEquals(bytes.length, writer.length());
      assertEquals(writer.crc32c(), MaskedCrc.of(bytes, 0, bytes.length));
      Slice region = region(dims, random);
      float[] wanted = values(variable.shape(), region);
      List<StoredSlice> plan = RegionPlan.of(variable, writer.slices(), region, "f");
      float[] floats = new float[wanted.length + 1];
      ByteBuffer raw = ByteBuffer.allocate(4 * wanted.length).order(ByteOrder.LITTLE_ENDIAN);
      for (StoredSlice stored : plan) {
        feed(bytes, stored, region, RegionDecoder.Target.of(floats, 1), 4 + 4 * random.nextInt(9));
        feed(bytes, stored, region, RegionDecoder.Target.of(raw), 1 + random.nextInt(40));
      }
      assertArrayEquals(wanted, Arrays.copyOfRange(floats, 1, floats.length));
      float[] fromRaw = new float[wanted.length];
      raw.asFloatBuffer().get(fromRaw);
      assertArrayEquals(wanted, fromRaw);
    }
  }

  @Test
  void gapsAndOverlapsAreNamed() throws IOException {
    VariableSpec variable = new VariableSpec("v", DType.FLOAT, Shape.of(8, 2));
    PayloadWriter writer = writer(64);
    writer.write(variable, Slice.rows(0, 3, 2), new float[6], 0, 6);
    writer.write(variable, Slice.rows(5, 3, 2), new float[6], 0, 6);
    Corrupt gap =
        assertThrows(
            Corrupt.class,
            () -> RegionPlan.of(variable, writer.slices(), Slice.rows(2, 4, 2), "a.index"));
    assertTrue(gap.getMessage().contains("expected 8 elements, found 4"), gap.getMessage());
    assertEquals(1, RegionPlan.of(variable, writer.slices(), Slice.rows(6, 1, 2), "f").size());
    writer.write(variable, Slice.rows(2, 4, 2), new float[8], 0, 8);
    Corrupt overlap =
        assertThrows(
            Corrupt.class,
            () -> RegionPlan.of(variable, writer.slices(), Slice.full(2), "a.index"));
    assertTrue(overlap.getMessage().contains("[0,3:-] and [2,4:-]"), overlap.getMessage());
    assertEquals(1, RegionPlan.of(variable, writer.slices(), Slice.rows(3, 2, 2), "f").size());
  }

  @Test
  void everyFlippedBitIsFound() throws IOException {
    VariableSpec variable = new VariableSpec("v", DType.FLOAT, Shape.of(9));
    PayloadWriter writer = writer(64);
    StoredSlice stored = writer.write(variable, Slice.full(1), new float[9], 0, 9);
    writer.flush();
    for (int bit = 0; bit < 8 * file.size(); bit++) {
      byte[] bytes = file.toByteArray();
      bytes[bit / 8] ^= (byte) (1 << bit % 8);
      Corrupt corrupt =
          assertThrows(
              Corrupt.class,
              () ->
                  feed(bytes, stored, Slice.full(1), RegionDecoder.Target.of(new float[9], 0), 8));
      assertTrue(corrupt.getMessage().contains("variable v"), corrupt.getMessage());
      assertTrue(corrupt.getMessage().contains("path=data, offset=0"), corrupt.getMessage());
    }
  }

  /** TensorFlow can list but not put together such slices: they must never be written. */
  @Test
  void slicesThatTensorFlowCannotReadAreRefused() {
    int refused = 0;
    for (DType dtype : DType.values()) {
      VariableSpec variable = new VariableSpec("v", dtype, Shape.of(2));
      ByteBuffer raw = ByteBuffer.allocate(dtype.elementBytes());
      if (!dtype.sliceableInTensorFlow()) {
        refused++;
        assertThrows(
            IllegalArgumentException.class,
            () -> writer(64).write(variable, Slice.rows(0, 1, 1), raw),
            dtype.name());
      }
    }
    assertEquals(20, refused);
    VariableSpec strings = new VariableSpec("s", DType.STRING, Shape.of(2));
    assertThrows(IllegalArgumentException.class, () -> writer(64).writeStrings(strings, List.of()));
    VariableSpec floats = new VariableSpec("f", DType.FLOAT, Shape.of(2));
    assertThrows(
        IllegalArgumentException.class,
        () -> writer(64).write(floats, Slice.full(1), new float[3], 0, 3));
    assertThrows(
        IllegalArgumentException.class,
        () -> writer(64).write(floats, Slice.rows(1, 2, 1), new float[2], 0, 2));
  }

  private static void feed(
      byte[] bytes, StoredSlice stored, Slice region, RegionDecoder.Target target, int chunk)
      throws Corrupt {
    RegionDecoder decoder = new RegionDecoder(stored, "data", region, target);
    int end = (int) (stored.offset() + stored.size());
    for (int at = (int) stored.offset(); at < end; at += chunk) {
      decoder.accept(ByteBuffer.wrap(bytes, at, Math.min(chunk, end - at)));
    }
    decoder.finish();
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
