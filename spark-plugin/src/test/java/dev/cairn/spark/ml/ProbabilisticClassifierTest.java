package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CoefficientReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.scoring.Coefficients;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.spark.ml.classification.BinaryLogisticRegressionSummary;
import org.apache.spark.ml.classification.OneVsRest;
import org.apache.spark.ml.classification.OneVsRestModel;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Tests what users of Spark ML expect of a probabilistic classifier, and MLlib's own does. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProbabilisticClassifierTest {
  private static final int FEATURES = 4;

  @TempDir static Path folder;

  private LocalCluster cluster;
  private SparkSession spark;
  private Dataset<Row> data;
  private LogisticRegressionModel model;

  @BeforeAll
  void fitOnce() {
    cluster = LocalCluster.start(2, java.util.Map.of("spark.sql.shuffle.partitions", "2"));
    spark = SparkSession.builder().sparkContext(cluster.spark().sc()).getOrCreate();
    data = data(300).cache();
    model = estimator("once").fit(data);
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  private static LogisticRegression estimator(String name) {
    return new LogisticRegression()
        .setCheckpointDir(folder.resolve(name).toUri().toString())
        .setPartitions(2)
        .setBatchRows(32)
        .setMaxIter(3);
  }

  /** Labels that depend on four numbers, with noise; and columns that no model reads. */
  private Dataset<Row> data(int rows) {
    Random random = new Random(3);
    List<Row> list = new java.util.ArrayList<>();
    for (int i = 0; i < rows; i++) {
      double[] x = random.doubles(FEATURES, -1, 1).toArray();
      double margin = 0.4 + 2 * x[0] - 1.5 * x[1] + 0.3 * x[2];
      double label = random.nextDouble() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
      list.add(
          RowFactory.create(
              label,
              Vectors.dense(x),
              i % 3 == 0 ? "red" : "blue",
              List.of("a", "b", "c").get(i % 3),
              x[0] - x[1]));
    }
    return spark.createDataFrame(
        list,
        new StructType()
            .add("label", DataTypes.DoubleType)
            .add("features", SQLDataTypes.VectorType())
            .add("colour", DataTypes.StringType)
            .add("shape", DataTypes.StringType)
            .add("features_sum", DataTypes.DoubleType));
  }

  @Test
  void parametersAreMllibsByNameAndDefault() {
    LogisticRegression estimator = new LogisticRegression("given");
    assertEquals("given", estimator.uid());
    for (Param<?> param : estimator.params()) {
      assertEquals("given", param.parent(), param.name());
    }
    org.apache.spark.ml.classification.LogisticRegression mllib =
        new org.apache.spark.ml.classification.LogisticRegression();
    for (String name :
        List.of(
            "featuresCol",
            "labelCol",
            "predictionCol",
            "rawPredictionCol",
            "probabilityCol",
            "threshold",
            "regParam",
            "elasticNetParam")) {
      assertEquals(
          mllib.getOrDefault(mllib.getParam(name)),
          estimator.getOrDefault(estimator.getParam(name)),
          name);
    }
    assertTrue(estimator.hasParam("maxIter") && estimator.hasParam("thresholds"));
    for (String gone : List.of("maxEpochs", "l1", "l2")) {
      assertFalse(estimator.hasParam(gone), gone);
    }
    assertEquals(1, estimator.getMaxIter());
    assertEquals(7, estimator.setMaxIter(7).getMaxIter());
    assertEquals(0.5, estimator.setElasticNetParam(0.5).getElasticNetParam());
    assertThrows(Throwable.class, () -> estimator.setElasticNetParam(1.5));
    assertThrows(Throwable.class, () -> estimator.setThreshold(1.5));
    assertTrue(estimator.explainParams().contains("regParam"));

    LogisticRegression copy = estimator.copy(new ParamMap().put(estimator.maxIter(), (Object) 9));
    assertEquals("given", copy.uid());
    assertEquals(9, copy.getMaxIter());
    assertEquals(0.5, copy.getElasticNetParam());
    assertEquals(7, estimator.getMaxIter());
  }

  @Test
  void thresholdAndThresholdsAgreeOrAreRefused() {
    LogisticRegression estimator = new LogisticRegression();
    assertEquals(0.5, estimator.getThreshold());
    assertArrayEquals(new double[] {0.5, 0.5}, estimator.getThresholds());
    estimator.setThreshold(0.8);
    assertArrayEquals(new double[] {0.2, 0.8}, estimator.getThresholds(), 1e-15);
    estimator.setThresholds(new double[] {0.9, 0.3});
    assertFalse(estimator.isSet(estimator.threshold()));
    assertEquals(1 / (1 + 0.9 / 0.3), estimator.getThreshold());
    estimator.setThreshold(0.1);
    assertFalse(estimator.isSet(estimator.thresholds()));

    estimator.setThresholds(new double[] {1, 1});
    estimator.set(estimator.threshold(), 0.3);
    assertMessage("set one of them only", estimator::getThreshold);
    assertMessage("set one of them only", () -> estimator.transformSchema(data.schema()));
    estimator.set(estimator.threshold(), 0.5);
    assertEquals(0.5, estimator.getThreshold());
    estimator.setFamily("binomial").setThresholds(new double[] {1, 1, 1});
    assertMessage("expected 2 numbers", () -> estimator.transformSchema(data.schema()));

    org.apache.spark.ml.classification.LogisticRegression mllib =
        new org.apache.spark.ml.classification.LogisticRegression()
            .setThresholds(new double[] {0.9, 0.3});
    assertEquals(
        mllib.getThreshold(),
        new LogisticRegression().setThresholds(new double[] {0.9, 0.3}).getThreshold());
  }

  @Test
  void thresholdsDecideThePrediction() {
    for (double threshold : new double[] {0, 0.3, 0.5, 1}) {
      LogisticRegressionModel changed = model.copy(ParamMap.empty()).setThreshold(threshold);
      for (Row row : changed.transform(data).select("probability", "prediction").collectAsList()) {
        double one = ((Vector) row.get(0)).apply(1);
        assertEquals(one > threshold ? 1.0 : 0.0, row.getDouble(1));
      }
    }
    LogisticRegressionModel two =
        model.copy(ParamMap.empty()).setThresholds(new double[] {0.0, 1.0});
    assertEquals(0, two.transform(data).filter("prediction = 1").count());
    assertEquals(
        data.count(),
        model
            .transform(data, new ParamMap().put(model.threshold(), (Object) 0.0))
            .filter("prediction = 1")
            .count());
  }

  @Test
  void singleRowsScoreAsColumnsDo() {
    for (Row row : model.transform(data).limit(20).collectAsList()) {
      Vector features = row.getAs("features");
      Vector raw = row.getAs("rawPrediction");
      assertEquals(raw, model.predictRaw(features));
      assertEquals(row.getAs("probability"), model.predictProbability(features));
      assertEquals((Double) row.getAs("prediction"), model.predict(features));
      assertEquals(raw, model.predictRaw(features.toSparse()));
      Vector probability = row.getAs("probability");
      assertEquals(-raw.apply(0), raw.apply(1));
      assertEquals(1, probability.apply(0) + probability.apply(1), 1e-12);
      assertEquals(1 / (1 + Math.exp(-raw.apply(1))), probability.apply(1), 1e-12);
    }
    assertEquals(FEATURES, model.numFeatures());
    assertEquals(2, model.numClasses());
    assertMessage("expected a vector of 4", () -> model.predict(Vectors.dense(1, 2)));
  }

  /** Every choice of columns gives the same predictions; an empty name leaves its column out. */
  @Test
  void emptyNamesLeaveColumnsOut() {
    List<Row> expected = model.transform(data).select("prediction").collectAsList();
    List<Row> probabilities = model.transform(data).select("probability").collectAsList();
    for (int choice = 0; choice < 8; choice++) {
      LogisticRegressionModel some =
          model
              .copy(ParamMap.empty())
              .setRawPredictionCol((choice & 1) == 0 ? "" : "rawPrediction")
              .setProbabilityCol((choice & 2) == 0 ? "" : "probability")
              .setPredictionCol((choice & 4) == 0 ? "" : "prediction");
      Dataset<Row> scored = some.transform(data);
      assertEquals(
          List.of(data.columns()).size() + Integer.bitCount(choice), scored.columns().length);
      assertEquals(some.transformSchema(data.schema()), scored.schema());
      assertFalse(Arrays.asList(scored.columns()).contains(""));
      if ((choice & 2) != 0) {
        assertEquals(probabilities, scored.select("probability").collectAsList());
      }
      if ((choice & 4) != 0) {
        assertEquals(expected, scored.select("prediction").collectAsList());
      }
    }
    assertMessage("set rawPredictionCol", () -> model.transform(model.transform(data)));
  }

  /** Metadata of the input stays, so IndexToString works afterwards; the output's is MLlib's. */
  @Test
  void metadataOfColumnsIsKept() {
    Dataset<Row> indexed =
        new StringIndexer().setInputCol("colour").setOutputCol("index").fit(data).transform(data);
    Dataset<Row> scored = model.transform(indexed);
    assertEquals(
        indexed.schema().apply("index").metadata(), scored.schema().apply("index").metadata());
    List<Row> back =
        new IndexToString()
            .setInputCol("index")
            .setOutputCol("back")
            .transform(scored)
            .select("colour", "back")
            .collectAsList();
    back.forEach(row -> assertEquals(row.getString(0), row.getString(1)));
    org.apache.spark.ml.classification.LogisticRegressionModel mllib =
        new org.apache.spark.ml.classification.LogisticRegression().setMaxIter(1).fit(data);
    StructType theirs = mllib.transform(data).schema();
    for (String name : List.of("rawPrediction", "probability", "prediction")) {
      assertEquals(theirs.apply(name).metadata(), scored.schema().apply(name).metadata(), name);
      assertEquals(theirs.apply(name).dataType(), scored.schema().apply(name).dataType(), name);
    }
  }

  /** Columns that nobody wants are not read, and the features are scored once. */
  @Test
  void transformIsAColumnExpression() {
    String path = folder.resolve("pruned").toUri().toString();
    data.write().parquet(path);
    String plan =
        model
            .transform(spark.read().parquet(path))
            .select("prediction")
            .queryExecution()
            .executedPlan()
            .toString();
    assertTrue(plan.contains("ReadSchema: struct<features:"), plan);
    assertFalse(plan.contains("colour"), plan);
  }

  @Test
  void aStreamWithAWatermarkStarts() throws Exception {
    StreamingQuery query =
        model
            .transform(
                spark
                    .readStream()
                    .format("rate")
                    .load()
                    .withWatermark("timestamp", "1 second")
                    .join(data.select("features").limit(1)))
            .groupBy(functions.window(functions.col("timestamp"), "1 second"))
            .count()
            .writeStream()
            .outputMode("append")
            .format("memory")
            .queryName("watermark")
            .start();
    query.stop();
  }

  @Test
  void evaluatorsWork() {
    Dataset<Row> scored = model.transform(data);
    assertTrue(new BinaryClassificationEvaluator().evaluate(scored) > 0.75);
    assertTrue(
        new MulticlassClassificationEvaluator().setMetricName("logLoss").evaluate(scored) < 0.6);
  }

  @Tag("long")
  @Test
  void oneVsRestTrainsThreeClasses() {
    Dataset<Row> three =
        data.selectExpr(
            "features",
            "case when features_sum > 0.4 then 2.0 when features_sum > -0.4 then 1.0 else 0.0 end"
                + " as label");
    OneVsRestModel rest = new OneVsRest().setClassifier(estimator("rest")).fit(three);
    assertEquals(3, rest.models().length);
    double accuracy =
        new MulticlassClassificationEvaluator()
            .setMetricName("accuracy")
            .evaluate(rest.transform(three));
    assertTrue(accuracy > 0.6, "accuracy " + accuracy);
    assertMessage(
        "use OneVsRest",
        () ->
            estimator("three")
                .setFamily("binomial")
                .setLabelCol("index")
                .fit(
                    new StringIndexer()
                        .setInputCol("shape")
                        .setOutputCol("index")
                        .fit(data)
                        .transform(data)));
  }

  /** The objective is MLlib's: the mean loss plus regParam times the elastic net. */
  @Test
  @Tag("long")
  void regularisationMeansWhatMllibsMeans() {
    for (boolean standardized : new boolean[] {false, true}) {
      for (double share : new double[] {0, 0.6}) {
        assertMllibsOptimum("1.0", share, standardized);
      }
    }
    assertMessage(
        "expected adagrad",
        () -> estimator("reg-ftrl").setOptimizer("ftrl").setRegParam(0.05).fit(data));
  }

  /** The mean is one of weights, which need not add up to the number of rows. */
  @Tag("long")
  @Test
  void regularisationOfWeightedRowsMeansWhatMllibsMeans() {
    for (String weight :
        List.of(
            "5.0",
            "0.01",
            "if(label = 1, 40.0, 3.0)",
            "if(shape = 'c', 0.0, 7 * exp(features_sum))")) {
      assertMllibsOptimum(weight, 0, false);
      assertMllibsOptimum(weight, 0.6, true);
    }
  }

  private void assertMllibsOptimum(String weight, double share, boolean standardized) {
    double strength = 0.05;
    Dataset<Row> weighted = data.withColumn("w", functions.expr("double(" + weight + ")")).cache();
    org.apache.spark.ml.classification.LogisticRegressionModel theirs =
        new org.apache.spark.ml.classification.LogisticRegression()
            .setRegParam(strength)
            .setElasticNetParam(share)
            .setStandardization(standardized)
            .setWeightCol("w")
            .setTol(1e-10)
            .setMaxIter(500)
            .fit(weighted);
    LogisticRegressionModel ours =
        estimator("reg")
            .setLearningRate(1)
            .setRegParam(strength)
            .setElasticNetParam(share)
            .setStandardization(standardized)
            .setWeightCol("w")
            .setBatchRows(300)
            .setMaxIter(200)
            .fit(weighted);
    weighted.unpersist();
    String what = weight + ", L1 " + share + ", standardized " + standardized;
    assertEquals(theirs.intercept(), ours.intercept(), 1e-4, what);
    for (int i = 0; i < FEATURES; i++) {
      assertEquals(theirs.coefficients().apply(i), ours.coefficients().apply(i), 1e-4, what);
    }
  }

  /**
   * Coefficients and intercept are what rows are scored with, centred and scaled or not; a value
   * that is divided by its scale is rounded to float first, as in training.
   */
  @Test
  void coefficientsAreWhatScores() throws Exception {
    for (boolean standardized : new boolean[] {false, true}) {
      LogisticRegressionModel fitted =
          estimator("coefficients" + standardized).setStandardization(standardized).fit(data);
      double[] zero = new double[FEATURES];
      assertEquals(margin(fitted, zero), fitted.intercept());
      Vector coefficients = fitted.coefficients();
      assertEquals(FEATURES, coefficients.size());
      for (int i = 0; i < FEATURES; i++) {
        double[] unit = zero.clone();
        unit[i] = 1;
        double rounding = standardized ? Math.abs(coefficients.apply(i)) * 0x1p-24 : 0;
        double sum = fitted.intercept() + coefficients.apply(i);
        assertEquals(sum, margin(fitted, unit), rounding + Math.ulp(sum));
      }
      try (CoefficientReader reader =
          CoefficientReader.open(fitted.checkpoint(), FolderOptions.defaults())) {
        assertEquals(coefficients, Coefficients.of(reader, FEATURES));
        assertMessage(
            "expected at most 3 that are not 0", () -> Coefficients.of(reader, FEATURES - 1));
      }
    }
  }

  /** Few of many: a sparse vector. */
  @Test
  void coefficientsOfManyFeaturesAreSparse() {
    Dataset<Row> wide =
        spark.createDataFrame(
            List.of(
                RowFactory.create(1.0, Vectors.sparse(3_000_000, new int[] {7}, new double[] {1})),
                RowFactory.create(
                    0.0, Vectors.sparse(3_000_000, new int[] {2_999_999}, new double[] {1}))),
            new StructType()
                .add("label", DataTypes.DoubleType)
                .add("features", SQLDataTypes.VectorType()));
    SparseVector sparse = (SparseVector) estimator("wide").fit(wide).coefficients();
    assertEquals(3_000_000, sparse.size());
    assertArrayEquals(new int[] {7, 2_999_999}, sparse.indices());
    assertTrue(sparse.values()[0] > 0 && sparse.values()[1] < 0, sparse.toString());
  }

  /** MLlib's own summary, for the rows trained on and for any others. */
  @Test
  void summariesAreMllibs() {
    LogisticRegressionModel bare =
        model.copy(ParamMap.empty()).setProbabilityCol("").setPredictionCol("");
    for (LogisticRegressionModel each : List.of(model, bare)) {
      BinaryLogisticRegressionSummary summary = each.evaluate(data).asBinary();
      double auc = new BinaryClassificationEvaluator().evaluate(model.transform(data));
      assertEquals(auc, summary.areaUnderROC(), 1e-9);
      long right = model.transform(data).filter("prediction = label").count();
      assertEquals(right / 300.0, summary.accuracy(), 1e-12);
      assertEquals(auc, each.binarySummary().areaUnderROC(), 1e-9);
      assertEquals(3, each.summary().totalIterations());
      double[] losses = each.summary().objectiveHistory();
      assertEquals(3, losses.length);
      assertTrue(losses[0] < Math.log(2) && losses[2] < losses[0], Arrays.toString(losses));
    }
    Dataset<Row> signs =
        data.selectExpr("features", "2 * label - 1 as `the.sign`", "1 + label as rows");
    LogisticRegressionModel weighted =
        estimator("signs").setLabelCol("the.sign").setWeightCol("rows").fit(signs);
    assertEquals("rows", weighted.getWeightCol());
    double right =
        weighted
            .transform(signs)
            .selectExpr("sum(if(2 * prediction - 1 = `the.sign`, rows, 0)) / sum(rows)")
            .first()
            .getDouble(0);
    assertEquals(right, weighted.summary().accuracy(), 1e-12);

    String path = folder.resolve("loaded").toUri().toString();
    assertDoesNotThrow(() -> model.write().save(path));
    LogisticRegressionModel loaded = LogisticRegressionModel.load(path);
    assertFalse(loaded.hasSummary());
    assertMessage("use evaluate(rows)", loaded::summary);
    assertEquals(loaded.coefficients(), model.coefficients());
    LogisticRegressionModel again = estimator("once").fit(data);
    assertEquals(0, again.summary().totalIterations());
  }

  private static double margin(LogisticRegressionModel model, double[] row) {
    return model.predictRaw(Vectors.dense(row)).apply(1);
  }

  private static void assertMessage(String part, org.junit.jupiter.api.function.Executable call) {
    Throwable thrown = assertThrows(Throwable.class, call);
    StringBuilder all = new StringBuilder();
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      all.append(t.getMessage()).append('\n');
    }
    assertTrue(all.toString().contains(part), all.toString());
  }
}
