package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.Member;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.reading.ReadModels;
import dev.cairn.spark.reading.ReadableModel;
import dev.cairn.spark.trainer.FoundModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.spark.SparkConf;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code local[*]}, as in a notebook or a unit test: the shards live in the driver's own executor,
 * in this application and in the next one of the same JVM.
 */
class LocalModeTest {
  private static final int FEATURES = 100_000;

  @TempDir Path folder;

  private static SparkConf conf(int cores) {
    return new SparkConf(false)
        .setMaster("local[" + cores + "]")
        .setAppName("test")
        .set("spark.plugins", "dev.cairn.spark.CairnPlugin")
        // What somebody's spark-defaults.conf says of their cluster is not waited for.
        .set("spark.executor.instances", "7")
        .set("spark.sql.shuffle.partitions", "2")
        .set("spark.ui.enabled", "false");
  }

  private static Dataset<Row> data(SparkSession spark) {
    Random random = new Random(5);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      int[] ids = random.ints(8, 0, FEATURES).distinct().sorted().toArray();
      double[] ones = new double[ids.length];
      java.util.Arrays.fill(ones, 1);
      rows.add(RowFactory.create((double) (ids[0] & 1), Vectors.sparse(FEATURES, ids, ones)));
    }
    return spark.createDataFrame(
        rows,
        new StructType()
            .add("label", DataTypes.DoubleType)
            .add("features", SQLDataTypes.VectorType()));
  }

  private LogisticRegression estimator(String name) {
    return new LogisticRegression()
        .setPartitions(3)
        .setBatchRows(100)
        .setSeed(7)
        .setRunDir(folder.resolve(name).toUri().toString())
        .setCheckpointEverySteps(3);
  }

  private static List<String> scores(LogisticRegressionModel model, Dataset<Row> data) {
    return model.transform(data).select("probability").collectAsList().stream()
        .map(Row::toString)
        .toList();
  }

  @Test
  void trainsScoresSavesAndLoadsInOneApplicationAfterAnother() throws Exception {
    List<String> expected;
    String saved = folder.resolve("saved").toUri().toString();
    try (SparkSession spark = SparkSession.builder().config(conf(2)).getOrCreate()) {
      Dataset<Row> data = data(spark);
      LogisticRegressionModel model = estimator("two").fit(data);
      List<Member> members = Coordinator.current().membership().members();
      assertEquals(1, members.size());
      assertEquals("executor driver (this JVM)", members.get(0).address().toString());
      assertEquals(2, members.get(0).cores());
      expected = scores(model, data);
      assertEquals(400, expected.size());
      assertTrue(expected.stream().distinct().count() > 10, "learned nothing");
      model.write().save(saved);
      assertModelsShareWhatIsLoaded(model, data);
    }
    String none = assertThrows(IllegalStateException.class, Coordinator::current).getMessage();
    assertTrue(none.contains("spark.plugins=dev.cairn.spark.CairnPlugin"), none);

    try (SparkSession spark = SparkSession.builder().config(conf(1)).getOrCreate()) {
      Dataset<Row> data = data(spark);
      assertEquals(expected, scores(LogisticRegressionModel.load(saved), data));
      LogisticRegressionModel again = estimator("one").fit(data);
      assertEquals(expected, scores(again, data), "not the same bits on one core");
    }
  }

  /** Copies that callers make without knowing, such as by parameters of a call, cost nothing. */
  private static void assertModelsShareWhatIsLoaded(
      LogisticRegressionModel model, Dataset<Row> data) {
    Dataset<Row> few = data.limit(1);
    for (int i = 0; i < 150; i++) {
      Dataset<Row> scored =
          model.transform(few, new ParamMap().put(model.threshold(), (Object) 0.3));
      if (i % 25 == 0) {
        assertEquals(1, scored.select("prediction").collectAsList().size());
      }
    }
    assertEquals(1, ReadModels.current("score").loaded());
    List<String> before = scores(model, data);
    model.close();
    assertEquals(0, ReadModels.current("score").loaded());
    assertEquals(before, scores(model, data), "loaded again");
    double margin = model.predictRaw(data.first().<Vector>getAs("features")).apply(1);
    assertEquals(
        margin, model.transform(data).first().<Vector>getAs("rawPrediction").apply(1), 0.0);
  }

  private static FoundModel nowhere() {
    LinearModel model = new LinearModel(FEATURES, true, new LogisticLoss());
    return new FoundModel(
        new ReadableModel("nowhere/ckpt-1", "", model.layout()),
        model,
        FeatureScales.NONE,
        Optional.empty());
  }

  @Test
  void withoutThePluginSaysAtOnceHowToLoadIt() throws Exception {
    SparkConf plain = conf(1).remove("spark.plugins");
    try (SparkSession spark = SparkSession.builder().config(plain).getOrCreate()) {
      Dataset<Row> data = data(spark);
      String train =
          assertThrows(IllegalStateException.class, () -> estimator("none").fit(data)).getMessage();
      assertTrue(train.startsWith("Cannot train: Cairn's plugin is not loaded"), train);
      assertTrue(train.contains("--conf spark.plugins=dev.cairn.spark.CairnPlugin"), train);
      String score =
          assertThrows(
                  IllegalStateException.class,
                  () -> new LogisticRegressionModel("m", nowhere()).transform(data).count())
              .getMessage();
      assertTrue(score.startsWith("Cannot score: Cairn's plugin is not loaded"), score);
    }
  }
}
