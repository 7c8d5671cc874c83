package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.spark.LocalSession;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.data.RowChunk;
import dev.cairn.spark.data.RowRouter;
import dev.cairn.spark.data.TrainingData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Input that no estimator can train on is refused by one message that says what and where. */
class EstimatorsBadInputTest {
  @TempDir static Path folder = Path.of("");

  private static final SparkSession SPARK = LocalSession.start();

  @AfterAll
  static void stop() {
    SPARK.stop();
  }

  /** Forty rows of labels 0 to {@code classes - 1}, and one of a label of its own. */
  private static Dataset<Row> labels(int classes, double own) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      rows.add(RowFactory.create(Vectors.dense(1 + i % classes, i % 3), (double) (i % classes)));
    }
    rows.add(RowFactory.create(Vectors.dense(1, 2), own));
    return SPARK.createDataFrame(
        rows,
        new StructType()
            .add("features", SQLDataTypes.VectorType())
            .add("label", DataTypes.DoubleType));
  }

  private static <E extends CairnEstimator<E, M>, M extends CairnModel<M>> E set(E estimator) {
    return estimator
        .setPartitions(2)
        .setBatchRows(8)
        .setCheckpointDir(folder.resolve("fits").toUri().toString());
  }

  private static void assertRefused(
      CairnEstimator<?, ?> estimator, Dataset<Row> rows, String... words) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> estimator.fit(rows));
    for (String word : words) {
      assertTrue(String.valueOf(e.getMessage()).contains(word), e.getMessage());
    }
  }

  private static Dataset<Row> said(Dataset<Row> rows, int classes) {
    Metadata metadata =
        NominalAttribute.defaultAttr().withName("label").withNumValues(classes).toMetadata();
    return rows.withColumn("label", functions.col("label").as("label", metadata));
  }

  @Test
  void labelsThatAreNoClasses() {
    LogisticRegression any = set(new LogisticRegression());
    for (double label : new double[] {1.5, -2, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertRefused(any, labels(3, label), "column label", "number of a class", "found " + label);
    }
    assertRefused(any, labels(3, -1), "from 0 to 2", "1 rows of -1");
    assertRefused(any, labels(3, 1000), "below 100", "found 1000", "StringIndexer");
    assertRefused(
        any, said(labels(3, 3), 3), "column label", "one of 3 classes, 0 to 2", "found 3.0");
    assertRefused(any, said(labels(2, 2), 2), "expected 0 or 1", "found 2.0");
    assertRefused(any.setFamily("binomial"), said(labels(3, 0), 3), "found 3 in its metadata");
    assertRefused(any.setFamily("multinomial"), labels(2, -1), "number of a class", "found -1.0");
  }

  @Test
  void twoClassesAlone() {
    for (CairnEstimator<?, ?> each : List.of(set(new LinearSVC()), set(new FMClassifier()))) {
      assertRefused(each, labels(2, 2), "column label", "expected 0 or 1", "found 2.0");
      assertRefused(each, said(labels(3, 0), 3), "expected 2 values", "found 3", "OneVsRest");
      assertRefused(each, labels(2, -1), "labels 0 and 1, or -1 and 1");
    }
  }

  @Test
  void heldOutLabelsOfOtherClasses() {
    Dataset<Row> rows = labels(3, 7).withColumn("held", functions.expr("label = 7"));
    assertRefused(
        set(new LogisticRegression()).setValidationIndicatorCol("held"),
        rows,
        "one of 3 classes, 0 to 2",
        "found 7.0");
  }

  /** A program that trains a model without an estimator gets the messages, too. */
  @Test
  void aModelHasTooFewClassesOrNoOffsets() {
    JavaPairRDD<Integer, RowChunk> routed =
        JavaPairRDD.fromJavaRDD(
            new JavaSparkContext(SPARK.sparkContext())
                .parallelize(List.of(0.0, 1.0, 2.0, 4.0), 1)
                .mapPartitions(
                    labels ->
                        new RowRouter(
                            LabelKind.CLASS,
                            2,
                            1,
                            router -> {
                              if (!labels.hasNext()) {
                                return false;
                              }
                              double label = labels.next();
                              double offset = label == 4 ? 0.5 : 0;
                              router.add(label, 1, offset, new int[] {0}, new double[] {1}, 1);
                              return true;
                            })));
    try (TrainingData data =
        TrainingData.pack(
            routed, new TrainingData.Packing(2, 1, 4, 1, 1, LabelKind.CLASS, false, false))) {
      assertEquals(5, data.classes());
      data.requireClasses(5);
      data.requireClasses(0);
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> data.requireClasses(3));
      assertTrue(String.valueOf(e.getMessage()).contains("0 to 2, found label 4"), e.getMessage());
      e = assertThrows(IllegalArgumentException.class, () -> data.refuseOffsets("softmax"));
      assertTrue(
          String.valueOf(e.getMessage()).contains("Cannot train softmax")
              && String.valueOf(e.getMessage()).contains("found 1 of 4 with one"),
          e.getMessage());
    }
  }

  /** A class that no row has gets an intercept and little probability, as in MLlib. */
  @Test
  void aClassThatNeverOccursIsAllowed() {
    Dataset<Row> rows = said(labels(3, 0), 4);
    LogisticRegressionModel model = set(new LogisticRegression()).setMaxIter(30).fit(rows);
    assertEquals(4, model.numClasses());
    for (Row row : model.transform(rows).select("probability").collectAsList()) {
      assertTrue(((Vector) row.get(0)).apply(3) < 0.1, row.toString());
    }
  }

  @Test
  void numbersThatAreNone() {
    for (CairnEstimator<?, ?> each : List.of(set(new LinearRegression()), set(new FMRegressor()))) {
      assertRefused(each, labels(3, Double.NaN), "column label", "finite number", "found NaN");
      assertRefused(each, labels(3, 1e300), "column label", "within float32", "found 1.0E300");
    }
    assertRefused(
        set(new LinearRegression().setLoss("poisson")),
        labels(3, -0.5),
        "column label",
        "a number of 0 or more",
        "found -0.5");
  }

  @Test
  void columnsOfOtherTypes() {
    Dataset<Row> texts = labels(2, 0).withColumn("label", functions.expr("string(label)"));
    Dataset<Row> weighted = labels(2, 0).withColumn("w", functions.expr("-label"));
    Dataset<Row> unknown = labels(2, 0).withColumn("w", functions.expr("double('NaN')"));
    for (Estimators each : Estimators.values()) {
      assertRefused(each.make(), texts, "column label", "found string", "StringIndexer");
      CairnEstimator<?, ?> estimator = each.make();
      estimator.setWeightCol("w");
      estimator.setPartitions(2);
      assertRefused(estimator, weighted, "column w", "found -1.0");
      assertRefused(estimator, unknown, "column w", "found NaN");
    }
  }

  private static void assertRefused(Executable act, String words) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, act);
    assertTrue(String.valueOf(e.getMessage()).contains(words), e::getMessage);
  }

  /** A fit without passes gives the model as it begins, as with MLlib's estimators. */
  @Test
  void noPassAtAllGivesTheModelAsItBegins() {
    LogisticRegressionModel model = set(new LogisticRegression()).setMaxIter(0).fit(labels(2, 1));
    assertEquals(0, model.coefficients().numNonzeros());
    assertEquals(0, model.intercept());
  }

  @Test
  void parametersOutOfRange() {
    assertRefused(
        () -> new FMClassifier().setFactorSize(0),
        "Cannot use factorSize: expected a whole number from 1 to 65536, found 0");
    assertRefused(() -> new FMRegressor().setInitStd(0), "initStd: expected a number above 0");
    assertRefused(() -> new LinearRegression().setEpsilon(0), "epsilon: expected a number above");
    assertRefused(
        () -> new LinearRegression().setLoss("absolute"),
        "Cannot use loss: expected squaredError, huber or poisson, found absolute");
    assertRefused(() -> new LinearSVC().setLoss("logistic"), "expected hinge or squaredHinge");
    assertRefused(
        () -> new LogisticRegression().setFamily("ordinal"), "expected auto, binomial or");
    assertRefused(
        () -> new LogisticRegression().setCheckpointInFlight("hope"), "expected wait or skip");
    assertRefused(() -> new LinearSVC().setThreshold(Double.NaN), "threshold: expected a number");
    assertEquals("MULTINOMIAL", new LogisticRegression().setFamily("MULTINOMIAL").getFamily());
    assertRefused(
        set(new LogisticRegression()).setThresholds(new double[] {0.5, 0.5}),
        labels(3, 0),
        "expected 3 numbers",
        "found [0.5, 0.5]");
  }
}
