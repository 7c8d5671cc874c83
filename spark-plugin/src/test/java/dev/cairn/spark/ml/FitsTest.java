package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.listener.TrainingListener;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.ml.tuning.TrainValidationSplit;
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
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many fits in one program: each gives the model of its own settings and data, wherever Spark ML
 * puts the estimator, and bad rows are named before anything is trained.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FitsTest {
  @TempDir static Path folder;

  private LocalCluster cluster;
  private SparkSession spark;
  private Dataset<Row> data;

  @BeforeAll
  void start() {
    cluster = LocalCluster.start(2, Map.of("spark.sql.shuffle.partitions", "2"));
    spark = SparkSession.builder().sparkContext(cluster.spark().sc()).getOrCreate();
    Random random = new Random(9);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      double x = random.nextGaussian();
      double y = random.nextGaussian();
      rows.add(
          RowFactory.create(
              random.nextDouble() < 1 / (1 + Math.exp(y - 2 * x)) ? 1.0 : 0.0,
              x,
              y,
              Vectors.dense(x, y)));
    }
    data =
        spark
            .createDataFrame(
                rows,
                new StructType()
                    .add("label", DataTypes.DoubleType)
                    .add("x", DataTypes.DoubleType)
                    .add("y", DataTypes.DoubleType)
                    .add("features", SQLDataTypes.VectorType()))
            .cache();
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  private static LogisticRegression estimator(String name) {
    return new LogisticRegression()
        .setCheckpointDir(folder.resolve(name).toUri().toString())
        .setPartitions(2)
        .setBatchRows(16);
  }

  private static Path path(LogisticRegressionModel model) {
    return Path.of(URI.create(model.checkpoint()));
  }

  private static String bits(LogisticRegressionModel model) {
    return model.predictRaw(Vectors.dense(1, 0)) + " " + model.predictRaw(Vectors.dense(0, 1));
  }

  @Test
  @Tag("long")
  void crossValidatorOverAPipelineScoresEachSettingAndFold() {
    LogisticRegression estimator = estimator("cv");
    Pipeline pipeline =
        new Pipeline()
            .setStages(
                new PipelineStage[] {
                  new VectorAssembler().setInputCols(new String[] {"x", "y"}).setOutputCol("v"),
                  estimator.setFeaturesCol("v")
                });
    CrossValidatorModel model =
        new CrossValidator()
            .setEstimator(pipeline)
            .setEvaluator(new BinaryClassificationEvaluator())
            .setNumFolds(2)
            .setEstimatorParamMaps(
                new ParamGridBuilder()
                    .addGrid(estimator.learningRate(), new double[] {0.001, 0.3})
                    .addGrid(estimator.maxIter(), new int[] {3, 1})
                    .build())
            .fit(data);
    assertEquals(4, model.avgMetrics().length);
    assertEquals(
        9, folder.resolve("cv").toFile().list().length, "2 folds of 4 settings, and the best");
    assertTrue(model.avgMetrics()[0] != model.avgMetrics()[2], "both learning rates alike");
    assertTrue(new BinaryClassificationEvaluator().evaluate(model.transform(data)) > 0.8);
  }

  @Test
  @Tag("long")
  void trainValidationSplitAndParamMapsWork() {
    LogisticRegression estimator = estimator("tvs");
    ParamMap[] grid =
        new ParamGridBuilder().addGrid(estimator.regParam(), new double[] {0, 10}).build();
    double[] metrics =
        new TrainValidationSplit()
            .setEstimator(estimator)
            .setEvaluator(new BinaryClassificationEvaluator())
            .setEstimatorParamMaps(grid)
            .fit(data)
            .validationMetrics();
    assertEquals(2, metrics.length);
    assertNotEquals(bits(estimator.fit(data, grid[0])), bits(estimator.fit(data, grid[1])));
  }

  /** Fewer passes after more give the model of fewer passes; new data gives a new model. */
  @Test
  void aFitGivesTheModelOfItsOwnSettingsAndData() {
    LogisticRegression estimator = estimator("own");
    LogisticRegressionModel one = estimator("alone").setMaxIter(1).fit(data);
    LogisticRegressionModel four = estimator.setMaxIter(4).fit(data);
    LogisticRegressionModel again = estimator.setMaxIter(1).fit(data);
    assertEquals(bits(one), bits(again));
    assertNotEquals(bits(one), bits(four));
    LogisticRegressionModel other = estimator.fit(data.limit(100));
    assertNotEquals(bits(one), bits(other));
    assertEquals(bits(four), bits(estimator.setMaxIter(4).fit(data)));
    assertEquals(bits(four), bits(four), "what later fits did changes no earlier model");
  }

  /** Also in a program that is run again, where uids that nobody gave are other ones. */
  @Test
  @Tag("long")
  void theSameFitAgainGoesOnFromWhatItSaved() {
    List<String> from = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void started(String checkpoint, Progress progress) {
            from.add(checkpoint);
          }
        };
    LogisticRegressionModel first = estimator("again").setListener(listener).fit(data);
    LogisticRegressionModel second = estimator("again").setListener(listener).fit(data);
    LogisticRegressionModel anew =
        estimator("again").setResume(false).setListener(listener).fit(data);
    assertEquals(List.of("", first.checkpoint(), ""), from);
    assertEquals(first.checkpoint(), second.checkpoint());
    assertNotEquals(first.checkpoint(), anew.checkpoint());
    assertEquals(bits(first), bits(anew));
  }

  @Test
  void withoutAFolderTheModelLivesAsLongAsTheApplication() {
    LogisticRegressionModel model = new LogisticRegression().setPartitions(2).fit(data);
    assertTrue(Files.exists(path(model)), model.checkpoint());
    assertTrue(model.checkpoint().contains(spark.sparkContext().applicationId()));
  }

  @Test
  void columnsMayHaveAnyName() {
    for (String name : List.of("a.b", "with `tick`", "größe", "select", "a b")) {
      Dataset<Row> named =
          data.withColumnRenamed("features", name).withColumnRenamed("label", "l." + name);
      LogisticRegressionModel model =
          estimator("names")
              .setFeaturesCol(name)
              .setLabelCol("l." + name)
              .setRawPredictionCol("raw." + name)
              .setProbabilityCol("p." + name)
              .setPredictionCol("out." + name)
              .fit(named);
      Dataset<Row> scored = model.transform(named);
      assertEquals(200, scored.filter("`out." + name.replace("`", "``") + "` in (0, 1)").count());
      assertEquals(7, scored.columns().length);
    }
    assertMessage("Cannot find column nope", () -> estimator("n").setFeaturesCol("nope").fit(data));
  }

  @Test
  void badRowsAreNamedByColumnAndValue() {
    assertMessage(
        "column features, expected vectors of one size, found one of 3 features and one of 2",
        () ->
            estimator("sizes")
                .fit(
                    data.select("label", "features")
                        .union(row(1.0, Vectors.dense(0, 1, 0)))
                        .coalesce(1)));
    assertBad("column label, expected 0 or 1 (or -1 or 1), found 2.0", 2.0, Vectors.dense(1, 2));
    assertBad(
        "column label, expected 0 or 1 (or -1 or 1), found NaN", Double.NaN, Vectors.dense(1, 2));
    assertBad("column label, expected 0 or 1 (or -1 or 1), found null", null, Vectors.dense(1, 2));
    assertBad("column features, expected a vector, found null", 1.0, null);
    assertBad(
        "column features, feature 1, expected a finite number within float32, found NaN",
        1.0,
        Vectors.dense(1, Double.NaN));
    assertBad(
        "column features, feature 0, expected a finite number within float32, found 1.0E39",
        1.0,
        Vectors.sparse(2, new int[] {0}, new double[] {1e39}));
    assertBad("found 1 rows of -1", -1.0, Vectors.dense(1, 2));
    assertFalse(Files.exists(folder.resolve("bad")), "a folder though nothing was trained");
    LogisticRegressionModel signs =
        estimator("signs").fit(data.selectExpr("label * 2 - 1 as label", "features"));
    assertEquals(bits(estimator("bits").fit(data)), bits(signs));
  }

  private void assertBad(String part, Double label, org.apache.spark.ml.linalg.Vector vector) {
    IllegalArgumentException thrown =
        assertThrows(
            IllegalArgumentException.class,
            // Of any family a label of 2 would be a class, as in MLlib.
            () ->
                estimator("bad")
                    .setFamily("binomial")
                    .fit(data.select("label", "features").union(row(label, vector))));
    assertTrue(thrown.getMessage().contains(part), thrown.getMessage());
  }

  private Dataset<Row> row(Double label, org.apache.spark.ml.linalg.Vector vector) {
    return spark.createDataFrame(
        List.of(RowFactory.create(label, vector)), data.select("label", "features").schema());
  }

  private static void assertMessage(String part, org.junit.jupiter.api.function.Executable call) {
    IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, call);
    assertTrue(thrown.getMessage().contains(part), thrown.getMessage());
  }
}
