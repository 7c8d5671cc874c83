package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.keras.KerasExport;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two executors train a model, TensorFlow opens its checkpoint with {@code assert_consumed()}, fits
 * on and saves it with {@code tf.train.Checkpoint}, and the executors train on from that file.
 */
@Tag("long")
class TensorFlowTrainsOnTest {
  private static final FolderOptions OPTIONS = FolderOptions.defaults();

  @TempDir Path folder;

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private LogisticRegression estimator(String name, int epochs) {
    return RecoveryTest.estimator()
        .setOptimizer("adam")
        .setLearningRate(0.01)
        .setMaxIter(epochs)
        .setRunDir(path(name));
  }

  private LogisticRegression from(String initial, String name, int epochs) {
    return estimator(name, epochs).setInitialModel(initial).setInitialOptimizerState(true);
  }

  private static Path local(String checkpoint) {
    return Path.of(URI.create(checkpoint));
  }

  private static float[] weights(String checkpoint) throws Exception {
    try (CheckpointReader reader = CheckpointReader.open(checkpoint, OPTIONS)) {
      VariableSpec weights = reader.named("weights").orElseThrow();
      float[] values = new float[(int) weights.shape().elements()];
      reader.readRows(weights.key(), 0, weights.shape().rows(), values, 0);
      return values;
    }
  }

  private static void assertRefused(LogisticRegression estimator, Dataset<Row> data, String why) {
    TrainingFailedException e =
        assertThrows(TrainingFailedException.class, () -> estimator.fit(data));
    assertTrue(String.valueOf(e.getMessage()).contains(why), e::getMessage);
  }

  @Test
  void andCairnTrainsOnFromThat() throws Exception {
    TensorFlowEnvironment tensorFlow = TensorFlowEnvironment.get();
    try (LocalCluster cluster = LocalCluster.start(2, Map.of())) {
      Dataset<Row> data = RecoveryTest.data(cluster);
      String first = estimator("first", 1).fit(data).checkpoint();
      KerasExport.write(first, path("keras"), OPTIONS);
      // The exported program restores the run's own checkpoint as well as its copy.
      String saved =
          tensorFlow
              .run("train_on.py", path("keras"), local(first).resolve("variables"), path("fitted"))
              .strip();
      assertEquals(path("fitted") + "/ckpt-1", saved);
      assertFalse(Arrays.equals(weights(first), weights(saved)));

      // 15 steps here, 8 there.
      String taken = from(saved, "taken", 0).fit(data).checkpoint();
      assertTrue(taken.endsWith("/ckpt-23"), taken);
      assertArrayEquals(weights(saved), weights(taken));
      String on = from(saved, "on", 1).fit(data).checkpoint();
      assertTrue(on.endsWith("/ckpt-38"), on);
      String twice = from(saved, "on", 2).fit(data).checkpoint();
      assertTrue(twice.endsWith("/ckpt-53"), twice);
      // Parameters alone: the steps begin anew.
      String warm =
          estimator("warm", 1)
              .setOptimizer("adagrad")
              .setInitialModel(path("fitted"))
              .fit(data)
              .checkpoint();
      assertTrue(warm.endsWith("/ckpt-15"), warm);

      String again =
          tensorFlow
              .run("train_on.py", path("keras"), local(twice).resolve("variables"), path("again"))
              .strip();
      assertEquals(path("again") + "/ckpt-1", again);

      assertRefused(
          from(saved, "sgd", 1).setOptimizer("rmsprop"),
          data,
          "optimizer: expected 4 variables of rmsprop, found 6");
      assertRefused(
          from(saved, "classes", 1).setFamily("multinomial"),
          data,
          "expected model/weights/.ATTRIBUTES/VARIABLE_VALUE FLOAT[");
    }
  }
}
