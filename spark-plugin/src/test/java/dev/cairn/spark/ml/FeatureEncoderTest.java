package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.ColumnType;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureDefinition.Derived;
import dev.cairn.checkpoint.model.FeatureDefinition.Label;
import dev.cairn.checkpoint.model.FeatureDefinition.Nulls;
import dev.cairn.spark.serving.RowPredictor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.feature.FeatureHasher;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
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
            .config("spark.plugins", "dev.cairn.spark.CairnPlugin")
            .config("spark.sql.session.timeZone", "UTC")
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

  /** The features as the jobs made them before there was an encoder, by MLlib alone. */
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
    FeatureDefinition typed =
        definition(1 << 10)
            .withTypes(
                types(
                    "amount",
                    "decimal(20,3)",
                    "city name",
                    "string",
                    "code",
                    "int",
                    "flag",
                    "boolean"),
                types("code", "int", "last", "int", "twice", "bigint"));
    assertEquals(Optional.of(typed), FeatureEncoder.definition(field));
    assertEquals(1 << 10, AttributeGroup.fromStructField(field).size());
    assertEquals(Optional.empty(), FeatureEncoder.definition(made.schema().apply("code")));
  }

  private static Map<String, ColumnType> types(String... namesAndTypes) {
    Map<String, ColumnType> types = new TreeMap<>();
    for (int i = 0; i < namesAndTypes.length; i += 2) {
      types.put(namesAndTypes[i], new ColumnType(namesAndTypes[i + 1]));
    }
    return types;
  }

  /** Columns of every type, and two that are made of them. */
  private static Dataset<Row> typedRows() {
    return spark
        .range(40)
        .selectExpr(
            "id",
            "double(id % 3 = 0) as label",
            "int(id * 37 % 1000) as zip",
            "if(id % 5 = 0, null, id / 4) as rate",
            "float(id) / 3 as single",
            "cast(id * 1.5 as decimal(10,2)) as amount",
            "id % 2 = 0 as flag",
            "date_add(date'2001-01-01', int(id)) as day",
            "timestamp'2001-01-01 00:00:00.25' + make_interval(0, 0, 0, int(id), int(id)) as at",
            "concat('n', id % 7) as name",
            "if(id % 4 = 0, null, string(id * 7)) as digits")
        .withColumn("digits", functions.col("digits"), FeatureEncoder.digits());
  }

  private static FeatureEncoder typedEncoder() {
    return new FeatureEncoder()
        .derive("area", "zip div 100")
        .derive("hour", "hour(at)")
        .setCategoricalCols(
            "zip", "rate", "single", "amount", "flag", "day", "at", "name", "digits", "area",
            "hour")
        .setCrosses("zip*flag", "day*hour")
        .setNumericCols("id")
        .setNumFeatures(1 << 16);
  }

  /** The values of a column of any type are the categories of training when rows are scored. */
  @Tag("long")
  @Test
  void typesOfTrainingDecideTheCategories() {
    Dataset<Row> made = typedEncoder().transform(typedRows());
    List<Object> expected = column(made, "features");
    FeatureDefinition trained =
        FeatureEncoder.definition(made.schema().apply("features")).orElseThrow();
    FeatureEncoder scoring = FeatureEncoder.of(trained);
    String[][] others = {
      {"zip", "string(zip)"},
      {"zip", "lpad(string(zip), 5, '0')"},
      {"zip", "double(zip)"},
      {"zip", "cast(zip as decimal(9,3))"},
      {"zip", "bigint(zip)"},
      {"rate", "string(rate)"},
      {"rate", "float(rate)"},
      {"single", "string(single)"},
      {"amount", "double(amount)"},
      {"flag", "upper(string(flag))"},
      {"day", "string(day)"},
      {"at", "string(at)"},
      {"at", "replace(string(at), ' ', 'T')"},
      {"digits", "bigint(digits)"},
      {"digits", "double(digits)"},
      {"digits", "concat(digits, '.0')"},
    };
    for (String[] other : others) {
      Dataset<Row> rows = typedRows().withColumn(other[0], functions.expr(other[1]));
      Dataset<Row> scored = scoring.transform(rows);
      assertEquals(expected, column(scored, "features"), other[1]);
      assertEquals(column(rows, other[0]), column(scored, other[0]), "left as it was");
      var field = scored.schema().apply("features");
      assertEquals(Optional.of(trained), FeatureEncoder.definition(field));
    }
  }

  @Test
  void refusesByNameWhatTrainingCouldNotHave() {
    Dataset<Row> made = typedEncoder().transform(typedRows());
    FeatureEncoder scoring =
        FeatureEncoder.of(FeatureEncoder.definition(made.schema().apply("features")).orElseThrow());
    String[][] types = {
      {"name", "1", "column name, expected text as in training"},
      {"name", "true", "found a column of type boolean"},
      {"day", "at", "column day, expected a date as in training"},
      {"at", "day", "column at, expected a time as in training"},
      {"flag", "1", "column flag, expected true or false as in training"},
      {"zip", "day", "column zip, expected a whole number as in training (int)"},
    };
    for (String[] other : types) {
      Dataset<Row> rows = typedRows().withColumn(other[0], functions.expr(other[1]));
      String said =
          String.valueOf(
              assertThrows(IllegalArgumentException.class, () -> scoring.transform(rows))
                  .getMessage());
      assertTrue(said.contains(other[2]), said);
    }
    String[][] values = {
      {"zip", "'0123A'", "column zip, expected a whole number as in training (int), found 0123A"},
      {"zip", "7.5D", "column zip, expected a whole number as in training (int), found 7.5"},
      {"day", "'01.02.2001'", "column day, expected a date as in training"},
    };
    for (String[] other : values) {
      Dataset<Row> rows = typedRows().withColumn(other[0], functions.expr(other[1]));
      String said =
          all(assertThrows(Exception.class, () -> scoring.transform(rows).collectAsList()));
      assertTrue(said.contains(other[2]), said);
    }
  }

  private static String all(Throwable thrown) {
    StringBuilder said = new StringBuilder();
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      said.append(t.getMessage()).append('\n');
    }
    return said.toString();
  }

  /** Spark and the core alone give rows of any types the same margins, to the last bit. */
  @Test
  void oneRowScoresAsManyDo() throws Exception {
    Dataset<Row> rows = typedRows();
    LogisticRegressionModel model =
        new LogisticRegression()
            .setPartitions(2)
            .setBatchRows(10)
            .setCheckpointDir(folder.resolve("fits").toUri().toString())
            .fit(typedEncoder().transform(rows));
    FeatureEncoder encoder = model.featureEncoder().orElseThrow();
    Dataset<Row> texts = rows;
    for (String name : rows.columns()) {
      boolean wanted = !List.of("id", "label", "digits").contains(name);
      texts = wanted ? texts.withColumn(name, rows.col(name).cast("string")) : texts;
    }
    List<Double> expected = margins(model.transform(encoder.transform(rows)));
    assertEquals(expected, margins(model.transform(encoder.transform(texts))));
    RowPredictor one = RowPredictor.load(model.checkpoint(), FolderOptions.defaults());
    List<Row> plain = typedEncoder().derive(texts).collectAsList();
    for (int i = 0; i < plain.size(); i++) {
      Map<String, Object> row = new HashMap<>();
      for (String name : plain.get(i).schema().fieldNames()) {
        row.put(name, plain.get(i).getAs(name));
      }
      assertEquals(expected.get(i), one.margin(row), row.toString());
      row.computeIfPresent("zip", (name, zip) -> Double.valueOf((String) zip));
      row.computeIfPresent("digits", (name, digits) -> Long.valueOf((String) digits));
      row.put("hour", String.valueOf(row.get("hour")));
      assertEquals(expected.get(i), one.margin(row), row.toString());
    }

    // Vectors that somebody else made of other types are told from those of training.
    Dataset<Row> others = typedEncoder().transform(rows.withColumn("zip", functions.expr("'a'")));
    String said =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> model.transform(others))
                .getMessage());
    assertTrue(said.contains("made of column zip, expected a whole number as in training"), said);
  }

  private static List<Double> margins(Dataset<Row> scored) {
    return scored.select("rawPrediction").collectAsList().stream()
        .map(row -> ((Vector) row.get(0)).apply(1))
        .toList();
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
    assertEquals(
        "Cannot use numFeatures: expected a whole number, 1 or more, found 0",
        assertThrows(IllegalArgumentException.class, () -> new FeatureEncoder().setNumFeatures(0))
            .getMessage());
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
