package dev.cairn.checkpoint.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.commit.SliceCoverage;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import org.junit.jupiter.api.Tag;
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

  /**
   * Bytes that the thread asked of the heap stand for the work: they do not depend on the machine's
   * load. What is checked is that nothing is copied again for each variable.
   */
  @Tag("long")
  @Test
  void workGrowsWithTheInput() throws IOException {
    work(1_000);
    long once = work(50_000);
    long twice = work(100_000);
    assertTrue(twice <= 2.5 * once, twice + " bytes after " + once);
  }

  private static long work(int variables) throws IOException {
    List<StoredSlice> slices = new ArrayList<>();
    for (int i = 0; i < variables; i++) {
      VariableSpec variable = new VariableSpec("layer" + i + "/w", DType.FLOAT, Shape.of(8, 4));
      slices.add(new StoredSlice(variable, Slice.rows(0, 4, 2), i % 5, 128L * i, 64, i));
      slices.add(new StoredSlice(variable, Slice.rows(4, 4, 2), i % 5, 128L * i + 64, 64, i));
    }
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    SortedMap<String, List<StoredSlice>> byKey = SliceCoverage.check(slices);
    assertEquals(variables, byKey.size());
    byte[] bytes = write(slices);
    assertEquals(variables, BundleIndex.read(bytes, "large.index").slices().size());
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  private static byte[] write(List<StoredSlice> slices) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertEquals(BundleIndex.write(5, slices, out), out.size());
    return out.toByteArray();
  }
}
