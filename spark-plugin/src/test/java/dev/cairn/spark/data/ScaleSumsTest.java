package dev.cairn.spark.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.FeatureScales;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import scala.Tuple2;

/**
 * Standard deviations against their definition in two passes, and the same bits in whatever order
 * rows come (I5).
 */
class ScaleSumsTest {

  /** One feature's value a row; 0 for none. */
  private static RowChunk rows(double[][] values, double @Nullable [] weights) {
    RowChunkBuilder builder = new RowChunkBuilder();
    for (int i = 0; i < values.length; i++) {
      int[] ids = new int[values[i].length];
      float[] kept = new float[ids.length];
      int count = 0;
      for (int f = 0; f < values[i].length; f++) {
        if (values[i][f] != 0) {
          ids[count] = 3 * f + 2;
          kept[count++] = (float) values[i][f];
        }
      }
      float weight = weights == null ? 1 : (float) weights[i];
      builder.add(i, (byte) 0, weight, 0f, ids, kept, count);
    }
    return builder.drain();
  }

  private static ScaleSums sums(List<RowChunk> chunks) {
    DataSummary all = summary(chunks);
    ScaleSums sums = new ScaleSums(all.numeric(), all.heaviest());
    for (RowChunk chunk : chunks) {
      ScaleSums one = new ScaleSums(all.numeric(), all.heaviest());
      one.add(chunk);
      sums.plus(one);
    }
    return sums;
  }

  private static DataSummary summary(List<RowChunk> chunks) {
    return chunks.stream()
        .map(chunk -> DataSummary.of(List.of(new Tuple2<>(0, chunk)).iterator(), true))
        .reduce(DataSummary::plus)
        .orElseThrow();
  }

  private static double deviation(double[][] rows, double @Nullable [] weights, int f) {
    double sum = 0;
    double squares = 0;
    double mean = 0;
    for (int i = 0; i < rows.length; i++) {
      double w = weights == null ? 1 : (float) weights[i];
      sum += w;
      squares += w * w;
      mean += w * (float) rows[i][f];
    }
    mean /= sum;
    double spread = 0;
    for (int i = 0; i < rows.length; i++) {
      double d = (float) rows[i][f] - mean;
      spread += (weights == null ? 1 : (float) weights[i]) * d * d;
    }
    return Math.sqrt(spread / (sum - squares / sum));
  }

  /** Sizes from 1e-30 to 1e18, a large offset, many zeros, ones beside small and large values. */
  private static double[][] values(int rows) {
    Random random = new Random(3);
    double[][] values = new double[rows][];
    for (int i = 0; i < rows; i++) {
      double g = random.nextGaussian();
      values[i] =
          new double[] {
            g,
            1e-30 * g,
            1e18 * g,
            1.7e9 + 25_000 * g,
            random.nextInt(10) == 0 ? 7 * g : 0,
            random.nextBoolean() ? 1 : 1e-9 * g,
            random.nextBoolean() ? 1 : 1e9 * g,
            random.nextBoolean() ? -1 : 0,
            random.nextInt(4),
          };
    }
    return values;
  }

  @Test
  void isTheStandardDeviation() {
    double[][] values = values(2000);
    double[] weights = new Random(4).doubles(2000, 0.01, 30).toArray();
    for (double[] w : Arrays.asList(null, weights)) {
      FeatureScales scales = sums(List.of(rows(values, w))).scales(true);
      assertEquals(values[0].length, scales.size());
      for (int f = 0; f < values[0].length; f++) {
        double expected = deviation(values, w, f);
        assertEquals(expected, scales.scale(3 * f + 2), 1e-7 * expected, "feature " + f);
      }
      assertEquals(1, scales.scale(3));
    }
  }

  /** Those that are in half of the rows, by weight; without an intercept, none. */
  @Test
  void denseFeaturesHaveMeans() {
    double[][] values = {{3, 0, 1}, {4, 0, 2}, {0, 7, 3}, {0, 8, 4}};
    FeatureScales scales = sums(List.of(rows(values, new double[] {2, 2, 1, 1}))).scales(true);
    assertArrayEquals(new int[] {2, 8}, scales.centred());
    assertEquals(14 / 6.0, scales.shifts()[0] * scales.scale(2), 1e-12);
    assertEquals(13 / 6.0, scales.shifts()[1] * scales.scale(8), 1e-12);
    FeatureScales plain = sums(List.of(rows(values, new double[] {2, 2, 1, 1}))).scales(false);
    assertEquals(0, plain.centred().length);
    assertEquals(scales.scale(5), plain.scale(5));
  }

  @Test
  void orderChangesNoBit() {
    double[][] values = values(600);
    double[] weights = new Random(4).doubles(600, 0.01, 30).toArray();
    ScaleSums expected = sums(List.of(rows(values, weights)));
    for (int seed = 0; seed < 5; seed++) {
      List<RowChunk> chunks = new ArrayList<>();
      for (int i = 0; i < 600; i++) {
        chunks.add(rows(new double[][] {values[i]}, new double[] {weights[i]}));
      }
      Collections.shuffle(chunks, new Random(seed));
      ScaleSums found =
          sums(
              List.of(
                  RowChunk.concat(chunks.subList(0, 77)),
                  RowChunk.concat(chunks.subList(77, 600))));
      assertEquals(expected.scales(true), found.scales(true));
      assertEquals(expected.weightFactor(600), found.weightFactor(600));
    }
  }

  /** A constant feature has no scale, as in MLlib. */
  @Test
  void constantsHaveNoScale() {
    double[][] values = new double[50][];
    Arrays.setAll(values, i -> new double[] {5, 1e20, 1, 0.1, i == 0 ? 2 : 0});
    double[] weights = new Random(4).doubles(50, 0.01, 30).toArray();
    for (double[] w : Arrays.asList(null, weights)) {
      FeatureScales scales = sums(List.of(rows(values, w))).scales(true);
      assertEquals(4, scales.size(), "the feature that is always 1 is an indicator");
      assertEquals(0, scales.scale(2));
      assertEquals(0, scales.scale(5));
      assertEquals(1, scales.scale(8));
      assertEquals(0, scales.scale(11));
      assertTrue(scales.scale(14) > 0);
    }
    assertEquals(0, sums(List.of(rows(new double[][] {{5}}, null))).scales(true).scale(2));
  }

  @Test
  void weightsComeToAMeanOfOne() {
    double[] weights = {0.5, 2, 8, 1.5};
    double[][] values = {{3}, {4}, {5}, {6}};
    assertEquals(4 / 12.0, sums(List.of(rows(values, weights))).weightFactor(4), 1e-15);
    assertEquals(1, sums(List.of(rows(values, null))).weightFactor(4));
  }

  @Test
  void tooManyNumericFeaturesAreRefused() {
    RowChunkBuilder builder = new RowChunkBuilder();
    int[] ids = new int[NumericFeatures.MOST];
    float[] values = new float[ids.length];
    Arrays.setAll(ids, i -> i);
    Arrays.fill(values, 2f);
    builder.add(1, (byte) 1, ids, values, ids.length);
    RowChunk most = builder.drain();
    DataSummary summary = summary(List.of(most));
    summary.check(1, LabelKind.BINARY);
    builder.add(1, (byte) 1, new int[] {ids.length + 9}, new float[] {2}, 1);
    DataSummary more = summary(List.of(most, builder.drain()));
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> more.check(1, LabelKind.BINARY));
    assertTrue(e.getMessage().contains("at most 1048576 numeric ones"), e.getMessage());
    assertTrue(e.getMessage().contains("set standardization to false"), e.getMessage());
  }

  @Test
  void labelsOfThreeKindsAreRefused() {
    RowChunkBuilder builder = new RowChunkBuilder();
    for (int label = -1; label <= 1; label++) {
      builder.add(1, (byte) label, new int[0], null, 0);
    }
    DataSummary summary = summary(List.of(builder.drain()));
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> summary.check(1, LabelKind.BINARY));
    assertTrue(
        e.getMessage().contains("expected labels 0 and 1, or -1 and 1, found 1 rows of -1"),
        e.getMessage());
  }

  /** Ones that no chunk stores are divided, too. */
  @Test
  void packingDivides() {
    RowChunkBuilder builder = new RowChunkBuilder();
    builder.add(1, (byte) 1, new int[] {2, 5, 7}, null, 3);
    FeatureScales scales = new FeatureScales(new int[] {5, 7, 9}, new double[] {0.25, 0, 3});
    Batch batch =
        PackedPartition.pack(
                0,
                builder.drain(),
                new int[] {0},
                new PackRules(LabelKind.BINARY, 10, 1, scales, 1))
            .batch(0);
    assertArrayEquals(new float[] {1, 4, 0}, batch.values());
  }
}
