package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureDefinition.Derived;
import dev.cairn.checkpoint.model.FeatureDefinition.Label;
import dev.cairn.checkpoint.model.FeatureDefinition.Nulls;
import dev.cairn.checkpoint.model.RowHasher;
import dev.cairn.spark.columns.Columns;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Columns may be called what their owner likes: with dots, quotes, letters of any alphabet, and as
 * Cairn or Spark ML call their own. What cannot be is refused by name before anything is read.
 */
class ColumnNamesTest {
  @SuppressWarnings("NullAway.Init")
  private static SparkSession spark;

  @TempDir private static Path folder = Path.of("");

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.plugins", "dev.cairn.spark.CairnPlugin")
            .config("spark.sql.shuffle.partitions", 1)
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  static Stream<String> names() {
    return Stream.of(
        "plain",
        "a.b",
        "other.",
        "`",
        "a`b",
        "`a`",
        "a'b",
        "a\"b",
        "gr\u00f6\u00dfe",
        "\u6771\u4eac",
        "\ud83d\ude00",
        "two words",
        "a,b",
        "a=b",
        "a*b",
        "a\nb",
        "$1",
        "label",
        "features",
        "weight",
        "prediction",
        "select",
        "cairn.kept.0",
        "t0",
        "n1");
  }

  /** A row of a text, a number and another text. */
  private static Dataset<Row> row(String text, String number) {
    return spark.createDataFrame(
        List.of(RowFactory.create("v", 2.5, "w")),
        new StructType()
            .add(text, DataTypes.StringType)
            .add(number, DataTypes.DoubleType)
            .add("the other", DataTypes.StringType));
  }

  @ParameterizedTest
  @MethodSource("names")
  void asFeatures(String name) {
    String number = name + " #";
    List<List<String>> crosses =
        name.contains("*") ? List.of() : List.of(List.of(name, "the other"));
    FeatureDefinition definition =
        new FeatureDefinition(
            List.of(),
            List.of(name),
            List.of(number),
            crosses,
            1 << 20,
            Optional.empty(),
            Nulls.ABSENT);
    RowHasher hasher = new RowHasher(definition);
    hasher.text(0, "v");
    if (!crosses.isEmpty()) {
      hasher.text(1, "w");
    }
    hasher.number(0, 2.5);
    hasher.hash();
    Dataset<Row> made =
        FeatureEncoder.of(definition).setOutputCol("made").transform(row(name, number));
    Vector found = (Vector) made.select("made").first().get(0);
    assertEquals(
        Vectors.sparse(
            1 << 20,
            Arrays.copyOf(hasher.ids(), hasher.count()),
            Arrays.copyOf(hasher.values(), hasher.count())),
        found);
    FeatureDefinition kept = FeatureEncoder.definition(made.schema().apply("made")).orElseThrow();
    assertEquals(definition.columns(), kept.columns());
    FeatureEncoder again = FeatureEncoder.of(kept).setOutputCol("made");
    assertEquals(found, again.transform(row(name, number)).first().getAs(3));
  }

  @ParameterizedTest
  @MethodSource("names")
  void asDerivedColumnLabelAndOutput(String name) {
    FeatureDefinition definition =
        new FeatureDefinition(
            List.of(new Derived(name, "upper(`the other`)"), new Derived("more", "'x'")),
            List.of(name),
            List.of(),
            List.of(),
            1 << 20,
            Optional.of(new Label(Columns.quoted(name), Optional.of("W"))),
            Nulls.ABSENT);
    Dataset<Row> made =
        FeatureEncoder.of(definition)
            .setOutputCol(name + "+")
            .setLabelCol(name + "-")
            .transform(row(name, "n"));
    assertEquals(List.of(name, "n", "the other", name + "+", name + "-"), List.of(made.columns()));
    Row first = made.first();
    assertEquals("v", first.get(0), "the column that it came with");
    assertEquals(1.0, first.get(4));
    Vector same =
        FeatureEncoder.of(definition)
            .setOutputCol("made")
            .transform(row("text", "n"))
            .first()
            .getAs(3);
    assertEquals(same, first.get(3));
    FeatureEncoder clash = FeatureEncoder.of(definition).setOutputCol(name);
    String said =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> clash.transform(row(name, "n")))
                .getMessage());
    assertTrue(said.contains("Cannot add output column " + name), said);
  }

  /** Names that differ in case alone are one name in Spark, unless it is set otherwise. */
  @Test
  void namesThatDifferInCase() {
    Dataset<Row> rows = row("Zip", "n").withColumnRenamed("the other", "zip");
    FeatureEncoder apart = new FeatureEncoder().setNumericCols("n").setNumFeatures(64);
    assertEquals(4, apart.transform(rows).columns().length, "others than those of the features");
    FeatureEncoder both = new FeatureEncoder().setCategoricalCols("zip").setNumFeatures(64);
    Exception e = assertThrows(Exception.class, () -> both.transform(rows).schema());
    assertTrue(String.valueOf(e.getMessage()).toLowerCase().contains("zip"), e.getMessage());
    FeatureEncoder output = new FeatureEncoder().setNumericCols("n").setOutputCol("ZIP");
    String said =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> output.transform(rows))
                .getMessage());
    assertTrue(said.contains("Cannot add output column ZIP"), said);
    spark.conf().set("spark.sql.caseSensitive", true);
    try {
      Vector one = both.transform(rows).first().getAs(3);
      both.setCategoricalCols("Zip");
      Vector two = both.transform(rows).first().getAs(3);
      assertTrue(!one.equals(two), "each is its own: " + one);
      assertEquals(4, output.setNumFeatures(64).transform(rows).columns().length);
    } finally {
      spark.conf().set("spark.sql.caseSensitive", false);
    }
  }

  /** Columns of labels, vectors, weights and held-out rows, and those of scores, by one suffix. */
  private static List<String> roles(String suffix) {
    return Stream.of("l", "f", "w", "h", "raw", "probability of ", "p")
        .map(role -> role + suffix)
        .toList();
  }

  private static Dataset<Row> rows(List<String> roles) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      double[] x = {i % 5, i % 3};
      rows.add(
          RowFactory.create(
              (double) (i % 5 > 2 ? 1 : 0), Vectors.dense(x), 1.0 + i % 2, i % 6 == 0));
    }
    return spark.createDataFrame(
        rows,
        new StructType()
            .add(roles.get(0), DataTypes.DoubleType)
            .add(roles.get(1), SQLDataTypes.VectorType())
            .add(roles.get(2), DataTypes.DoubleType)
            .add(roles.get(3), DataTypes.BooleanType));
  }

  private static LogisticRegression estimator(List<String> roles) {
    return new LogisticRegression()
        .setLabelCol(roles.get(0))
        .setFeaturesCol(roles.get(1))
        .setWeightCol(roles.get(2))
        .setValidationIndicatorCol(roles.get(3))
        .setRawPredictionCol(roles.get(4))
        .setProbabilityCol(roles.get(5))
        .setPredictionCol(roles.get(6))
        .setPartitions(1)
        .setBatchRows(20)
        .setMaxIter(2)
        .setCheckpointDir(folder.resolve("fits").toUri().toString());
  }

  /** The scores, and the trained bits, of whatever the columns are called. */
  private static void assertTrainsAndScores(List<String> roles) throws Exception {
    List<String> plain = roles("");
    LogisticRegressionModel expected = estimator(plain).fit(rows(plain));
    LogisticRegressionModel found = estimator(roles).fit(rows(roles));
    SortedMap<String, byte[]> bits = TrainedBits.variables(expected.checkpoint());
    TrainedBits.assertSame(bits, TrainedBits.variables(found.checkpoint()));
    Dataset<Row> scored = found.transform(rows(roles));
    assertEquals(roles, List.of(scored.columns()));
    assertEquals(
        expected.transform(rows(plain)).collectAsList().toString(),
        scored.collectAsList().toString());
  }

  @Tag("long")
  @ParameterizedTest
  @MethodSource("names")
  void asColumnsOfAnEstimator(String name) throws Exception {
    assertTrainsAndScores(roles(name));
  }

  @Test
  void columnsMayHaveEachOthersNames() throws Exception {
    assertTrainsAndScores(
        List.of("features", "label", "prediction", "weight", "heldOut", "a.b", "a"));
    assertTrainsAndScores(
        List.of("rawPrediction", "probability", "label", "features", "weight", "`x`", "x.y"));
  }

  @Test
  void columnsThatAreMissingOrThereTwiceAreRefusedByName() {
    List<String> plain = roles("");
    for (int i = 0; i < 4; i++) {
      List<String> missing = new ArrayList<>(plain);
      missing.set(i, "a.missing one");
      refuses("Cannot find column a.missing one", estimator(missing), rows(plain));
    }
    Dataset<Row> twice = rows(List.of("l", "f", "w", "h")).withColumnRenamed("w", "F");
    LogisticRegression estimator = estimator(plain);
    refuses("Cannot use column f: expected one of this name", estimator.setWeightCol(""), twice);
    for (String output : List.of("L", "h", "RAW")) {
      refuses(
          "Cannot add output column " + output,
          estimator(plain).setPredictionCol(output),
          rows(plain));
    }
  }

  private static void refuses(String part, LogisticRegression stage, Dataset<Row> rows) {
    String said =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> stage.fit(rows)).getMessage());
    assertTrue(said.contains(part), said);
  }

  /** A pipeline and a saved model know the names, too. */
  @Test
  void inAPipelineThatIsSaved() throws Exception {
    List<String> roles = roles(" \"of\" `a.b`");
    String path = folder.resolve("saved").toUri().toString();
    var model = new Pipeline().setStages(new PipelineStage[] {estimator(roles)}).fit(rows(roles));
    model.write().save(path);
    assertEquals(
        model.transform(rows(roles)).collectAsList().toString(),
        org.apache.spark.ml.PipelineModel.load(path)
            .transform(rows(roles))
            .collectAsList()
            .toString());
  }
}
