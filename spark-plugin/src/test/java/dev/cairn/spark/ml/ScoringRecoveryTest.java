package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.spark.Eventually;
import dev.cairn.spark.ExecutorProcesses;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.serving.Publisher;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.api.java.JavaSparkStatusTracker;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executors are killed while rows are scored and while a model is copied: nobody notices. */
@Tag("long")
class ScoringRecoveryTest {
  @TempDir Path folder;

  /** The probabilities of all rows, in no order. */
  static List<String> scores(LogisticRegressionModel model, Dataset<Row> data) {
    return model.transform(data).select("probability").collectAsList().stream()
        .map(Row::toString)
        .sorted()
        .toList();
  }

  private static void kill() {
    ExecutorProcesses.signal(RecoveryTest.anyExecutor(), "KILL");
  }

  private static void awaitBoth() {
    Eventually.await(
        () -> Coordinator.current().membership().members().size() == 2, "both executors are there");
  }

  private static int done(JavaSparkStatusTracker tracker) {
    int done = 0;
    for (int stage : tracker.getActiveStageIds()) {
      SparkStageInfo info = tracker.getStageInfo(stage);
      done += info == null ? 0 : info.numCompletedTasks();
    }
    return done;
  }

  @Test
  void killedWhileRowsAreScoredAndAModelIsCopied() throws Exception {
    // Fewer pages than the model has, so that tasks go on reading from the shards.
    Map<String, String> conf = Map.of("spark.cairn.models.page-cache", "1m");
    try (LocalCluster cluster = LocalCluster.start(2, conf)) {
      Dataset<Row> data = RecoveryTest.data(cluster).repartition(48).cache();
      LogisticRegressionModel model =
          RecoveryTest.estimator()
              .setMaxSteps(12)
              .setRunDir(folder.resolve("run").toUri().toString())
              .fit(data);
      List<String> expected = scores(model, data);
      assertTrue(expected.stream().distinct().count() > 100, "learned nothing");

      // The way to the shards is planned, and known to the tasks, when an owner dies.
      CompletableFuture<List<String>> scoring =
          CompletableFuture.supplyAsync(() -> scores(model, data));
      Eventually.await(
          () -> scoring.isDone() || done(cluster.spark().statusTracker()) > 2, "rows are scored");
      kill();
      assertEquals(expected, scoring.join());
      assertEquals(expected, scores(model, data));

      awaitBoth();
      assertEquals(expected, scores(model, data));
      kill();
      String copy = folder.resolve("copy").toUri().toString();
      model.write().save(copy); // nobody has told the driver yet
      assertEquals(expected, scores(LogisticRegressionModel.load(copy), data));

      awaitBoth();
      String second = folder.resolve("second").toUri().toString();
      CompletableFuture<Void> copying =
          CompletableFuture.runAsync(
              () -> {
                try {
                  LogisticRegressionModel.load(copy).write().save(second);
                } catch (java.io.IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      kill();
      copying.join();
      assertEquals(expected, scores(LogisticRegressionModel.load(second), data));

      awaitBoth();
      publishedWhileItIsScored(cluster, model, data, expected);
    }
  }

  private void publishedWhileItIsScored(
      LocalCluster cluster, LogisticRegressionModel model, Dataset<Row> data, List<String> expected)
      throws Exception {
    // The version in use of a published model, while another one takes its place.
    String published = folder.resolve("models/rows").toUri().toString();
    FolderOptions options = FolderOptions.defaults();
    Publisher.publish(model.checkpoint(), published, List.of(), at -> {}, options);
    LogisticRegressionModel used = (LogisticRegressionModel) Estimators.fromCheckpoint(published);
    assertTrue(used.checkpoint().endsWith("models/rows/1/variables"), used.checkpoint());
    CompletableFuture<List<String>> fromVersion =
        CompletableFuture.supplyAsync(() -> scores(used, data));
    Eventually.await(
        () -> fromVersion.isDone() || done(cluster.spark().statusTracker()) > 2, "rows are scored");
    kill();
    String other =
        RecoveryTest.estimator()
            .setMaxSteps(15)
            .setRunDir(folder.resolve("other").toUri().toString())
            .fit(data)
            .checkpoint();
    Publisher.publish(other, published, List.of(), at -> {}, options);
    assertEquals(expected, fromVersion.join());
    assertEquals(expected, scores(used, data));
    assertTrue(
        Estimators.fromCheckpoint(published).checkpoint().endsWith("models/rows/2/variables"));
  }
}
