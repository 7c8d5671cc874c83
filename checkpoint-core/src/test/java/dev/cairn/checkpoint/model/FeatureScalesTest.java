package dev.cairn.checkpoint.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Scales are found by feature, one by one and in a walk, and come back from text as they were. */
class FeatureScalesTest {
  private static final FeatureScales SCALES =
      new FeatureScales(
          new int[] {3, 7, 1 << 30}, new double[] {0.1, 0, 1e30}, new double[] {-2, 0, 0});

  @Test
  void isFoundByFeature() {
    assertEquals(0.1, SCALES.scale(3));
    assertEquals(1, SCALES.scale(4));
    assertEquals(2.5 / 0.1, SCALES.coefficient(3, 2.5f));
    assertEquals(2.5, SCALES.coefficient(4, 2.5f));
    assertEquals(0, SCALES.coefficient(7, 2.5f), "a constant feature counts nothing");
    double[] found = new double[3];
    assertTrue(SCALES.find(new int[] {0, 4, 7, 1 << 30, 5}, 1, 4, found));
    assertArrayEquals(new double[] {1, 0, 1e30}, found);
    assertFalse(SCALES.find(new int[] {4, 5, 6}, 0, 3, found));
    assertArrayEquals(new double[] {1, 1, 1}, found);
    assertFalse(FeatureScales.NONE.find(new int[] {3}, 0, 1, found));
    assertFalse(SCALES.find(new int[0], 0, 0, found));
  }

  /** A row scored as it stands is the standardised one scored with the weights. */
  @Test
  void centresByTheIntercept() {
    assertArrayEquals(new int[] {3}, SCALES.centred());
    assertArrayEquals(new double[] {-20}, SCALES.shifts(), 1e-12);
    float weight = 0.25f;
    double whole = SCALES.intercept(1.5f, new float[] {weight}) + 7 * SCALES.coefficient(3, weight);
    assertEquals(1.5 + weight * (7 + 2) / 0.1, whole, 1e-12);
    assertEquals(1.5, FeatureScales.NONE.intercept(1.5f, new float[0]));
  }

  @Test
  void comesBackFromText() {
    assertEquals(SCALES, FeatureScales.decode(SCALES.encode()));
    assertEquals(FeatureScales.NONE, FeatureScales.decode(FeatureScales.NONE.encode()));
    assertEquals(
        "AQAAAAIAAAAAAAAAAADgPwAAAAAAAAAAAADwPw==",
        new FeatureScales(new int[] {2}, new double[] {0.5}, new double[] {1}).encode());
    assertThrows(IllegalArgumentException.class, () -> FeatureScales.decode("AAAA"));
    assertThrows(IllegalArgumentException.class, () -> FeatureScales.decode("/////w=="));
    assertThrows(IllegalArgumentException.class, () -> FeatureScales.decode("AAAAAAAAAAAAAAAA"));
    assertThrows(
        IllegalArgumentException.class,
        () -> FeatureScales.decode("AQAAAAIAAAAAAAAAAADgPwEAAAAAAAAAAADwPw=="));
    assertThrows(IllegalArgumentException.class, () -> FeatureScales.decode("no base64!"));
  }

  @Test
  void refusesOddNumbers() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new FeatureScales(new int[] {3, 3}, new double[] {1, 1}));
    assertThrows(
        IllegalArgumentException.class,
        () -> new FeatureScales(new int[] {3}, new double[] {Double.POSITIVE_INFINITY}));
    assertThrows(
        IllegalArgumentException.class, () -> new FeatureScales(new int[] {3}, new double[0]));
    assertThrows(
        IllegalArgumentException.class,
        () -> new FeatureScales(new int[] {3}, new double[1], new double[] {1}));
  }
}
