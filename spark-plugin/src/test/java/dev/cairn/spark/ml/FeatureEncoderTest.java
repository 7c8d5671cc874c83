package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureDefinition.Derived;
import dev.cairn.checkpoint.model.FeatureDefinition.Label;
import dev.cairn.checkpoint.model.FeatureDefinition.Nulls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.feature.FeatureHasher;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Features by a definition: MLlib's hasher's bits, columns left as they were, a good stage. */
final class FeatureEncoderTest {
  private static final StructType SCHEMA =
      new StructType()
          .add("city name", DataTypes.StringType)
          .add("code", DataTypes.IntegerType)
          .add("flag", DataTypes.BooleanType)
          .add("x.y", DataTypes.DoubleType)
          .add("amount", DataTypes.createDecimalType(20, 3))
          .add("y", DataTypes.StringType);

  @SuppressWarnings("NullAway.Init")
  private static SparkSession spark;

  @TempDir private Path folder = Path.of("");

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", false)
            .config("spark.driver.host", "127.0.0.1")
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** Words of every length modulo 4, beyond ASCII and beyond the basic plane; nulls. */
  private static Dataset<Row> rows(int count) {
    Random random = new Random(7);
    String[] words = {"", "a", "ab", "abc", "abcd", "Köln", "東京", "\uD83D\uDE00 x", "a=b", "*"};
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(
          RowFactory.create(
              random.nextInt(9) == 0 ? null : words[random.nextInt(words.length)],
              random.nextInt(9) == 0 ? null : random.nextInt(),
              random.nextInt(9) == 0 ? null : random.nextBoolean(),
              random.nextInt(9) == 0 ? null : random.nextGaussian(),
              random.nextInt(9) == 0
                  ? null
                  : java.math.BigDecimal.valueOf(random.nextInt(1000000), 3),
              random.nextBoolean() ? "yes" : "no"));
    }
    return spark.createDataFrame(rows, SCHEMA);
  }

  private static FeatureDefinition definition(int size) {
    return new FeatureDefinition(
        List.of(
            new Derived("twice", "code * 2L"),
            new Derived("code", "code % 7"),
            new Derived("last", "code + 1")),
        List.of("city name", "code", "flag", "twice"),
        List.of("x.y", "amount", "last"),
        List.of(List.of("city name", "code"), List.of("flag", "amount", "code")),
        size,
        Optional.of(new Label("y", Optional.of("yes"))),
        Nulls.ABSENT);
  }

  /** What the jobs did before there was an encoder, by MLlib alone. */
  private static List<Object> byMllib(Dataset<Row> rows, int size) {
    Dataset<Row> prepared =
        rows.selectExpr("*", "code * 2L as twice", "code % 7 as c", "code % 7 + 1 as last")
            .selectExpr(
                "`city name`",
                "cast(c as string) as code",
                "cast(flag as string) as flag",
                "cast(twice as string) as twice",
                "xy",
                "cast(last as double) as last",
                "concat(`city name`, '\u001f', cast(c as string)) as `city name*code`",
                "concat(cast(flag as string), '\u001f', cast(amount as string), '\u001f',"
                    + " cast(c as string)) as `flag*amount*code`");
    FeatureHasher hasher = new FeatureHasher();
    hasher.setInputCols(
        new String[] {
          "city name", "code", "flag", "twice", "xy", "last", "city name*code", "flag*amount*code"
        });
    hasher.setNumFeatures(size);
    hasher.setOutputCol("features");
    return column(hasher.transform(prepared), "features");
  }

  private static List<Object> column(Dataset<Row> rows, String name) {
    return rows.select(name).collectAsList().stream().map(row -> row.get(0)).toList();
  }

  @Test
  void makesTheBitsOfMllibsHasher() {
    // MLlib's hasher takes no column with a dot in its name.
    Dataset<Row> rows = rows(400).withColumnRenamed("x.y", "xy");
    for (int size : new int[] {1 << 20, 37, 3}) {
      FeatureEncoder encoder = FeatureEncoder.of(definition(size)).setNumericCols("xy", "last");
      List<Object> found = column(encoder.transform(rows), "features");
      List<Object> expected = byMllib(rows, size);
      for (int i = 0; i < expected.size(); i++) { // as text: 0.0 and -0.0 are told apart
        assertEquals(expected.get(i).toString(), found.get(i).toString(), "size " + size);
      }
      assertEquals(400, found.size());
    }
  }

  @Test
  void leavesColumnsAsTheyWereAndCarriesTheDefinition() {
    Metadata marked = Metadata.fromJson("{\"kept\":1}");
    Dataset<Row> rows = rows(20);
    rows = rows.withColumn("code", rows.col("code"), marked);
    Dataset<Row> made = FeatureEncoder.of(definition(1 << 10)).transform(rows);
    assertEquals(
        Arrays.toString(rows.columns()).replace("]", ", features]"),
        Arrays.toString(made.columns()));
    assertEquals(column(rows, "code"), column(made, "code"), "not the derived column of this name");
    assertEquals(marked, made.schema().apply("code").metadata());
    var field = made.filter("flag").select("features").schema().apply("features");
    assertEquals(Optional.of(definition(1 << 10)), FeatureEncoder.definition(field));
    assertEquals(1 << 10, AttributeGroup.fromStructField(field).size());
    assertEquals(Optional.empty(), FeatureEncoder.definition(made.schema().apply("code")));
  }

  @Test
  void makesTheLabelWhereThereIsOne() {
    FeatureEncoder encoder = FeatureEncoder.of(definition(16)).setLabelCol("label");
    Dataset<Row> rows = rows(30);
    List<Object> labels = column(encoder.transform(rows), "label");
    List<Object> expected =
        column(rows, "y").stream().map(y -> (Object) ("yes".equals(y) ? 1.0 : 0.0)).toList();
    assertEquals(expected, labels);
    assertFalse(
        Arrays.asList(encoder.transform(rows.drop("y")).columns()).contains("label"),
        "rows to be scored need no label");
  }

  @Test
  void isAGoodStage() throws Exception {
    FeatureEncoder encoder = FeatureEncoder.of(definition(1 << 12)).setOutputCol("vec");
    String path = folder.resolve("stage").toString();
    new Pipeline().setStages(new PipelineStage[] {encoder}).fit(rows(3)).write().save(path);
    PipelineModel loaded = PipelineModel.load(path);
    FeatureEncoder stage = (FeatureEncoder) loaded.stages()[0];
    assertEquals(encoder.uid(), stage.uid());
    assertEquals(encoder.definition(), stage.definition());
    assertEquals(
        column(encoder.transform(rows(50)), "vec").toString(),
        column(loaded.transform(rows(50)), "vec").toString());
    assertEquals(encoder.transform(rows(1)).schema(), encoder.transformSchema(rows(1).schema()));
  }

  @Test
  void namesWhatIsWrong() {
    refuses("expected names of columns, found none", new FeatureEncoder());
    refuses("column nope, expected one of", new FeatureEncoder().setCategoricalCols("nope"));
    refuses(
        "Cannot use column city name as a number",
        new FeatureEncoder().setNumericCols("city name"));
    refuses("expected two or more names", new FeatureEncoder().setCrosses("code"));
    refuses("size, expected 1 to", new FeatureEncoder().setCategoricalCols("y").setNumFeatures(0));
    refuses(
        "the input has one of this name",
        new FeatureEncoder().setCategoricalCols("y").setOutputCol("flag"));
  }

  private static void refuses(String part, FeatureEncoder encoder) {
    String said =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> encoder.transform(rows(1)))
                .getMessage());
    assertTrue(said.contains(part), said);
  }
}
