package dev.cairn.checkpoint.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** 100,000 variables and one in 30,000 slices, added in any order (S73). */
class LargeIndexTest {

  @Test
  void comesBackEqual() throws IOException {
    List<StoredSlice> slices = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      VariableSpec variable =
          new VariableSpec("block" + i % 7 + "/layer" + i + "/w", DType.FLOAT, Shape.of(i % 9, 4));
      slices.add(new StoredSlice(variable, Slice.full(2), i % 5, 16L * i, 16L * (i % 9), i));
    }
    VariableSpec table = new VariableSpec("table", DType.INT64, Shape.of(30_000, 2));
    for (int i = 0; i < 30_000; i++) {
      slices.add(new StoredSlice(table, Slice.rows(i, 1, 2), i % 5, 16L * i, 16, -i));
    }
    byte[] first = write(slices);
    BundleIndex index = BundleIndex.read(first, "large.index");
    assertEquals(100_001, index.slices().size());
    for (StoredSlice slice : slices.subList(0, 100_000)) {
      assertEquals(List.of(slice), index.slices().get(slice.variable().key()));
    }
    assertEquals(slices.subList(100_000, 130_000), index.slices().get("table"));

    // Only the order of one variable's slices is kept; that of the variables does not matter.
    List<StoredSlice> shuffled = new ArrayList<>(slices.subList(0, 100_000));
    Collections.shuffle(shuffled, new Random(1));
    shuffled.addAll(slices.subList(100_000, 130_000));
    assertArrayEquals(first, write(shuffled));
  }

  private static byte[] write(List<StoredSlice> slices) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertEquals(BundleIndex.write(5, slices, out), out.size());
    return out.toByteArray();
  }
}
