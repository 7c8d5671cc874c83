package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.spark.LocalSession;
import dev.cairn.spark.SampleTables;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.FeatureHasher;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Data of five kinds, trained beside MLlib's LogisticRegression at the same settings: on rows that
 * neither has seen, the log loss is no worse by 0.005. And what weights, scales and intercepts
 * mean.
 */
@Tag("long")
class AgainstMllibTest {
  private static final double REG_PARAM = 0.001;

  @TempDir static Path folder = Path.of("");

  private static final SparkSession SPARK =
      LocalSession.start(
          Map.of(
              "spark.serializer",
              "org.apache.spark.serializer.KryoSerializer",
              "spark.kryo.registrator",
              "dev.cairn.spark.CairnKryoRegistrator"));

  @AfterAll
  static void stop() {
    SPARK.stop();
  }

  private static LogisticRegression estimator(String name) {
    return new LogisticRegression()
        .setPartitions(2)
        .setBatchRows(64)
        .setMaxIter(40)
        .setLearningRate(0.3)
        .setRegParam(REG_PARAM)
        .setCheckpointDir(folder.resolve(name).toUri().toString());
  }

  private static Dataset<Row> numbers(Dataset<Row> table) {
    String[] inputs =
        Arrays.stream(table.columns()).filter(c -> c.startsWith("x")).toArray(String[]::new);
    return new VectorAssembler().setInputCols(inputs).setOutputCol("features").transform(table);
  }

  private static Dataset<Row> hashed(Dataset<Row> table, String... inputs) {
    return new FeatureHasher()
        .setNumFeatures(4096)
        .setInputCols(inputs)
        .setOutputCol("features")
        .transform(table);
  }

  private static Dataset<Row> training(Dataset<Row> rows) {
    return rows.filter("id % 4 != 0");
  }

  /** The log loss of rows that were not trained on, their labels 0 and 1. */
  private static double logLoss(Dataset<Row> scored, String weightCol) {
    MulticlassClassificationEvaluator evaluator =
        new MulticlassClassificationEvaluator().setMetricName("logLoss");
    if (!weightCol.isEmpty()) {
      evaluator.setWeightCol(weightCol);
    }
    return evaluator.evaluate(scored.withColumn("label", functions.expr("double(label > 0)")));
  }

  private static LogisticRegressionModel assertNoWorse(
      LogisticRegression estimator, Dataset<Row> rows, String weightCol) {
    org.apache.spark.ml.classification.LogisticRegression theirs =
        new org.apache.spark.ml.classification.LogisticRegression()
            .setMaxIter(200)
            .setRegParam(REG_PARAM)
            .setFitIntercept(estimator.getFitIntercept());
    if (!weightCol.isEmpty()) {
      theirs.setWeightCol(weightCol);
      estimator.setWeightCol(weightCol);
    }
    LogisticRegressionModel model = estimator.fit(training(rows));
    Dataset<Row> test = rows.filter("id % 4 = 0");
    double ours = logLoss(model.transform(test), weightCol);
    double mllib =
        logLoss(
            theirs
                .fit(training(rows).withColumn("label", functions.expr("double(label > 0)")))
                .transform(test),
            weightCol);
    assertTrue(ours < 0.65, "learned something: log loss " + ours);
    assertTrue(ours <= mllib + 0.005, "log loss " + ours + ", MLlib " + mllib);
    return model;
  }

  @Test
  void numbersOfAllSizes() throws Exception {
    Dataset<Row> rows = numbers(SampleTables.numbers(SPARK));
    LogisticRegressionModel model = assertNoWorse(estimator("numbers"), rows, "");
    // Written and read, the scales are with the model: each row scores the same.
    String path = folder.resolve("written").toUri().toString();
    model.write().save(path);
    assertEquals(raw(model, rows), raw(LogisticRegressionModel.load(path), rows));
    Row row = rows.first();
    assertEquals(raw(model, rows.limit(1)).get(0), model.predictRaw(row.getAs("features")));
  }

  private static List<Vector> raw(LogisticRegressionModel model, Dataset<Row> rows) {
    return model.transform(rows).select("rawPrediction").collectAsList().stream()
        .map(row -> (Vector) row.get(0))
        .toList();
  }

  @Test
  void text() {
    Dataset<Row> rows =
        hashed(SampleTables.text(SPARK), "carrier", "origin", "destination", "hour");
    assertNoWorse(estimator("text"), rows, "");
  }

  @Test
  void missingValues() {
    Dataset<Row> rows =
        hashed(SampleTables.missing(SPARK), "age", "income", "balance", "town", "kind");
    assertNoWorse(estimator("missing"), rows, "");
  }

  @Test
  void rareLabelsWithWeights() {
    Dataset<Row> rows = hashed(SampleTables.rare(SPARK), "amount", "minutes", "distance", "shop");
    assertNoWorse(estimator("rare"), rows, "weight");
  }

  @Test
  void labelsOfMinusOneAndOne() throws Exception {
    Dataset<Row> rows = numbers(SampleTables.signs(SPARK));
    assertNoWorse(estimator("signs"), rows, "");
    LogisticRegressionModel through =
        assertNoWorse(estimator("no intercept").setFitIntercept(false), rows, "");
    byte[] bias =
        TrainedBits.variables(through.checkpoint()).get("model/bias/.ATTRIBUTES/VARIABLE_VALUE");
    assertEquals("[0, 0, 0, 0]", Arrays.toString(bias));
  }

  /** Rows of weight 0 are as if they were not there, to the last bit. */
  @Test
  void rowsOfWeightZeroAreNotThere() throws Exception {
    Dataset<Row> rows = numbers(SampleTables.signs(SPARK)).filter("id < 400");
    LogisticRegression estimator = estimator("zero").setMaxIter(3).setPartitions(1);
    SortedMap<String, byte[]> expected =
        TrainedBits.variables(estimator.fit(rows.filter("id % 3 > 0")).checkpoint());
    Dataset<Row> weighted = rows.withColumn("w", functions.expr("if(id % 3 > 0, 1, 0)"));
    TrainedBits.assertSame(
        expected,
        TrainedBits.variables(
            estimator("zeros")
                .setMaxIter(3)
                .setPartitions(1)
                .setWeightCol("w")
                .fit(weighted)
                .checkpoint()));
  }

  /** Values of any size give the same model; unscaled, those that overflow end the fit by name. */
  @Test
  void hugeValues() {
    Dataset<Row> raw =
        SPARK
            .range(200)
            .selectExpr("id", "double(id % 5) as num", "double(if(id % 7 < 3, 1, 0)) as label");
    for (String size : new String[] {"1", "1e12", "1e18", "1e20", "1e37"}) {
      Dataset<Row> rows =
          numbers(
              raw.selectExpr(
                  "label", "(num - 2 + 3 * (label - 0.5)) * double('" + size + "') as x"));
      LogisticRegression estimator =
          new LogisticRegression()
              .setPartitions(2)
              .setBatchRows(16)
              .setMaxIter(3)
              .setCheckpointDir(folder.resolve("huge" + size).toUri().toString());
      double auc =
          new BinaryClassificationEvaluator().evaluate(estimator.fit(rows).transform(rows));
      assertTrue(auc > 0.9, "scale " + size + ": AUC " + auc);
      if (size.equals("1e18") || size.equals("1e20")) {
        estimator.setStandardization(false);
        estimator.setCheckpointDir(folder.resolve("unscaled" + size).toUri().toString());
        TrainingFailedException e =
            assertThrows(TrainingFailedException.class, () -> estimator.fit(rows));
        assertTrue(String.valueOf(e.getMessage()).contains("has become"), e.getMessage());
        assertTrue(String.valueOf(e.getMessage()).contains("standardization"), e.getMessage());
      }
    }
  }

  /** A checkpoint's scales are those of the data: unbiased deviations, zeros counted. */
  @Test
  void scalesAreInTheManifest() throws Exception {
    Dataset<Row> rows = numbers(SampleTables.signs(SPARK));
    // More partitions than the driver adds one by one.
    LogisticRegressionModel model = estimator("scales").setMaxIter(1).setPartitions(20).fit(rows);
    double expected = rows.selectExpr("stddev_samp(float(x3))").first().getDouble(0);
    try (CheckpointReader reader =
        CheckpointReader.open(model.checkpoint(), FolderOptions.defaults())) {
      var scales = reader.manifest().orElseThrow().training().orElseThrow().scales();
      assertEquals(8, scales.size());
      assertEquals(8, scales.centred().length);
      assertEquals(expected, scales.scale(3), 1e-9 * expected);
    }
  }
}
