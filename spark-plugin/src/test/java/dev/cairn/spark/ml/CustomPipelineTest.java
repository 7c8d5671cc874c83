package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.spark.LocalSession;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.model.Kernel;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.SquaredLoss;
import dev.cairn.spark.shard.ParameterVariable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.feature.FeatureHasher;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of one's own in a pipeline that is validated, written, and read by another session. */
class CustomPipelineTest {
  private static final String KIND = "own-line";

  @TempDir Path folder;

  /** A program's own model; that Cairn has its kernel, too, does not matter. */
  private record OwnLine(String kind, int features) implements Model {
    private static final long serialVersionUID = 1;

    private LinearModel line() {
      return new LinearModel(features, true, new SquaredLoss());
    }

    @Override
    public ModelDefinition definition() {
      return new ModelDefinition(kind, new TreeMap<>(Map.of("width", "" + features)));
    }

    @Override
    public List<ParameterVariable> variables() {
      return line().variables();
    }

    @Override
    public LabelKind labels() {
      return LabelKind.NUMBER;
    }

    @Override
    public boolean centres() {
      return true;
    }

    @Override
    public Kernel kernel() {
      return line().kernel();
    }
  }

  private static Dataset<Row> rows(SparkSession spark) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      rows.add(RowFactory.create("c" + i % 5, (double) (i % 7), 3.0 * (i % 5) - i % 7));
    }
    StructType schema =
        new StructType().add("city", "string").add("x", "double").add("label", "double");
    return spark.createDataFrame(rows, schema);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private static void assertRefused(Class<? extends Exception> type, String why, Runnable load) {
    Exception e = assertThrows(type, load::run);
    assertTrue(String.valueOf(e.getMessage()).contains(why), e::getMessage);
  }

  @Test
  @Tag("long")
  void isValidatedWrittenAndReadByAnotherSession() throws Exception {
    CustomModels.register(
        KIND, LabelKind.NUMBER, (features, classes) -> new OwnLine(KIND, features));
    RegressionEvaluator evaluator = new RegressionEvaluator();
    double error;
    double[] metrics;
    try (SparkSession spark = LocalSession.start()) {
      FeatureHasher hasher =
          new FeatureHasher()
              .setInputCols(new String[] {"city", "x"})
              .setNumFeatures(64)
              .setOutputCol("features");
      CustomPredictor line =
          CustomPredictor.registered(KIND).setMaxIter(30).setBatchRows(40).setPartitions(2);
      Pipeline pipeline = new Pipeline().setStages(new PipelineStage[] {hasher, line});
      ParamMap[] grid =
          new ParamGridBuilder().addGrid(line.learningRate(), new double[] {0.001, 0.5}).build();
      CrossValidatorModel best =
          new CrossValidator()
              .setEstimator(pipeline)
              .setEstimatorParamMaps(grid)
              .setEvaluator(evaluator)
              .setNumFolds(2)
              .setSeed(1)
              .fit(rows(spark));
      metrics = best.avgMetrics();
      assertTrue(metrics[1] < 1 && metrics[0] > 3, metrics[0] + ", " + metrics[1]);
      error = evaluator.evaluate(best.transform(rows(spark)));
      best.write().overwrite().save(path("validated"));
      ((PipelineModel) best.bestModel()).write().overwrite().save(path("pipeline"));
      pipeline.write().overwrite().save(path("estimator"));
    }
    try (SparkSession spark = LocalSession.start()) {
      CrossValidatorModel read = CrossValidatorModel.load(path("validated"));
      assertArrayEquals(metrics, read.avgMetrics());
      assertEquals(error, evaluator.evaluate(read.transform(rows(spark))));
      PipelineModel pipeline = PipelineModel.load(path("pipeline"));
      assertEquals(error, evaluator.evaluate(pipeline.transform(rows(spark))));
      Pipeline again = Pipeline.load(path("estimator"));
      CustomPredictor line = (CustomPredictor) again.getStages()[1];
      assertEquals(30, line.getMaxIter());
      assertEquals(rows(spark).count(), again.fit(rows(spark)).transform(rows(spark)).count());
    }
  }

  @Test
  void whatIsNotRegisteredIsRefusedByItsKind() throws Exception {
    try (SparkSession spark = LocalSession.start()) {
      Dataset<Row> rows =
          new FeatureHasher()
              .setInputCols(new String[] {"city"})
              .setNumFeatures(16)
              .setOutputCol("features")
              .transform(rows(spark));
      CustomPredictor other =
          new CustomPredictor(
                  LabelKind.NUMBER, (features, classes) -> new OwnLine("other-line", features))
              .setPartitions(2);
      other.write().overwrite().save(path("estimator"));
      CustomPredictionModel model = other.fit(rows);
      model.write().overwrite().save(path("model"));
      assertRefused(
          IllegalArgumentException.class,
          "found other-line; call CustomModels.register before",
          () -> CustomPredictionModel.load(path("model")));
      assertRefused(
          IllegalArgumentException.class,
          "found none; call CustomModels.register before",
          () -> CustomPredictor.load(path("estimator")));
      assertRefused(
          IllegalArgumentException.class,
          "Cannot make an estimator: expected a kind of model that this program has registered,"
              + " found other-line",
          () -> CustomPredictor.registered("other-line"));
      assertEquals(
          16,
          CustomPredictionModel.load(path("model"), new OwnLine("other-line", 16)).numFeatures());

      // Registered as another one than was trained.
      CustomModels.register(
          "other-line", LabelKind.NUMBER, (features, classes) -> new OwnLine("other-line", 5));
      assertRefused(
          TrainingFailedException.class,
          "Cannot load a model: expected ",
          () -> CustomPredictionModel.load(path("model")));
      CustomModels.register(
          "third-line", LabelKind.NUMBER, (features, classes) -> new OwnLine("line", features));
      assertRefused(
          IllegalArgumentException.class,
          "Cannot train line: expected the kind that its factory is registered for, third-line",
          () -> CustomPredictor.registered("third-line").setPartitions(2).fit(rows));
    }
    for (String own : List.of("logistic", "softmax", "huber", "fm-squared", " ")) {
      assertRefused(
          IllegalArgumentException.class,
          "expected a kind that Cairn does not have",
          () ->
              CustomModels.register(
                  own, LabelKind.NUMBER, (features, classes) -> new OwnLine(own, features)));
    }
  }
}
