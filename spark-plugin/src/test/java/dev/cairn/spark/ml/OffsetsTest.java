package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.NumberFigures;
import dev.cairn.spark.LocalSession;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.model.SoftmaxModel;
import dev.cairn.spark.serving.RowPredictor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows with offsets: trained on, judged, scored by Spark and one by one. */
class OffsetsTest {
  private static final List<String> KINDS = List.of("car", "van", "bus");

  @TempDir static Path folder = Path.of("");

  private static final SparkSession SPARK = LocalSession.start();
  private static final Dataset<Row> CLAIMS = claims();

  @AfterAll
  static void stop() {
    SPARK.stop();
  }

  /** Claims of vehicles over years of exposure: of a kind as many a year as its place, and one. */
  private static Dataset<Row> claims() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      double exposure = 0.25 + i % 7;
      double count = Math.floor(exposure * (1 + i % 3) + (i % 5) / 2.0);
      rows.add(RowFactory.create(KINDS.get(i % 3), exposure, count));
    }
    StructType schema =
        new StructType().add("kind", "string").add("exposure", "double").add("label", "double");
    return SPARK.createDataFrame(rows, schema);
  }

  private static FeatureEncoder encoder() {
    return new FeatureEncoder()
        .setCategoricalCols("kind")
        .setNumFeatures(1 << 10)
        .setOffset("ln(exposure)")
        .setOffsetCol("log");
  }

  private static <E extends CairnEstimator<E, M>, M extends CairnModel<M>> E set(E estimator) {
    return estimator
        .setOffsetCol("log")
        .setPartitions(2)
        .setBatchRows(120)
        .setMaxIter(150)
        .setLearningRate(0.5)
        .setCheckpointDir(folder.resolve("fits").toUri().toString());
  }

  private static LinearRegression poisson() {
    return set(new LinearRegression().setLoss("poisson")).setFitIntercept(false);
  }

  /**
   * The maximum of the likelihood, which is known with one indicator a row and no intercept: for
   * each kind the logarithm of all counts over all exposures.
   */
  private static Map<String, Double> ratesByHand() {
    Map<String, Double> rates = new TreeMap<>();
    CLAIMS
        .groupBy("kind")
        .agg(functions.expr("sum(label) / sum(exposure)"))
        .collectAsList()
        .forEach(row -> rates.put(row.getString(0), row.getDouble(1)));
    return rates;
  }

  private static void assertScores(Map<String, Double> rates, Dataset<Row> scored) {
    List<Row> rows = scored.select("kind", "exposure", "prediction").collectAsList();
    assertEquals(120, rows.size());
    for (Row row : rows) {
      double expected = rates.get(row.getString(0)) * row.getDouble(1);
      assertEquals(expected, row.getDouble(2), 1e-3 * expected);
    }
  }

  @Test
  void poissonOverExposuresIsTheClosedForm() throws Exception {
    Map<String, Double> rates = ratesByHand();
    Dataset<Row> train = encoder().transform(CLAIMS);
    LinearRegressionModel model = poisson().fit(train);
    assertEquals("log", model.getOffsetCol());
    assertScores(rates, model.transform(train));
    double squared = ((NumberFigures) model.testFigures(train)).meanSquaredError();
    assertEquals(squared, model.evaluate(train).meanSquaredError(), 1e-9);
    double rate = model.predict((Vector) train.select("features").first().get(0));
    assertEquals(rates.get("car"), rate, 1e-3 * rate, "a row by itself has no offset");
    assertFound(model, train);

    String written = folder.resolve("written").toUri().toString();
    model.write().overwrite().save(written);
    LinearRegressionModel read = LinearRegressionModel.load(written);
    assertEquals("log", read.getOffsetCol());
    assertScores(rates, read.transform(train));
    FeatureDefinition definition = read.featureEncoder().orElseThrow().definition();
    assertEquals("ln(exposure)", definition.offset().orElseThrow().sql());

    RowPredictor one = RowPredictor.load(model.checkpoint(), FolderOptions.defaults());
    assertEquals("[kind, offset]", one.columns().toString());
    double margin = one.margin(Map.of("kind", "van", "offset", Math.log(2.25)));
    Row row =
        model
            .transform(train)
            .filter("kind = 'van' and exposure = 2.25")
            .select("prediction")
            .first();
    assertEquals(StrictMath.exp(margin), row.getDouble(0), "the same bits");
    for (Object bad : new Object[] {"NaN", Double.POSITIVE_INFINITY, 1e39, "much"}) {
      Exception e =
          assertThrows(
              IllegalArgumentException.class,
              () -> one.margin(Map.of("kind", "van", "offset", bad)));
      assertTrue(e.getMessage().contains("column offset, expected a finite number"), e::toString);
    }
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> one.margin(Map.of("kind", "van")));
    assertTrue(e.getMessage().contains("column offset, expected a value"), e::toString);
  }

  /** A model read from its run knows that rows have offsets, and where it looks for them. */
  private static void assertFound(LinearRegressionModel model, Dataset<Row> rows) {
    LinearRegressionModel found = LinearRegressionModel.fromCheckpoint(model.checkpoint());
    assertEquals("offset", found.getOffsetCol());
    Exception e = assertThrows(IllegalArgumentException.class, () -> found.transform(rows));
    assertTrue(e.getMessage().contains("Cannot find column offset"), e::toString);
    found.setOffsetCol("log");
    assertEquals(
        model.transform(rows).select("prediction").collectAsList(),
        found.transform(rows).select("prediction").collectAsList());
  }

  /** A column that nobody made by an encoder's SQL is known by its name. */
  @Test
  void theColumnOfOffsetsIsRemembered() {
    Dataset<Row> train =
        new FeatureEncoder()
            .setCategoricalCols("kind")
            .setNumFeatures(1 << 10)
            .transform(CLAIMS.withColumn("log", functions.expr("ln(exposure)")));
    LinearRegressionModel model = poisson().setSeed(2).fit(train);
    assertEquals("log", LinearRegressionModel.fromCheckpoint(model.checkpoint()).getOffsetCol());
    assertScores(ratesByHand(), model.transform(train));
    LinearRegressionModel without = poisson().setOffsetCol("").fit(encoder().transform(CLAIMS));
    assertEquals("", LinearRegressionModel.fromCheckpoint(without.checkpoint()).getOffsetCol());
  }

  private static void assertRefused(
      CairnEstimator<?, ?> estimator, Dataset<Row> rows, String... words) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> estimator.fit(rows));
    for (String word : words) {
      assertTrue(String.valueOf(e.getMessage()).contains(word), e.getMessage());
    }
  }

  @Test
  void badOffsetsAreNamed() {
    Dataset<Row> train = encoder().transform(CLAIMS);
    for (String bad : List.of("null", "double('NaN')", "double('-Infinity')", "1e39D")) {
      String sql = "if(exposure = 3.25, " + bad + ", log)";
      Dataset<Row> spoiled = train.withColumn("log", functions.expr(sql));
      assertRefused(poisson(), spoiled, "column log, expected a finite number within float32");
    }
    assertRefused(poisson(), train.drop("log"), "Cannot find column log");
    assertRefused(poisson().setOffsetCol("kind"), train, "column kind", "a number", "string");
    LinearRegressionModel model = poisson().setMaxIter(1).fit(train);
    Dataset<Row> missing = train.withColumn("log", functions.expr("nullif(log, log)"));
    Exception e =
        assertThrows(
            Exception.class, () -> model.transform(missing).select("prediction").collectAsList());
    String said = "";
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      said += cause.getMessage();
    }
    assertTrue(said.contains("column log, expected a finite number within float32"), said);
  }

  @Test
  void modelsOfManyMarginsHaveNone() {
    Dataset<Row> train =
        encoder().transform(CLAIMS).withColumn("label", functions.expr("label % 3"));
    assertRefused(
        set(new LogisticRegression().setFamily("multinomial")),
        train,
        "Cannot train softmax with offsetCol log: expected a model with one margin");
    assertRefused(
        set(
            new CustomPredictor(
                LabelKind.CLASS, (features, classes) -> new SoftmaxModel(features, classes, true))),
        train,
        "expected a model with one margin");
    LogisticRegressionModel model =
        set(new LogisticRegression().setFamily("multinomial"))
            .setOffsetCol("")
            .setMaxIter(1)
            .fit(train);
    Exception e =
        assertThrows(
            IllegalArgumentException.class, () -> model.setOffsetCol("log").transform(train));
    assertTrue(e.getMessage().contains("Cannot use offsetCol log"), e::toString);
  }
}
