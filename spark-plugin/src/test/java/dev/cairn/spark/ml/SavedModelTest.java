package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.spark.LocalCluster;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
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
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A saved model is never lost: not when it is saved over itself, and not when that fails. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SavedModelTest {
  @TempDir static Path folder;

  private LocalCluster cluster;
  private Dataset<Row> data;

  @BeforeAll
  void start() {
    cluster = LocalCluster.start(2, Map.of("spark.sql.shuffle.partitions", "2"));
    SparkSession spark = SparkSession.builder().sparkContext(cluster.spark().sc()).getOrCreate();
    data =
        spark.createDataFrame(
            List.of(
                RowFactory.create(1.0, Vectors.dense(1, 0)),
                RowFactory.create(0.0, Vectors.dense(0, 1)),
                RowFactory.create(1.0, Vectors.dense(2, 1)),
                RowFactory.create(0.0, Vectors.dense(0, 2))),
            new StructType()
                .add("label", DataTypes.DoubleType)
                .add("features", SQLDataTypes.VectorType()));
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  private static LogisticRegression estimator(String name) {
    return new LogisticRegression()
        .setCheckpointDir(path(name + "-fits"))
        .setPartitions(2)
        .setMaxIter(5);
  }

  private static String path(String name) {
    return folder.resolve(name).toUri().toString();
  }

  private static String bits(LogisticRegressionModel model) {
    return model.predictRaw(Vectors.dense(1, 0)) + " " + model.predictRaw(Vectors.dense(0, 1));
  }

  @Test
  void aModelIsSavedOverItself() throws Exception {
    LogisticRegressionModel fitted = estimator("self").fit(data);
    fitted.save(path("self"));
    LogisticRegressionModel loaded = LogisticRegressionModel.load(path("self"));
    assertEquals(fitted.uid(), loaded.uid());
    loaded.close();
    loaded.setThreshold(0.3).write().overwrite().save(path("self"));
    LogisticRegressionModel again = LogisticRegressionModel.load(path("self"));
    assertEquals(0.3, again.getThreshold());
    assertEquals(bits(fitted), bits(again));
    loaded.close(); // it reads its weights anew, where the new model lies now
    assertEquals(bits(fitted), bits(loaded));
    IOException refused = assertThrows(IOException.class, () -> again.save(path("self")));
    assertTrue(refused.getMessage().contains("use write().overwrite()"), refused.getMessage());
  }

  /** Two models of one step in one place: no model is ever scored with the other's weights. */
  @Tag("long")
  @Test
  void aModelIsReplacedByAnotherOneOfTheSameStep() throws Exception {
    LogisticRegressionModel first = estimator("first").fit(data);
    LogisticRegressionModel second = estimator("second").setLearningRate(0.01).fit(data);
    String one = bits(first);
    String other = bits(second);
    assertNotEquals(one, other);

    first.save(path("scored"));
    LogisticRegressionModel scored = LogisticRegressionModel.load(path("scored"));
    assertEquals(one, bits(scored));
    second.write().overwrite().save(path("scored"));
    LogisticRegressionModel next = LogisticRegressionModel.load(path("scored"));
    assertEquals(scored.checkpoint(), next.checkpoint(), "the same step in the same place");
    assertEquals(other, bits(next));
    assertEquals(one, bits(scored));
    assertReplaced(TrainingFailedException.class, scored::coefficients); // they lie on storage only

    // Its weights were not in memory when they went: that is said, and others are not taken.
    first.save(path("unread"));
    LogisticRegressionModel unread = LogisticRegressionModel.load(path("unread"));
    second.write().overwrite().save(path("unread"));
    assertReplaced(IllegalStateException.class, () -> bits(unread));
    first.save(path("own"));
    LogisticRegressionModel own = LogisticRegressionModel.load(path("own"));
    own.write().overwrite().save(path("own"));
    second.write().overwrite().save(path("own"));
    assertReplaced(IllegalStateException.class, () -> bits(own));

    // As one may find them who reads while the folder is replaced, but lasting.
    Files.move(folder.resolve("scored/model"), folder.resolve("scored/other"));
    first.save(path("mixed"));
    Files.move(folder.resolve("mixed/model"), folder.resolve("scored/model"));
    String mixed =
        assertThrows(
                TrainingFailedException.class, () -> LogisticRegressionModel.load(path("scored")))
            .getMessage();
    assertTrue(mixed.contains("its metadata and its weights are of two saves"), mixed);
  }

  private static void assertReplaced(Class<? extends Exception> type, Executable reading) {
    String said = String.valueOf(assertThrows(type, reading).getMessage());
    assertTrue(said.contains("its checkpoint was replaced, expected commit "), said);
  }

  /** The old model stays, whole, if the new one cannot be read. */
  @Test
  void aSaveThatFailsLeavesTheOldModel() throws Exception {
    LogisticRegressionModel old = estimator("old").fit(data);
    old.save(path("kept"));
    LogisticRegressionModel lost = estimator("new").setMaxIter(7).fit(data);
    try (var files = Files.walk(Path.of(URI.create(lost.checkpoint())))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
    assertThrows(Exception.class, () -> lost.write().overwrite().save(path("kept")));
    assertEquals(bits(old), bits(LogisticRegressionModel.load(path("kept"))));
    try (var beside = Files.list(folder)) {
      List<String> left =
          beside
              .map(file -> file.getFileName().toString())
              .filter(n -> n.contains("kept"))
              .toList();
      assertEquals(List.of("kept"), left);
    }
  }

  /** Spark deletes a pipeline's folder before its stages are asked to write. */
  @Test
  void aPipelineIsSavedOverItself() throws Exception {
    PipelineModel fitted =
        new Pipeline().setStages(new PipelineStage[] {estimator("pipe")}).fit(data);
    fitted.write().save(path("pipe"));
    PipelineModel loaded = PipelineModel.load(path("pipe"));
    loaded.write().overwrite().save(path("pipe"));
    PipelineModel again = PipelineModel.load(path("pipe"));
    String expected = bits((LogisticRegressionModel) fitted.stages()[0]);
    assertEquals(expected, bits((LogisticRegressionModel) loaded.stages()[0]));
    assertEquals(expected, bits((LogisticRegressionModel) again.stages()[0]));
  }

  @Test
  void aRunsFolderAndACheckpointAreModelsToo() throws Exception {
    LogisticRegressionModel fitted =
        new LogisticRegression().setRunDir(path("run")).setPartitions(2).fit(data);
    assertEquals(bits(fitted), bits(LogisticRegressionModel.load(path("run"))));
    LogisticRegressionModel one = LogisticRegressionModel.fromCheckpoint(fitted.checkpoint());
    assertEquals(bits(fitted), bits(one));
    assertEquals(2, one.numFeatures());
    one.save(path("from-run"));
    assertEquals(bits(fitted), bits(LogisticRegressionModel.load(path("from-run"))));
    TrainingFailedException nothing =
        assertThrows(
            TrainingFailedException.class, () -> LogisticRegressionModel.load(path("nowhere")));
    assertTrue(
        nothing.getMessage().contains("expected a folder with manifest.json"),
        nothing.getMessage());
  }

  @Test
  void anEstimatorIsReadAsItWasWritten() throws Exception {
    LogisticRegression written =
        estimator("written").setRegParam(0.5).setThresholds(new double[] {0.2, 0.8});
    written.write().overwrite().save(path("estimator"));
    LogisticRegression read = LogisticRegression.load(path("estimator"));
    assertEquals(written.uid(), read.uid());
    assertEquals(0.5, read.getRegParam());
    assertEquals(0.8, read.getThresholds()[1]);
    assertEquals(explained(written), explained(read));
    IOException refused = assertThrows(IOException.class, () -> read.save(path("estimator")));
    assertTrue(refused.getMessage().contains("use write().overwrite()"), refused.getMessage());
    // Somebody who was replacing it has ended in between: it is found all the same.
    Files.move(
        folder.resolve("estimator"), folder.resolve(".estimator.cairn-old-0123456789abcdef"));
    assertEquals(written.uid(), LogisticRegression.load(path("estimator")).uid());
  }

  /** Spark shows arrays by their place in memory. */
  private static String explained(LogisticRegression estimator) {
    return estimator.explainParams().replaceAll("@[0-9a-f]+", "");
  }
}
