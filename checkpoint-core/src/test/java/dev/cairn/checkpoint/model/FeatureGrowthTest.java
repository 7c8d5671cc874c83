package dev.cairn.checkpoint.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A definition of features grows: what may be added, and what becomes of the scales. */
class FeatureGrowthTest {
  private static final FeatureDefinition OLD =
      new FeatureDefinition(
              List.of(new FeatureDefinition.Derived("hour", "hour(at)")),
              List.of("hour", "city"),
              List.of("distance"),
              List.of(List.of("hour", "city")),
              16,
              Optional.empty(),
              FeatureDefinition.Nulls.ABSENT)
          .withTypes(Map.of("at", new ColumnType("timestamp")), Map.of());

  private static FeatureDefinition larger(
      List<FeatureDefinition.Derived> derived,
      List<String> categorical,
      List<String> numeric,
      List<List<String>> crosses,
      int size) {
    return new FeatureDefinition(
        derived, categorical, numeric, crosses, size, OLD.label(), OLD.nulls(), OLD.types());
  }

  private static void assertHindered(String why, FeatureDefinition to) {
    String found = String.join("; ", new FeatureGrowth(OLD, to).hindrances());
    assertTrue(found.contains(why), found);
  }

  @Test
  void columnsAreAddedAndNoneIsLostOrMadeOtherwise() {
    FeatureDefinition to =
        larger(
            List.of(
                new FeatureDefinition.Derived("day", "day(at)"),
                new FeatureDefinition.Derived("hour", "hour(at)")),
            List.of("city", "day", "hour"),
            List.of("distance"),
            List.of(List.of("day", "city"), List.of("hour", "city")),
            48);
    assertEquals(List.of(), new FeatureGrowth(OLD, to).hindrances());
    assertEquals(List.of(), new FeatureGrowth(OLD, OLD).hindrances());
    List<FeatureDefinition.Derived> derived = OLD.derived();
    List<List<String>> crosses = OLD.crosses();
    assertHindered(
        "expected one of 16, found 40",
        larger(derived, OLD.categorical(), OLD.numeric(), crosses, 40));
    assertHindered(
        "categorical column of the old features: expected city, found none",
        larger(derived, List.of("hour"), OLD.numeric(), crosses, 32));
    assertHindered(
        "cross of the old features",
        larger(derived, OLD.categorical(), OLD.numeric(), List.of(), 32));
    assertHindered(
        "numeric column of the old features: expected distance, found none",
        larger(derived, OLD.categorical(), List.of("age"), crosses, 32));
    assertHindered(
        "derived column at: expected a new name",
        larger(
            List.of(derived.get(0), new FeatureDefinition.Derived("at", "at + 1")),
            OLD.categorical(),
            OLD.numeric(),
            crosses,
            32));
    assertHindered(
        "derived column of the old features",
        larger(
            List.of(new FeatureDefinition.Derived("hour", "hour(at) + 1")),
            OLD.categorical(),
            OLD.numeric(),
            crosses,
            32));
  }

  /** The mean counts once in a row, so one place has it: that of the column. */
  @Test
  void aPlacesScaleGoesToAllThatComeOfItAndItsMeanToOne() {
    FeatureDefinition to =
        larger(OLD.derived(), OLD.categorical(), OLD.numeric(), OLD.crosses(), 64);
    int place = new RowHasher(to).numericPlaces()[0];
    int before = new RowHasher(OLD).numericPlaces()[0];
    assertEquals(before, place % 16);
    int other = before == 3 ? 4 : 3;
    boolean first = other < before;
    FeatureScales old =
        new FeatureScales(
            first ? new int[] {other, before} : new int[] {before, other},
            first ? new double[] {2, 5} : new double[] {5, 2},
            first ? new double[] {0, 7} : new double[] {7, 0});
    FeatureScales grown = new FeatureGrowth(OLD, to).scales(old, FeatureScales.NONE);
    assertEquals(8, grown.size());
    for (int i = 0; i < 64; i++) {
      assertEquals(old.scale(i % 16), grown.scale(i), "scale of " + i);
    }
    assertArrayEquals(new int[] {place}, grown.centred());
    assertArrayEquals(new double[] {7.0 / 5}, grown.shifts());
    assertEquals(old, new FeatureGrowth(OLD, OLD).scales(old, FeatureScales.NONE));
    // A mean of no column's place stays where it was.
    FeatureScales odd = new FeatureScales(new int[] {other}, new double[] {2}, new double[] {1});
    assertArrayEquals(
        new int[] {other}, new FeatureGrowth(OLD, to).scales(odd, FeatureScales.NONE).centred());
    assertEquals(
        FeatureScales.NONE,
        new FeatureGrowth(OLD, to).scales(FeatureScales.NONE, FeatureScales.NONE));
  }

  /** A new column has what the new data says, and an old one what the model was trained with. */
  @Test
  void aNewNumericColumnIsScaledByTheNewData() {
    FeatureDefinition to =
        larger(
            OLD.derived(), OLD.categorical(), List.of("distance", "age"), OLD.crosses(), 1 << 12);
    FeatureGrowth growth = new FeatureGrowth(OLD, to);
    assertEquals(List.of(), growth.hindrances());
    int[] places = new RowHasher(to).numericPlaces();
    assertEquals(Map.of("age", places[1]), growth.newNumeric());
    FeatureScales old =
        new FeatureScales(new int[] {places[0] % 16}, new double[] {2}, new double[] {3});
    int[] ids = places.clone();
    Arrays.sort(ids);
    FeatureScales ofData = new FeatureScales(ids, new double[] {10, 10}, new double[] {20, 20});
    FeatureScales grown = growth.scales(old, ofData);
    assertEquals(2, grown.scale(places[0]));
    assertEquals(3, grown.mean(places[0]));
    assertEquals(10, grown.scale(places[1]));
    assertEquals(20, grown.mean(places[1]));
    assertEquals((1 << 12) / 16 + 1, grown.size());
  }
}
