package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.spark.LocalSession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.GeneralizedLinearRegression;
import org.apache.spark.ml.regression.GeneralizedLinearRegressionModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each estimator beside MLlib's of the same name, on the same rows at the same settings: after
 * enough passes both are at the same place, or predict alike where the place is not the only one.
 */
@Tag("long")
class EstimatorsAgainstMllibTest {
  private static final int FEATURES = 5;
  private static final int ROWS = 600;

  @TempDir static Path folder = Path.of("");

  private static final SparkSession SPARK = LocalSession.start();
  private static final Dataset<Row> DATA = data().cache();

  @AfterAll
  static void stop() {
    SPARK.stop();
  }

  /** Five numbers of several sizes, weights, and labels of each kind. */
  private static Dataset<Row> data() {
    Random random = new Random(11);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      double[] z = random.doubles(FEATURES, -1, 1).toArray();
      double margin = 0.5 + z[0] - 0.7 * z[1] + 0.4 * z[2];
      double pairs = margin + 2 * z[0] * z[3] - 1.5 * z[1] * z[4];
      double[] gumbel = random.doubles(3).map(u -> -Math.log(-Math.log(u))).toArray();
      double[] classes = {margin, -z[3], z[4] - z[0]};
      int most = 0;
      for (int k = 1; k < 3; k++) {
        most = classes[k] + gumbel[k] > classes[most] + gumbel[most] ? k : most;
      }
      rows.add(
          RowFactory.create(
              Vectors.dense(z[0], 10 * z[1] + 5, z[2] / 10, z[3] - 2, z[4]),
              Vectors.dense(z),
              1.0 + i % 3,
              margin + random.nextGaussian() / 4,
              (double) Math.round(Math.exp(margin / 2) + random.nextDouble() - 0.5),
              margin - 0.5 + random.nextGaussian() / 2 > 0 ? 1.0 : 0.0,
              (double) most,
              pairs + random.nextGaussian() / 10,
              pairs - 0.5 + random.nextGaussian() / 4 > 0 ? 1.0 : 0.0));
    }
    StructType schema =
        new StructType()
            .add("features", SQLDataTypes.VectorType())
            .add("plain", SQLDataTypes.VectorType());
    for (String name : List.of("weight", "number", "count", "two", "three", "pairs", "paired")) {
      schema = schema.add(name, DataTypes.DoubleType);
    }
    return SPARK.createDataFrame(rows, schema);
  }

  private static <E extends CairnEstimator<E, M>, M extends CairnModel<M>> E set(
      E estimator, String label, int passes) {
    estimator.setLabelCol(label);
    return estimator
        .setPartitions(2)
        .setBatchRows(60)
        .setMaxIter(passes)
        .setLearningRate(0.3)
        .setLearningRateSchedule("cosine decay_steps=" + passes * ROWS / 60)
        .setCheckpointDir(folder.resolve("fits").toUri().toString());
  }

  private static void assertNear(Vector expected, Vector found, double tolerance) {
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < expected.size(); i++) {
      double size = Math.max(1, Math.abs(expected.apply(i)));
      assertEquals(expected.apply(i), found.apply(i), tolerance * size, expected + " " + found);
    }
  }

  @Test
  void linearRegression() {
    org.apache.spark.ml.regression.LinearRegressionModel theirs =
        new org.apache.spark.ml.regression.LinearRegression()
            .setLabelCol("number")
            .setWeightCol("weight")
            .setRegParam(0.01)
            .setElasticNetParam(0.3)
            .fit(DATA);
    LinearRegressionModel ours =
        set(new LinearRegression(), "number", 80)
            .setWeightCol("weight")
            .setRegParam(0.01)
            .setElasticNetParam(0.3)
            .fit(DATA);
    assertNear(theirs.coefficients(), ours.coefficients(), 0.02);
    assertEquals(theirs.intercept(), ours.intercept(), 0.02);
    assertEquals(theirs.summary().r2(), ours.summary().r2(), 1e-3);
  }

  /** Counts: MLlib has them in its generalized linear models. */
  @Test
  void poissonRegression() {
    GeneralizedLinearRegressionModel theirs =
        new GeneralizedLinearRegression().setFamily("poisson").setLabelCol("count").fit(DATA);
    LinearRegressionModel ours =
        set(new LinearRegression().setLoss("poisson"), "count", 80).fit(DATA);
    assertNear(theirs.coefficients(), ours.coefficients(), 0.02);
    assertEquals(theirs.intercept(), ours.intercept(), 0.02);
    RegressionEvaluator error = new RegressionEvaluator().setLabelCol("count");
    assertEquals(
        error.evaluate(theirs.transform(DATA)), error.evaluate(ours.transform(DATA)), 1e-3);
  }

  /** Counts over exposures: what is added to the margin is not trained, in either. */
  @Test
  void poissonRegressionWithOffsets() {
    Dataset<Row> exposed = DATA.withColumn("exposure", functions.expr("ln(weight) - 0.5"));
    GeneralizedLinearRegressionModel theirs =
        new GeneralizedLinearRegression()
            .setFamily("poisson")
            .setLabelCol("count")
            .setOffsetCol("exposure")
            .fit(exposed);
    LinearRegressionModel ours =
        set(new LinearRegression().setLoss("poisson"), "count", 80)
            .setOffsetCol("exposure")
            .fit(exposed);
    assertNear(theirs.coefficients(), ours.coefficients(), 0.02);
    assertEquals(theirs.intercept(), ours.intercept(), 0.02);
    RegressionEvaluator error = new RegressionEvaluator().setLabelCol("count");
    double found = error.evaluate(ours.transform(exposed));
    assertEquals(error.evaluate(theirs.transform(exposed)), found, 1e-3);
    double without = error.evaluate(ours.copy(ParamMap.empty()).setOffsetCol("").transform(DATA));
    assertTrue(Math.abs(without - found) > 0.05, "it is added: " + without + ", " + found);
    assertEquals(found, rmse(ours, exposed), 1e-9);
  }

  /** The error by MLlib's own summary. */
  private static double rmse(LinearRegressionModel model, Dataset<Row> rows) {
    return model.evaluate(rows).rootMeanSquaredError();
  }

  /**
   * An outlier does not count for much, where errors are as large as epsilon, MLlib's scale aside.
   */
  @Test
  void huberResistsOutliers() {
    Dataset<Row> spoiled =
        DATA.withColumn("spoiled", functions.expr("if(count > 2, number + 40, number)"));
    LinearRegressionModel huber =
        set(new LinearRegression().setLoss("huber").setEpsilon(0.5), "spoiled", 80).fit(spoiled);
    org.apache.spark.ml.regression.LinearRegressionModel theirs =
        new org.apache.spark.ml.regression.LinearRegression()
            .setLoss("huber")
            .setLabelCol("spoiled")
            .fit(spoiled);
    RegressionEvaluator error = new RegressionEvaluator().setLabelCol("number");
    double ours = error.evaluate(huber.transform(DATA));
    double mllib = error.evaluate(theirs.transform(DATA));
    double squared =
        error.evaluate(set(new LinearRegression(), "spoiled", 80).fit(spoiled).transform(DATA));
    assertTrue(ours < squared / 2, ours + " of " + squared);
    assertTrue(ours < mllib + 0.05, ours + ", MLlib " + mllib);
  }

  @Test
  void linearSvc() {
    org.apache.spark.ml.classification.LinearSVCModel theirs =
        new org.apache.spark.ml.classification.LinearSVC()
            .setLabelCol("two")
            .setRegParam(0.05)
            .setMaxIter(200)
            .fit(DATA);
    LinearSVCModel ours = set(new LinearSVC(), "two", 120).setRegParam(0.05).fit(DATA);
    assertNear(theirs.coefficients(), ours.coefficients(), 0.06);
    assertEquals(theirs.intercept(), ours.intercept(), 0.06);
    BinaryClassificationEvaluator area = new BinaryClassificationEvaluator().setLabelCol("two");
    assertEquals(area.evaluate(theirs.transform(DATA)), area.evaluate(ours.transform(DATA)), 2e-3);
    // The threshold is for the raw prediction.
    LinearSVCModel never = ours.copy(ParamMap.empty()).setThreshold(1e9);
    assertEquals(0, never.transform(DATA).filter("prediction > 0").count());
  }

  @Test
  void multinomialLogisticRegression() {
    org.apache.spark.ml.classification.LogisticRegressionModel theirs =
        new org.apache.spark.ml.classification.LogisticRegression()
            .setLabelCol("three")
            .setRegParam(0.01)
            .setMaxIter(200)
            .fit(DATA);
    LogisticRegressionModel ours =
        set(new LogisticRegression(), "three", 80).setRegParam(0.01).fit(DATA);
    Matrix expected = theirs.coefficientMatrix();
    Matrix found = ours.coefficientMatrix();
    assertEquals(3, found.numRows());
    assertEquals(FEATURES, found.numCols());
    for (int i = 0; i < FEATURES; i++) { // what all classes have in common says nothing
      double[] one = centred(expected, i);
      double[] other = centred(found, i);
      for (int k = 0; k < 3; k++) {
        double size = Math.max(1, Math.abs(one[k]));
        assertEquals(one[k], other[k], 0.03 * size, expected + "\n" + found);
      }
    }
    double shift = theirs.interceptVector().apply(0) - ours.interceptVector().apply(0);
    for (int k = 1; k < 3; k++) { // only their differences mean something
      assertEquals(
          theirs.interceptVector().apply(k), ours.interceptVector().apply(k) + shift, 0.03);
    }
    List<Row> probable = theirs.transform(DATA).select("probability").collectAsList();
    List<Row> scored = ours.transform(DATA).select("probability").collectAsList();
    for (int i = 0; i < ROWS; i++) {
      assertNear((Vector) probable.get(i).get(0), (Vector) scored.get(i).get(0), 0.02);
    }
    double[] thresholds = {0.2, 0.9, 0.4};
    assertEquals(
        theirs
            .copy(ParamMap.empty())
            .setThresholds(thresholds)
            .predict(Vectors.dense(0, 5, 0, -2, 0)),
        ours.copy(ParamMap.empty())
            .setThresholds(thresholds)
            .predict(Vectors.dense(0, 5, 0, -2, 0)));
  }

  private static double[] centred(Matrix matrix, int column) {
    double[] values = new double[matrix.numRows()];
    double mean = 0;
    for (int k = 0; k < values.length; k++) {
      values[k] = matrix.apply(k, column);
      mean += values[k] / values.length;
    }
    for (int k = 0; k < values.length; k++) {
      values[k] -= mean;
    }
    return values;
  }

  /** Two classes, trained as if there were more: the odds are those of the binomial model. */
  @Test
  void multinomialOfTwoClasses() {
    LogisticRegressionModel one =
        set(new LogisticRegression(), "two", 80).setRegParam(0.01).fit(DATA);
    org.apache.spark.ml.classification.LogisticRegressionModel theirs =
        new org.apache.spark.ml.classification.LogisticRegression()
            .setLabelCol("two")
            .setFamily("multinomial")
            .setRegParam(0.01)
            .fit(DATA);
    LogisticRegressionModel two =
        set(new LogisticRegression().setFamily("multinomial"), "two", 80)
            .setRegParam(0.01)
            .fit(DATA);
    assertEquals(2, two.coefficientMatrix().numRows());
    assertEquals(1, one.coefficientMatrix().numRows());
    assertNear(one.coefficients(), row(one.coefficientMatrix(), 0), 1e-15);
    assertEquals(one.intercept(), one.interceptVector().apply(0));
    for (int k = 0; k < 2; k++) {
      assertNear(row(theirs.coefficientMatrix(), k), row(two.coefficientMatrix(), k), 0.03);
    }
  }

  private static Vector row(Matrix matrix, int row) {
    double[] values = new double[matrix.numCols()];
    for (int i = 0; i < values.length; i++) {
      values[i] = matrix.apply(row, i);
    }
    return Vectors.dense(values);
  }

  @Test
  void factorizationMachineOfNumbers() {
    org.apache.spark.ml.regression.FMRegressionModel theirs =
        new org.apache.spark.ml.regression.FMRegressor()
            .setFeaturesCol("plain")
            .setLabelCol("pairs")
            .setFactorSize(4)
            .setStepSize(0.05)
            .setMaxIter(400)
            .setSeed(3)
            .fit(DATA);
    FMRegressor estimator = set(new FMRegressor().setFactorSize(4), "pairs", 80);
    FMRegressionModel ours = estimator.setFeaturesCol("plain").fit(DATA);
    RegressionEvaluator error = new RegressionEvaluator().setLabelCol("pairs");
    double mllib = error.evaluate(theirs.transform(DATA));
    double found = error.evaluate(ours.transform(DATA));
    assertTrue(found < 0.15 && found < mllib + 0.02, found + ", MLlib " + mllib);
    assertEquals(FEATURES, ours.factors().numRows());
    assertEquals(4, ours.factors().numCols());
    assertPrediction(ours.linear(), ours.factors(), ours.intercept(), ours);
  }

  /** Coefficients and factors are what rows are scored with. */
  private static void assertPrediction(
      Vector linear, Matrix factors, double intercept, FMRegressionModel model) {
    for (Row row : DATA.select("plain").limit(5).collectAsList()) {
      Vector x = (Vector) row.get(0);
      double sum = intercept;
      for (int i = 0; i < FEATURES; i++) {
        sum += linear.apply(i) * x.apply(i);
        for (int j = i + 1; j < FEATURES; j++) {
          for (int f = 0; f < factors.numCols(); f++) {
            sum += factors.apply(i, f) * factors.apply(j, f) * x.apply(i) * x.apply(j);
          }
        }
      }
      assertEquals(sum, model.predict(x), 1e-5);
    }
  }

  @Test
  void factorizationMachineOfClasses() {
    org.apache.spark.ml.classification.FMClassificationModel theirs =
        new org.apache.spark.ml.classification.FMClassifier()
            .setFeaturesCol("plain")
            .setLabelCol("paired")
            .setFactorSize(4)
            .setStepSize(0.05)
            .setMaxIter(400)
            .setSeed(3)
            .fit(DATA);
    FMClassifier estimator = set(new FMClassifier().setFactorSize(4), "paired", 80);
    FMClassificationModel ours = estimator.setFeaturesCol("plain").fit(DATA);
    BinaryClassificationEvaluator area = new BinaryClassificationEvaluator().setLabelCol("paired");
    double mllib = area.evaluate(theirs.transform(DATA));
    double found = area.evaluate(ours.transform(DATA));
    assertTrue(found > 0.95 && found > mllib - 0.01, found + ", MLlib " + mllib);
  }
}
