package dev.cairn.spark.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests which rows are shared, and which are left. */
class SharedRowsTest {
  private static final int ROWS = 30;

  @Test
  void cutsLeaveWhatIsNotShared() {
    Random random = new Random(3);
    for (int n = 0; n < 2000; n++) {
      int[] bounds = random.ints(2 * random.nextInt(4), 0, ROWS).distinct().sorted().toArray();
      bounds = Arrays.copyOf(bounds, bounds.length / 2 * 2);
      SharedRows shared = new SharedRows(bounds);
      List<Integer> inside = new ArrayList<>();
      for (int i = 0; i < bounds.length; i += 2) {
        IntStream.range(bounds[i], bounds[i + 1]).forEach(inside::add);
      }
      assertArrayEquals(inside.stream().mapToInt(Integer::intValue).toArray(), shared.rows());
      int[] rows = random.ints(12, 0, ROWS).distinct().sorted().toArray();
      int from = random.nextInt(3);
      int to = rows.length - random.nextInt(3);
      List<Integer> left = new ArrayList<>();
      int[] cuts = shared.cuts(rows, from, to);
      for (int i = 0; i < cuts.length; i += 2) {
        for (int k = cuts[i]; k < cuts[i + 1]; k++) {
          left.add(rows[k]);
        }
      }
      List<Integer> expected =
          IntStream.range(from, to)
              .map(k -> rows[k])
              .filter(row -> !inside.contains(row))
              .boxed()
              .toList();
      assertEquals(expected, left, Arrays.toString(bounds) + " of " + Arrays.toString(rows));
    }
  }

  @Test
  void rangesThatMakeNoSenseAreRefused() {
    for (int[] bounds :
        new int[][] {{1}, {2, 2}, {3, 1}, {0, 2, 1, 4}, {-1, 2}, {0, 1, 2}, {5, 6, 5, 7}}) {
      assertThrows(
          IllegalArgumentException.class, () -> new SharedRows(bounds), Arrays.toString(bounds));
    }
    assertArrayEquals(new int[] {0, 1, 2}, new SharedRows(new int[] {0, 1, 1, 3}).rows());
    assertEquals(0, SharedRows.NONE.rows().length);
  }
}
