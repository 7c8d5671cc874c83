package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.listener.TrainingListener;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The estimator on real executor processes: the same bits whatever the number of executors, and
 * however often training stops and resumes (I5); a Spark ML citizen; nothing the size of the model
 * on the driver.
 */
class LogisticRegressionTest {
  private static final int FEATURES = 300_000;

  private static final Map<String, String> CONF =
      Map.of(
          "spark.serializer", "org.apache.spark.serializer.KryoSerializer",
          "spark.kryo.registrationRequired", "true",
          "spark.kryo.registrator", "dev.cairn.spark.CairnKryoRegistrator",
          "spark.sql.shuffle.partitions", "4");

  @TempDir Path folder;

  private static SparkSession session(LocalCluster cluster) {
    return SparkSession.builder().sparkContext(cluster.spark().sc()).getOrCreate();
  }

  /** Labels that depend on a few of many features; some with values other than 1. */
  private static Dataset<Row> data(SparkSession spark, int rows, int slices) {
    Random random = new Random(5);
    List<Row> list = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      int[] ids =
          random
              .ints(12, 0, FEATURES)
              .map(x -> x % 3 == 0 ? x % 50 : x)
              .distinct()
              .sorted()
              .toArray();
      double[] values = new double[ids.length];
      double margin = -0.5;
      for (int k = 0; k < ids.length; k++) {
        values[k] = random.nextInt(4) == 0 ? random.nextGaussian() : 1;
        margin += ids[k] < 50 ? values[k] * (ids[k] % 5 - 2) : 0;
      }
      double label = random.nextDouble() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
      list.add(RowFactory.create(label, Vectors.sparse(FEATURES, ids, values)));
    }
    StructType schema =
        new StructType()
            .add("label", DataTypes.DoubleType)
            .add("features", SQLDataTypes.VectorType());
    return spark.createDataFrame(list, schema).repartition(slices);
  }

  private LogisticRegression estimator(String name) {
    return new LogisticRegression()
        .setPartitions(5)
        .setBatchRows(200)
        .setMaxIter(3)
        .setSeed(11)
        .setRunDir(folder.resolve(name).toUri().toString())
        .setCheckpointEverySteps(17);
  }

  @Test
  @Tag("long")
  void sameBitsOnOneTwoAndThreeExecutorsAndWhenResumed() throws Exception {
    SortedMap<String, byte[]> expected;
    try (LocalCluster cluster = LocalCluster.start(2, CONF)) {
      Dataset<Row> data = data(session(cluster), 3000, 3);
      LogisticRegressionModel model = estimator("two").fit(data);
      expected = TrainedBits.variables(model.checkpoint());
      assertEquals(
          "[_CHECKPOINTABLE_OBJECT_GRAPH, data_position/.ATTRIBUTES/json,"
              + " model/bias/.ATTRIBUTES/VARIABLE_VALUE,"
              + " model/bias/.OPTIMIZER_SLOT/optimizer/accumulator/.ATTRIBUTES/VARIABLE_VALUE,"
              + " model/weights/.ATTRIBUTES/VARIABLE_VALUE,"
              + " model/weights/.OPTIMIZER_SLOT/optimizer/accumulator/.ATTRIBUTES/VARIABLE_VALUE,"
              + " optimizer/iterations/.ATTRIBUTES/VARIABLE_VALUE,"
              + " optimizer/learning_rate/.ATTRIBUTES/VARIABLE_VALUE,"
              + " save_counter/.ATTRIBUTES/VARIABLE_VALUE]",
          expected.keySet().toString());
      assertTrue(nonZeros(expected.get("model/weights/.ATTRIBUTES/VARIABLE_VALUE")) > 1000);

      Dataset<Row> scored = model.transform(data);
      double auc = new BinaryClassificationEvaluator().evaluate(scored);
      assertTrue(auc > 0.75, "learned something: AUC " + auc);
      ModelComparison twice = ModelComparison.of(Optional.of(model), model, data, List.of("label"));
      assertEquals(Optional.of(twice.after()), twice.before());
      assertEquals(Set.of("0.0", "1.0"), twice.slices().get("label").keySet());
      model.close();

      // A step count that is no multiple of the checkpoint interval, in the middle of an epoch.
      int stopAt = 1 + new Random(3).nextInt(43);
      estimator("stopped").setMaxSteps(stopAt).fit(data);
    }
    try (LocalCluster cluster = LocalCluster.start(1, CONF)) {
      Dataset<Row> data = data(session(cluster), 3000, 1);
      TrainedBits.assertSame(
          expected, TrainedBits.variables(estimator("one").fit(data).checkpoint()));
    }
    try (LocalCluster cluster = LocalCluster.start(3, CONF)) {
      Dataset<Row> data = data(session(cluster), 3000, 7);
      TrainedBits.assertSame(
          expected, TrainedBits.variables(estimator("three").fit(data).checkpoint()));

      List<String> from = new ArrayList<>();
      LogisticRegressionModel resumed =
          estimator("stopped")
              .setListener(
                  new TrainingListener() {
                    @Override
                    public void started(String path, Progress progress) {
                      from.add(path);
                    }
                  })
              .fit(data);
      assertTrue(from.get(0).contains("ckpt-"), from.toString());
      TrainedBits.assertSame(expected, TrainedBits.variables(resumed.checkpoint()));

      assertGoesBackBehindDamage(data, resumed.checkpoint(), expected);
      assertRefusals(data);
      assertPipeline(data);
    }
  }

  /** A damaged newest checkpoint is passed over, and replaced when the run comes by again (S11). */
  private void assertGoesBackBehindDamage(
      Dataset<Row> data, String newest, SortedMap<String, byte[]> expected) throws Exception {
    Path file = Path.of(java.net.URI.create(newest)).resolve("variables.data-00001-of-00004");
    byte[] bytes = java.nio.file.Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    java.nio.file.Files.write(file, bytes);
    List<String> skipped = new ArrayList<>();
    LogisticRegressionModel again =
        estimator("stopped")
            .setListener(
                new TrainingListener() {
                  @Override
                  public void checkpointSkipped(String path, String why) {
                    skipped.add(why);
                  }
                })
            .fit(data);
    assertEquals(1, skipped.size(), skipped.toString());
    assertTrue(skipped.get(0).contains("variables.data-00001-of-00004"), skipped.get(0));
    TrainedBits.assertSame(expected, TrainedBits.variables(again.checkpoint()));
  }

  private static long nonZeros(byte[] floats) {
    var values = ByteBuffer.wrap(floats).order(java.nio.ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    long count = 0;
    while (values.hasRemaining()) {
      count += values.get() != 0 ? 1 : 0;
    }
    return count;
  }

  /** Changed data or configuration are refused by name, and accepted by name. */
  private void assertRefusals(Dataset<Row> data) {
    TrainingFailedException changed =
        assertThrows(
            TrainingFailedException.class,
            () -> estimator("one").setLearningRate(0.2).setMaxIter(4).fit(data));
    assertTrue(
        changed.getMessage().contains("resume.accept=optimizer.learning-rate"),
        changed.getMessage());
    TrainingFailedException other =
        assertThrows(
            TrainingFailedException.class,
            () -> estimator("one").setMaxIter(4).fit(data.limit(2000)));
    assertTrue(other.getMessage().contains("resume.accept=data"), other.getMessage());
    LogisticRegressionModel accepted =
        estimator("one")
            .setLearningRate(0.2)
            .setMaxIter(4)
            .setResumeAccept(new String[] {"optimizer.learning-rate"})
            .fit(data);
    assertTrue(accepted.checkpoint().contains("ckpt-60"), accepted.checkpoint());
  }

  private void assertPipeline(Dataset<Row> data) throws Exception {
    PipelineModel model =
        new Pipeline().setStages(new PipelineStage[] {estimator("pipeline")}).fit(data);
    String path = folder.resolve("saved pipeline").toUri().toString();
    model.write().save(path);
    PipelineModel loaded = PipelineModel.load(path);
    assertTrue(scores(model, data).equals(scores(loaded, data)), "saved and loaded score alike");
    assertEquals(
        Arrays.toString(data.columns()).replace("]", "")
            + ", rawPrediction, probability, prediction]",
        Arrays.toString(loaded.transform(data).columns()));
  }

  private static List<String> scores(PipelineModel model, Dataset<Row> data) {
    return model.transform(data).collectAsList().stream().map(Row::toString).sorted().toList();
  }

  @Tag("long")
  @Test
  void badInputIsNamed() {
    try (LocalCluster cluster = LocalCluster.start(1, CONF)) {
      SparkSession spark = session(cluster);
      Dataset<Row> data = data(spark, 100, 1);
      assertMessage("found none", () -> estimator("e").fit(data.limit(0)));
      assertMessage("lower train.partitions", () -> estimator("e").setPartitions(150).fit(data));
      assertMessage(
          "column label, expected 0 or 1 (or -1 or 1), found 3.0",
          () ->
              estimator("e")
                  .setFamily("binomial")
                  .fit(data.selectExpr("label * 0 + 3 as label", "features")));
      assertMessage("Cannot find column nope", () -> estimator("e").setLabelCol("nope").fit(data));
      Row huge =
          RowFactory.create(1.0, Vectors.sparse(FEATURES, new int[] {7}, new double[] {3e38}));
      Dataset<Row> exploding =
          spark.createDataFrame(List.of(huge, huge, huge, huge, huge), data.schema());
      assertMessage(
          "row 7 of weights, or a slot of it, has become",
          () -> estimator("d").setStandardization(false).setPartitions(1).fit(exploding));
    }
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
