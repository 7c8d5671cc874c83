package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.ColumnType;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.RowHasher;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One row at a time, on a class path without Spark: this module's. */
class RowPredictorTest {
  private static final int SIZE = 1000;

  private static final FeatureDefinition DEFINITION =
      new FeatureDefinition(
          List.of(new FeatureDefinition.Derived("hour", "hour(date)")),
          List.of("origin", "hour"),
          List.of("distance"),
          List.of(List.of("origin", "hour")),
          SIZE,
          Optional.empty(),
          FeatureDefinition.Nulls.ABSENT);

  @TempDir Path folder;

  private final float[] weights = new float[SIZE];
  private int runs;

  private String run(FeatureScales scales, Optional<FeatureDefinition> definition)
      throws IOException {
    Random random = new Random(3);
    for (int i = 0; i < SIZE; i++) {
      weights[i] = random.nextFloat() - 0.5f;
    }
    String path = folder.resolve("run" + runs++).toString();
    TrainedModels.write(path, "weights", weights, scales, definition);
    return path;
  }

  @Test
  void scoresWithoutSpark() throws IOException {
    assertThrows(
        ClassNotFoundException.class, () -> Class.forName("org.apache.spark.SparkContext"));
    String run = run(FeatureScales.NONE, Optional.of(DEFINITION));
    RowPredictor model = RowPredictor.load(run, CheckpointOptions.defaults());
    assertTrue(model.checkpoint().endsWith("/ckpt-7"), model.checkpoint());
    assertEquals("[origin, hour, distance]", model.columns().toString());
    Map<String, Object> row = row("JFK", 18, 1020);
    assertEquals(expected(FeatureScales.NONE, row), model.margin(row));
    double margin = model.margin(row);
    assertEquals(1 / (1 + StrictMath.exp(-margin)), model.probability(row));
    assertEquals(margin, model.margin(row("JFK", "18", new BigDecimal("1020.0"))), "as text");
    assertEquals(0.25, model.margin(row(null, null, null)), "all absent: the intercept");
    assertEquals(
        margin, RowPredictor.load(model.checkpoint(), CheckpointOptions.defaults()).margin(row));
  }

  @Test
  void standardisesAsTrainingDid() throws IOException {
    RowHasher hasher = new RowHasher(DEFINITION);
    hasher.number(0, 1);
    hasher.hash();
    FeatureScales scales =
        new FeatureScales(new int[] {hasher.ids()[0]}, new double[] {700}, new double[] {900});
    RowPredictor model =
        RowPredictor.load(run(scales, Optional.of(DEFINITION)), CheckpointOptions.defaults());
    Map<String, Object> row = row("JFK", 18, 1020);
    assertEquals(expected(scales, row), model.margin(row));
  }

  /** A plain second way: a map of ids, in their order. */
  private double expected(FeatureScales scales, Map<String, Object> row) {
    RowHasher hasher = new RowHasher(DEFINITION);
    hasher.text(0, String.valueOf(row.get("origin")));
    hasher.text(1, String.valueOf(row.get("hour")));
    hasher.number(0, ((Number) row.get("distance")).doubleValue());
    TreeMap<Integer, Double> features = new TreeMap<>();
    double distance = ((Number) row.get("distance")).doubleValue();
    for (int i : new int[] {2, 0, 1, 3}) { // numbers come first
      features.merge(hasher.id(i), i == 2 ? distance : 1.0, Double::sum);
    }
    double margin = 0.25f;
    for (int i = 0; i < scales.centred().length; i++) {
      margin -= scales.offsets()[i] * weights[scales.centred()[i]];
    }
    for (Map.Entry<Integer, Double> one : features.entrySet()) {
      double scale = scales.scale(one.getKey());
      margin += (double) (float) (one.getValue().floatValue() / scale) * weights[one.getKey()];
    }
    return margin;
  }

  private static Map<String, Object> row(Object origin, Object hour, Object distance) {
    Map<String, Object> row = new HashMap<>();
    row.put("origin", origin);
    row.put("hour", hour);
    row.put("distance", distance);
    row.put("more", "columns do no harm");
    return row;
  }

  @Test
  void namesWhatIsWrong() throws IOException {
    RowPredictor model =
        RowPredictor.load(
            run(FeatureScales.NONE, Optional.of(DEFINITION)), CheckpointOptions.defaults());
    Map<String, Object> misspelt = row("JFK", 18, 1020);
    misspelt.put("Hour", misspelt.remove("hour"));
    refuses("column hour, expected a value or null, found no such column", model, misspelt);
    refuses("column distance, expected a finite number, found far", model, row("a", 1, "far"));
    refuses("column distance, expected a finite number", model, row("a", 1, Double.NaN));
    refuses("expected a text, number", model, row(new StringBuilder[0], 1, 1));
    String vectors = run(FeatureScales.NONE, Optional.empty());
    Mismatch none =
        assertThrows(
            Mismatch.class, () -> RowPredictor.load(vectors, CheckpointOptions.defaults()));
    assertTrue(String.valueOf(none.getMessage()).contains("ready made"), none.getMessage());
  }

  /** What a value is called in training, its type here decides nothing. */
  @Test
  void typesOfTrainingDecideWhatACategoryIsCalled() throws IOException {
    String[] same = {"int", "18", "bigint", "18", "digits", "18", "double", "18.0"};
    for (int i = 0; i < same.length; i += 2) {
      RowPredictor model = typed(new ColumnType(same[i]));
      double expected = model.margin(row("JFK", same[i + 1], 1));
      assertEquals(expected(FeatureScales.NONE, row("JFK", same[i + 1], 1)), expected, same[i]);
      for (Object hour : new Object[] {18, 18L, 18.0, 18f, (short) 18, new BigDecimal("18.00")}) {
        assertEquals(expected, model.margin(row("JFK", hour, 1)), same[i] + " " + hour);
      }
      assertEquals(expected, model.margin(row("JFK", "18.0", 1)), same[i]);
    }
    RowPredictor ints = typed(new ColumnType("int"));
    assertEquals(ints.margin(row("JFK", 7, 1)), ints.margin(row("JFK", "007", 1)));
    refuses("column hour, expected a whole number as in training", ints, row("JFK", "7A", 1));
    refuses("expected a whole number as in training (int), found 7.5", ints, row("JFK", 7.5, 1));
    refuses("(int), found 3000000000", ints, row("JFK", 3_000_000_000L, 1));
    refuses("(int), found true (Boolean)", ints, row("JFK", true, 1));
    RowPredictor digits = typed(ColumnType.DIGITS);
    assertEquals(expected("0123A"), digits.margin(row("JFK", "0123A", 1)), "a new category");
    assertEquals(expected("007"), digits.margin(row("JFK", "007", 1)), "another one than 7");
    RowPredictor text = typed(ColumnType.TEXT);
    assertEquals(expected("18.0"), text.margin(row("JFK", "18.0", 1)));
    refuses("expected text as in training", text, row("JFK", 18, 1));
  }

  private double expected(String hour) {
    return expected(FeatureScales.NONE, row("JFK", hour, 1));
  }

  private RowPredictor typed(ColumnType hour) throws IOException {
    FeatureDefinition typed =
        DEFINITION.withTypes(Map.of("origin", ColumnType.TEXT), Map.of("hour", hour));
    return RowPredictor.load(
        run(FeatureScales.NONE, Optional.of(typed)), CheckpointOptions.defaults());
  }

  private static void refuses(String part, RowPredictor model, Map<String, Object> row) {
    String said =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> model.margin(row)).getMessage());
    assertTrue(said.contains(part), said);
  }
}
