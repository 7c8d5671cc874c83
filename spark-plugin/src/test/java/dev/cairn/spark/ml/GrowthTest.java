package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.FeatureGrowth;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.LocalSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fit begins with a model of fewer features: a smaller hash space, fewer columns. */
class GrowthTest {
  /** Few enough for features to share places, the number's with texts, too. */
  private static final int SMALL = 1 << 4;

  private static final int LARGE = 1 << 7;

  @TempDir Path folder;

  private static Dataset<Row> rows(SparkSession spark) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      String from = "from" + i % 23;
      String to = "to" + i * 7 % 11;
      double label = (i % 23 + i * 7 % 11) % 3;
      rows.add(RowFactory.create(from, to, 100.0 + i % 50 * 3, label, label > 0 ? 1.0 : 0.0));
    }
    return spark.createDataFrame(
        rows,
        new StructType()
            .add("from", "string")
            .add("to", "string")
            .add("distance", "double")
            .add("class", "double")
            .add("label", "double"));
  }

  private static FeatureEncoder encoder(int size) {
    return new FeatureEncoder()
        .setCategoricalCols("from")
        .setNumericCols("distance")
        .setNumFeatures(size);
  }

  private <E extends CairnEstimator<E, M>, M extends CairnModel<M>> E set(E estimator, String run) {
    return estimator
        .setPartitions(3)
        .setBatchRows(200)
        .setLearningRate(0.1)
        .setOptimizer("adagrad")
        .setRunDir(folder.resolve(run).toUri().toString());
  }

  private static SortedMap<String, float[]> bits(String checkpoint) throws Exception {
    SortedMap<String, float[]> found = new TreeMap<>();
    TrainedBits.variables(checkpoint)
        .forEach(
            (key, bytes) -> {
              if (key.startsWith("model/")) {
                float[] numbers = new float[bytes.length / Float.BYTES];
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(numbers);
                found.put(key, numbers);
              }
            });
    return found;
  }

  private static double[] margins(CairnModel<?> model, Dataset<Row> rows, FeatureEncoder encoder) {
    return model
        .transform(encoder.setOutputCol("features").transform(rows))
        .collectAsList()
        .stream()
        .mapToDouble(
            row ->
                model instanceof LinearRegressionModel || model instanceof FMRegressionModel
                    ? row.<Double>getAs("prediction")
                    : row.<Vector>getAs("rawPrediction").apply(1))
        .toArray();
  }

  /** Trains, grows without a step, and grows with steps. */
  private <E extends CairnEstimator<E, M>, M extends CairnModel<M>> void assertGrows(
      String name, E estimator, Dataset<Row> rows, boolean state) throws Exception {
    Dataset<Row> small = encoder(SMALL).setOutputCol("features").transform(rows);
    FeatureEncoder wider = encoder(LARGE).setCategoricalCols("from", "to").setCrosses("from*to");
    Dataset<Row> large = wider.setOutputCol("features").transform(rows);
    M first = set(estimator, name + "-first").setMaxIter(2).fit(small);
    E growing =
        set(estimator, name + "-grown")
            .setInitialModel(first.checkpoint())
            .setInitialOptimizerState(state)
            .setInitialGrowth(true);
    M grown = growing.setMaxIter(0).fit(large);

    SortedMap<String, float[]> before = bits(first.checkpoint());
    SortedMap<String, float[]> after = bits(grown.checkpoint());
    assertEquals(before.keySet(), after.keySet());
    for (Map.Entry<String, float[]> one : before.entrySet()) {
      float[] old = one.getValue();
      float[] now = after.get(one.getKey());
      boolean slot = one.getKey().contains("OPTIMIZER_SLOT");
      if (slot && !state) {
        assertEquals(0.1f, now[0], one.getKey());
      } else if (now.length > old.length) {
        assertEquals(LARGE / SMALL, now.length / old.length, one.getKey());
        for (int i = 0; i < now.length; i += old.length) {
          assertArrayEquals(old, Arrays.copyOfRange(now, i, i + old.length), one.getKey());
        }
      } else {
        assertArrayEquals(old, now, one.getKey());
      }
    }
    double[] expected = margins(first, rows, encoder(SMALL));
    // Of the new columns there is nothing in these rows.
    double[] found =
        margins(
            grown,
            rows.withColumn("to", org.apache.spark.sql.functions.lit(null).cast("string")),
            wider);
    List<Row> vectors = small.select("features").collectAsList();
    for (int i = 0; i < expected.length; i++) {
      // Two features in one place are no pair to a machine; apart they are one.
      boolean apart = vectors.get(i).<Vector>getAs(0).numActives() == 2;
      if (apart || !name.equals("fm")) {
        assertEquals(expected[i], found[i], 1e-6, name + ", row " + i);
      }
    }

    M trained = growing.setMaxIter(1).fit(large);
    long step = state ? 6 : 2;
    assertTrue(trained.checkpoint().endsWith("ckpt-" + step), trained.checkpoint());
    assertArrayEquals(expected, margins(first, rows, encoder(SMALL)), "the old one is as it was");
  }

  private void everyKind(SparkSession spark, boolean state) throws Exception {
    Dataset<Row> rows = rows(spark);
    assertGrows("logistic", new LogisticRegression(), rows, state);
    assertGrows("linear", new LinearRegression(), rows, state);
    assertGrows("fm", new FMClassifier().setFactorSize(3), rows, state);
    assertGrows(
        "softmax",
        new LogisticRegression().setFamily("multinomial"),
        rows.drop("label").withColumnRenamed("class", "label"),
        state);
  }

  @Test
  void featuresKeepTheirWeightsInOneProcess() throws Exception {
    SparkSession spark = LocalSession.start();
    try {
      everyKind(spark, true);
      Dataset<Row> rows = rows(spark);
      refusals(rows);
      assertNumbersAreAdded(rows);
    } finally {
      spark.stop();
    }
  }

  private void refusals(Dataset<Row> rows) {
    LogisticRegression estimator =
        set(new LogisticRegression(), "refused")
            .setMaxIter(1)
            .setInitialModel(folder.resolve("logistic-first").toUri().toString());
    assertRefused(estimator, rows, encoder(LARGE), "model.features: expected 128, found 16");
    assertRefused(estimator, rows, encoder(LARGE), "more features are let in by");
    estimator.setInitialGrowth(true);
    assertRefused(estimator, rows, encoder(SMALL * 3 / 2), "expected one of 16, found 24");
    assertRefused(
        estimator,
        rows,
        encoder(LARGE).setCategoricalCols("to"),
        "categorical column of the old features: expected from, found none");
    assertRefused(
        estimator,
        rows,
        encoder(LARGE).setNumericCols("distance", "class"),
        "numeric column class: expected a place without a weight, found weights of");
    assertRefused(
        estimator.setFamily("multinomial"),
        rows,
        encoder(LARGE),
        "expected softmax, found logistic");
  }

  /** In a space with free places a new number begins at 0, and is scaled by the new data. */
  private void assertNumbersAreAdded(Dataset<Row> rows) throws Exception {
    Dataset<Row> small = encoder(1 << 10).setOutputCol("features").transform(rows);
    FeatureEncoder wider = encoder(1 << 11).setNumericCols("distance", "class");
    Dataset<Row> large = wider.setOutputCol("features").transform(rows);
    LogisticRegressionModel first =
        set(new LogisticRegression(), "numbers").setMaxIter(2).fit(small);
    LogisticRegression growing =
        set(new LogisticRegression(), "more-numbers")
            .setInitialModel(first.checkpoint())
            .setInitialGrowth(true);
    LogisticRegressionModel grown = growing.setMaxIter(0).fit(large);
    assertArrayEquals(margins(first, rows, encoder(1 << 10)), margins(grown, rows, wider), 1e-6);
    String one = "model/weights/.ATTRIBUTES/VARIABLE_VALUE";
    LogisticRegressionModel trained = growing.setMaxIter(1).fit(large);
    FeatureScales scales = scales(trained.checkpoint());
    int place =
        new FeatureGrowth(encoder(1 << 10).definition(), wider.definition())
            .newNumeric()
            .get("class");
    assertEquals(0.82, scales.scale(place), 0.02, "of 0, 1 and 2");
    assertEquals(0, bits(grown.checkpoint()).get(one)[place]);
    assertNotEquals(0, bits(trained.checkpoint()).get(one)[place]);
  }

  private static FeatureScales scales(String checkpoint) throws Exception {
    try (CheckpointReader reader = CheckpointReader.open(checkpoint, FolderOptions.defaults())) {
      return reader.manifest().orElseThrow().training().orElseThrow().scales();
    }
  }

  private static void assertRefused(
      LogisticRegression estimator, Dataset<Row> rows, FeatureEncoder encoder, String why) {
    TrainingFailedException e =
        assertThrows(
            TrainingFailedException.class,
            () -> estimator.fit(encoder.setOutputCol("features").transform(rows)));
    assertTrue(String.valueOf(e.getMessage()).contains(why), e::getMessage);
  }

  @Test
  @Tag("long")
  void featuresKeepTheirWeightsOnThreeExecutors() throws Exception {
    try (LocalCluster cluster = LocalCluster.start(3, Map.of())) {
      SparkSession spark = SparkSession.builder().sparkContext(cluster.spark().sc()).getOrCreate();
      everyKind(spark, false);
    }
  }
}
