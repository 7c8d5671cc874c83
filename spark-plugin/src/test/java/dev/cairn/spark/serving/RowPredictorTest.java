package dev.cairn.spark.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.RunResult;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.ColumnType;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.RowHasher;
import dev.cairn.spark.model.FactorizationMachine;
import dev.cairn.spark.model.HingeLoss;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.SoftmaxModel;
import dev.cairn.spark.shard.Initializer;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One row at a time. */
class RowPredictorTest {
  private static final int SIZE = 1000;
  private static final int CLASSES = 3;
  private static final int RANK = 4;

  private static final FeatureDefinition DEFINITION =
      new FeatureDefinition(
          List.of(new FeatureDefinition.Derived("hour", "hour(date)")),
          List.of("origin", "hour"),
          List.of("distance"),
          List.of(List.of("origin", "hour")),
          SIZE,
          Optional.empty(),
          FeatureDefinition.Nulls.ABSENT);

  private static final Model LOGISTIC = new LinearModel(SIZE, true, new LogisticLoss());

  @TempDir Path folder;

  private float[] weights = {};
  private float[] factors = {};
  private float[] bias = {};
  private int runs;

  private String run(FeatureScales scales, Optional<FeatureDefinition> definition)
      throws IOException {
    // As a Cairn writes it that does not say which model it is.
    return run(LOGISTIC, Optional.empty(), scales, definition);
  }

  private String run(
      Model model,
      Optional<Model> said,
      FeatureScales scales,
      Optional<FeatureDefinition> definition)
      throws IOException {
    float[][] numbers = StoredModels.random(model, 3);
    weights = numbers[0];
    bias = numbers[numbers.length - 1];
    factors = numbers[1];
    String path = folder.resolve("run" + runs++).toString();
    StoredModels.write(path, model, said, numbers, scales, definition);
    return path;
  }

  @Test
  void scoresRows() throws IOException {
    String run = run(FeatureScales.NONE, Optional.of(DEFINITION));
    RowPredictor model = RowPredictor.load(run, FolderOptions.defaults());
    assertTrue(model.checkpoint().endsWith("/ckpt-7"), model.checkpoint());
    assertEquals("[origin, hour, distance]", model.columns().toString());
    Map<String, Object> row = row("JFK", 18, 1020);
    assertEquals(expected(FeatureScales.NONE, row), model.margin(row));
    double margin = model.margin(row);
    assertEquals(1 / (1 + StrictMath.exp(-margin)), model.probability(row));
    assertEquals(margin, model.margin(row("JFK", "18", new BigDecimal("1020.0"))), "as text");
    assertEquals(bias[0], model.margin(row(null, null, null)), "all absent: the intercept");
    assertEquals(
        margin, RowPredictor.load(model.checkpoint(), FolderOptions.defaults()).margin(row));
  }

  @Test
  void standardisesAsTrainingDid() throws IOException {
    RowHasher hasher = new RowHasher(DEFINITION);
    hasher.number(0, 1);
    hasher.hash();
    FeatureScales scales =
        new FeatureScales(new int[] {hasher.ids()[0]}, new double[] {700}, new double[] {900});
    RowPredictor model =
        RowPredictor.load(run(scales, Optional.of(DEFINITION)), FolderOptions.defaults());
    Map<String, Object> row = row("JFK", 18, 1020);
    assertEquals(expected(scales, row), model.margin(row));
  }

  /** A table of classes or factors in pieces of several rows, or of one, or as a whole. */
  @Test
  void scoresWithAnyModel() throws IOException {
    Map<String, Object> row = row("JFK", 18, 3);
    TreeMap<Integer, Double> features = features(row);
    RowPredictor softmax = load(new SoftmaxModel(SIZE, CLASSES, true));
    assertEquals(CLASSES, softmax.outputs());
    for (int c = 0; c < CLASSES; c++) {
      double score = bias[c];
      for (Map.Entry<Integer, Double> one : features.entrySet()) {
        score += one.getValue() * weights[one.getKey() * CLASSES + c];
      }
      assertEquals(score, softmax.scores(row)[c]);
    }
    RowPredictor.Answer answer = softmax.answer(row);
    double sum = 0;
    for (double score : softmax.scores(row)) {
      sum += Math.exp(score);
    }
    double[] all = softmax.scores(row);
    assertEquals(
        Math.exp(all[(int) answer.prediction()]) / sum, answer.probability().orElseThrow(), 1e-12);
    assertEquals(java.util.Arrays.stream(all).max().orElseThrow(), all[(int) answer.prediction()]);
    assertTrue(softmax.classifies() && answer.margin().isEmpty());
    assertNotSame(softmax.scores(row), softmax.scores(row), "they are the caller's");
    refusesState("expected a model with one, found 3 of the model softmax", softmax::margin, row);

    RowPredictor machine =
        load(
            new FactorizationMachine(
                SIZE, RANK, true, true, new LogisticLoss(), Initializer.normal(0.1, 1)));
    double margin = bias[0];
    for (Map.Entry<Integer, Double> one : features.entrySet()) {
      margin += one.getValue() * weights[one.getKey()];
      for (Map.Entry<Integer, Double> other : features.headMap(one.getKey()).entrySet()) {
        for (int f = 0; f < RANK; f++) {
          margin +=
              (double) factors[one.getKey() * RANK + f]
                  * factors[other.getKey() * RANK + f]
                  * one.getValue()
                  * other.getValue();
        }
      }
    }
    assertEquals(margin, machine.margin(row), 1e-12);
    assertEquals(machine.margin(row), machine.scores(row)[0]);
    assertEquals(RowPredictor.probability(machine.margin(row)), machine.probability(row));

    RowPredictor hinge = load(new LinearModel(SIZE, true, new HingeLoss()));
    assertEquals(expected(FeatureScales.NONE, row), hinge.margin(row));
    refusesState("trained with the logistic loss, found hinge", hinge::probability, row);
  }

  private RowPredictor load(Model model) throws IOException {
    return RowPredictor.load(
        run(model, Optional.of(model), FeatureScales.NONE, Optional.of(DEFINITION)),
        FolderOptions.defaults());
  }

  private static void refusesState(
      String part, Function<Map<String, Object>, Object> call, Map<String, Object> row) {
    String said =
        String.valueOf(
            assertThrows(IllegalStateException.class, () -> call.apply(row)).getMessage());
    assertTrue(said.contains(part), said);
  }

  /** A model of several pieces has the numbers that stand in the checkpoint. */
  @Test
  void readsTablesInPieces() throws IOException {
    Model model = new SoftmaxModel(SIZE, CLASSES, true);
    String run = run(model, Optional.of(model), FeatureScales.NONE, Optional.empty());
    int[] rows = IntStream.range(0, SIZE + CLASSES).filter(row -> row % 7 != 3).toArray();
    for (int piece : new int[] {1, 7, 100, 64 * CLASSES, 1 << 20}) {
      float[] into = new float[SIZE * CLASSES + CLASSES];
      String checkpoint = RunResult.find(run, FolderOptions.defaults());
      try (CheckpointReader reader = CheckpointReader.open(checkpoint, FolderOptions.defaults())) {
        StoredParameters.read(reader, model, piece).read(rows, rows.length, into);
      }
      int at = 0;
      for (int row : rows) {
        for (int c = 0; c < (row < SIZE ? CLASSES : 1); c++) {
          float expected = row < SIZE ? weights[row * CLASSES + c] : bias[row - SIZE];
          assertEquals(expected, into[at++], "row " + row + ", pieces of " + piece);
        }
      }
    }
  }

  @Test
  void refusesAnotherModelThanTheCheckpointSays() throws IOException {
    String other =
        run(
            LOGISTIC,
            Optional.of(new SoftmaxModel(SIZE, CLASSES, true)),
            FeatureScales.NONE,
            Optional.of(DEFINITION));
    refusesToLoad(
        "expected model/weights/.ATTRIBUTES/VARIABLE_VALUE FLOAT["
            + SIZE
            + ","
            + CLASSES
            + "], found",
        other);
    Model small = new LinearModel(SIZE / 2, true, new LogisticLoss());
    refusesToLoad(
        "expected a model of the 1000 features that rows are made into, found one of 500",
        run(small, Optional.of(small), FeatureScales.NONE, Optional.of(DEFINITION)));
  }

  private static void refusesToLoad(String part, String run) {
    String said =
        String.valueOf(
            assertThrows(Mismatch.class, () -> RowPredictor.load(run, FolderOptions.defaults()))
                .getMessage());
    assertTrue(said.contains(part), said);
  }

  /** A plain second way: a map of ids, in their order. */
  private double expected(FeatureScales scales, Map<String, Object> row) {
    double margin = bias[0];
    for (int i = 0; i < scales.centred().length; i++) {
      margin -= scales.shifts()[i] * weights[scales.centred()[i]];
    }
    for (Map.Entry<Integer, Double> one : features(row).entrySet()) {
      double scale = scales.scale(one.getKey());
      margin += (double) (float) (one.getValue().floatValue() / scale) * weights[one.getKey()];
    }
    return margin;
  }

  private static TreeMap<Integer, Double> features(Map<String, Object> row) {
    RowHasher hasher = new RowHasher(DEFINITION);
    hasher.text(0, String.valueOf(row.get("origin")));
    hasher.text(1, String.valueOf(row.get("hour")));
    double distance = ((Number) row.get("distance")).doubleValue();
    hasher.number(0, distance);
    TreeMap<Integer, Double> features = new TreeMap<>();
    for (int i : new int[] {2, 0, 1, 3}) { // numbers come first
      features.merge(hasher.id(i), i == 2 ? distance : 1.0, Double::sum);
    }
    return features;
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
            run(FeatureScales.NONE, Optional.of(DEFINITION)), FolderOptions.defaults());
    Map<String, Object> misspelt = row("JFK", 18, 1020);
    misspelt.put("Hour", misspelt.remove("hour"));
    refuses("column hour, expected a value or null, found no such column", model, misspelt);
    refuses("column distance, expected a finite number, found far", model, row("a", 1, "far"));
    refuses("column distance, expected a finite number", model, row("a", 1, Double.NaN));
    refuses("expected a text, number", model, row(new StringBuilder[0], 1, 1));
    String vectors = run(FeatureScales.NONE, Optional.empty());
    Mismatch none =
        assertThrows(Mismatch.class, () -> RowPredictor.load(vectors, FolderOptions.defaults()));
    assertTrue(String.valueOf(none.getMessage()).contains("ready made"), none.getMessage());
  }

  /** The types of training decide the text of a value, and not its type here. */
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
    return RowPredictor.load(run(FeatureScales.NONE, Optional.of(typed)), FolderOptions.defaults());
  }

  private static void refuses(String part, RowPredictor model, Map<String, Object> row) {
    String said =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> model.margin(row)).getMessage());
    assertTrue(said.contains(part), said);
  }
}
