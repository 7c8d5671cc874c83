package dev.cairn.spark.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.cairn.checkpoint.model.FeatureScales;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A row to be scored against what routing and packing make of it. */
class OneRowTest {
  private static final int FEATURES = 60;

  private static final FeatureScales SCALED =
      new FeatureScales(new int[] {3, 17, 40}, new double[] {0.3, 0, 700});
  private static final FeatureScales CENTRED =
      new FeatureScales(
          new int[] {0, 3, 17, 40, 59},
          new double[] {1.7, 0.3, 0, 700, 3},
          new double[] {0.1, -0.7, 0, 0, 1e-3});
  private static final FeatureScales ALL_CENTRED =
      new FeatureScales(
          IntStream.range(0, FEATURES).toArray(),
          new Random(1).doubles(FEATURES, 0.1, 9).toArray(),
          new Random(2).doubles(FEATURES, 1, 2).toArray());

  private final Random random = new Random(5);

  /** Zeros, ones, numbers that float rounds, and some that it rounds to 0. */
  private double value() {
    return switch (random.nextInt(6)) {
      case 0 -> 0;
      case 1, 2 -> 1;
      case 3 -> random.nextBoolean() ? 1e-60 : -0.0;
      default -> random.nextGaussian() * 1000;
    };
  }

  @Test
  void isWhatPackingMakesOfIt() {
    for (FeatureScales scales : List.of(FeatureScales.NONE, SCALED, CENTRED, ALL_CENTRED)) {
      OneRow one = new OneRow(scales, InputSpec.sparse(FEATURES));
      for (int n = 0; n < 300; n++) {
        int[] ids =
            random.ints(random.nextInt(FEATURES), 0, FEATURES).distinct().sorted().toArray();
        double[] numbers = IntStream.range(0, ids.length).mapToDouble(i -> value()).toArray();
        double offset = n % 3 == 0 ? 0 : value();
        Batch expected = packed(ids, numbers, offset, scales);
        double[] room = Arrays.copyOf(numbers, 99);
        assertSameRow(expected, one.of(roomier(ids), room, ids.length, offset));
        double[] dense = new double[FEATURES];
        for (int k = 0; k < ids.length; k++) {
          dense[ids[k]] = numbers[k];
        }
        assertSameRow(expected, one.of(dense, offset));
      }
    }
  }

  private static int[] roomier(int[] ids) {
    return Arrays.copyOf(ids, ids.length + 5);
  }

  private static Batch packed(int[] ids, double[] numbers, double offset, FeatureScales scales) {
    int[] left = {1};
    RowRouter router =
        new RowRouter(
            LabelKind.BINARY,
            FEATURES,
            1,
            to -> {
              if (left[0]-- == 0) {
                return false;
              }
              to.add(1, 1, offset, ids, numbers, ids.length);
              return true;
            });
    RowChunk chunk = router.next()._2();
    assertFalse(router.hasNext());
    PackRules rules = PackRules.plain(FEATURES, 1).scaledBy(scales);
    return PackedPartition.pack(0, chunk, new int[] {0}, rules).batch(0);
  }

  private static void assertSameRow(Batch expected, Batch found) {
    assertEquals(1, found.samples());
    assertEquals(expected.nonZeros(), found.nonZeros());
    int from = expected.starts()[expected.firstSample()];
    int at = found.starts()[found.firstSample()];
    for (int k = 0; k < expected.nonZeros(); k++) {
      assertEquals(expected.columns()[from + k], found.columns()[at + k]);
      float value = expected.values() == null ? 1 : expected.values()[from + k];
      assertEquals(value, found.values()[at + k]);
    }
    assertArrayEquals(
        Arrays.copyOfRange(expected.ids(), expected.idsFrom(), expected.idsTo()),
        Arrays.copyOfRange(found.ids(), found.idsFrom(), found.idsTo()));
    float offset = expected.offsets() == null ? 0 : expected.offsets()[expected.firstSample()];
    assertEquals(offset, found.offsets() == null ? 0 : found.offsets()[found.firstSample()]);
    int centred = expected.shifts().length;
    assertArrayEquals(expected.shifts(), found.shifts());
    assertArrayEquals(
        Arrays.copyOfRange(
            expected.centredPlaces(), expected.centredFrom(), expected.centredFrom() + centred),
        Arrays.copyOfRange(
            found.centredPlaces(), found.centredFrom(), found.centredFrom() + centred));
  }

  @Test
  void makesNothingForARowLikeTheLast() {
    OneRow one = new OneRow(CENTRED, InputSpec.sparse(FEATURES));
    Batch first = one.of(new int[] {0, 5, 9}, new double[] {1, 2, 3}, 3, 0);
    assertSame(first, one.of(new int[] {0, 7, 9}, new double[] {1, 2, 3}, 3, 0));
    Batch other = one.of(new int[] {0, 7, 9}, new double[] {1, 2, 3}, 3, 0.5);
    assertSame(other, one.of(new int[] {0, 7, 9}, new double[] {1, 2, 3}, 3, -2));
  }
}
