package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.model.BinaryFigures;
import dev.cairn.checkpoint.model.ClassFigures;
import dev.cairn.checkpoint.model.NumberFigures;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.data.RowChunk;
import dev.cairn.spark.data.RowRouter;
import dev.cairn.spark.data.TrainingData;
import dev.cairn.spark.internal.CacheLocations;
import dev.cairn.spark.listener.TrainingListener;
import dev.cairn.spark.model.FactorizationMachine;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.SoftmaxModel;
import dev.cairn.spark.model.SquaredLoss;
import dev.cairn.spark.shard.Initializer;
import dev.cairn.spark.trainer.CheckpointSettings;
import dev.cairn.spark.trainer.JudgingRows;
import dev.cairn.spark.trainer.ResumeSettings;
import dev.cairn.spark.trainer.StoppingSettings;
import dev.cairn.spark.trainer.Trainer;
import dev.cairn.spark.trainer.TrainingSettings;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Models other than logistic regression, with wide rows, whole variables and random starts, trained
 * by real executors: they learn, and their bits are the same on one, two and three executors and
 * after a stop.
 */
@Tag("long")
class ModelsOnExecutorsTest {
  private static final int FEATURES = 5000;
  private static final int CLASSES = 3;
  private static final int ROWS = 3000;
  private static final int PARTITIONS = 4;

  @TempDir Path folder;

  private static Map<String, Model> models() {
    Map<String, Model> models = new TreeMap<>();
    models.put("softmax", new SoftmaxModel(FEATURES, CLASSES, true));
    models.put("squared", new LinearModel(FEATURES, true, new SquaredLoss()));
    models.put(
        "machine",
        new FactorizationMachine(
            FEATURES, 4, true, true, new LogisticLoss(), Initializer.normal(0.1, 3)));
    return models;
  }

  /** Rows whose label follows from a few of their features; the rest is noise. */
  private record Rows(LabelKind labels) implements Serializable {
    void add(int row, RowRouter router) {
      SplittableRandom random = new SplittableRandom(row);
      int one = random.nextInt(4);
      int other = random.nextInt(4);
      int[] noise = random.ints(2, 8, FEATURES).distinct().sorted().toArray();
      int[] ids = IntStream.concat(IntStream.of(one, 4 + other), IntStream.of(noise)).toArray();
      double[] values = new double[ids.length];
      java.util.Arrays.fill(values, 1);
      double label =
          switch (labels) {
            case CLASS -> one % CLASSES;
            case BINARY -> one % 2 == other % 2 ? 1 : 0; // what no linear model can say
            default -> one - 0.5 * other + 0.1 * random.nextDouble() + row % 3;
          };
      double offset = labels == LabelKind.NUMBER ? row % 3 : 0;
      router.add(label, 1, offset, ids, values, ids.length);
    }
  }

  private static TrainingData data(JavaSparkContext spark, Model model, int splits) {
    return TrainingData.pack(
        routed(spark, model, IntStream.range(0, ROWS), splits),
        new TrainingData.Packing(
            model.features(), PARTITIONS, 200, 5, 1, model.labels(), model.centres(), true));
  }

  private static JavaPairRDD<Integer, RowChunk> routed(
      JavaSparkContext spark, Model model, IntStream which, int splits) {
    Rows rows = new Rows(model.labels());
    int features = model.features();
    List<Integer> numbers = which.boxed().toList();
    return JavaPairRDD.fromJavaRDD(
        spark
            .parallelize(numbers, splits)
            .mapPartitions(
                split ->
                    new RowRouter(
                        rows.labels(),
                        features,
                        PARTITIONS,
                        router -> {
                          if (!split.hasNext()) {
                            return false;
                          }
                          rows.add(split.next(), router);
                          return true;
                        })));
  }

  private CommittedCheckpoint train(
      JavaSparkContext spark, String name, Model model, long steps, int splits) throws Exception {
    Duration minute = Duration.ofMinutes(1);
    CheckpointSettings saving =
        new CheckpointSettings(
            folder.resolve(name).toUri().toString(), 3, true, true, 0, minute, minute);
    TrainingSettings settings =
        new TrainingSettings(
            PARTITIONS,
            200,
            5,
            6,
            steps,
            20,
            optimizer(model),
            new TreeMap<>(),
            ResumeSettings.DEFAULT,
            StoppingSettings.DEFAULT,
            Optional.empty());
    Trainer trainer =
        new Trainer(
            spark.sc(),
            saving,
            TrainingParams.recovery(spark.getConf()),
            new TrainingListener() {},
            new Trainer.Stop());
    IntStream unseen = IntStream.range(ROWS, ROWS + 500);
    try (TrainingData data = data(spark, model, splits);
        JudgingRows judged =
            new JudgingRows(null, data.heldOut(routed(spark, model, unseen, splits)), 0.5)) {
      CommittedCheckpoint trained = trainer.train(model, data, judged, settings).checkpoint();
      for (List<String> holders : CacheLocations.executorsOf(data.packed())) {
        assertFalse(holders.isEmpty(), "rows that may be trained on again stay cached");
      }
      return trained;
    }
  }

  /**
   * The optimizer of a model: with a choice for a variable, with limited norms, or with neither.
   */
  private static OptimizerSpec optimizer(Model model) {
    OptimizerSpec adagrad =
        new OptimizerSpec("adagrad", new TreeMap<>(Map.of("learning_rate", 0.2)));
    if (model instanceof FactorizationMachine) {
      OptimizerSpec adam =
          new OptimizerSpec(
              "adam", new TreeMap<>(Map.of("learning_rate", 0.05, "global_clipnorm", 40.0)));
      return adagrad.withForVariables(new TreeMap<>(Map.of("factors", adam)));
    }
    return model instanceof SoftmaxModel
        ? new OptimizerSpec(
            "adagrad", new TreeMap<>(Map.of("learning_rate", 0.2, "clipnorm", 25.0)))
        : adagrad;
  }

  private static double loss(CommittedCheckpoint checkpoint, String metric) {
    TrainingState state = checkpoint.manifest().training().orElseThrow();
    return state.metrics().get(metric);
  }

  private static TestFigures judged(CommittedCheckpoint checkpoint) {
    return checkpoint.manifest().training().orElseThrow().test().orElseThrow();
  }

  /** Each model is judged by what it predicts, and has learned what the rows follow from. */
  private static void assertGood(String name, TestFigures figures) {
    assertEquals(500, figures.rows(), name);
    assertTrue(figures.loss() < 0.3, name + ": " + figures);
    boolean good =
        switch (name) {
          case "softmax" -> figures instanceof ClassFigures found && found.accuracy() > 0.8;
          case "squared" ->
              figures instanceof NumberFigures found && found.r2().orElseThrow() > 0.8;
          default -> figures instanceof BinaryFigures found && found.auc().orElseThrow() > 0.8;
        };
    assertTrue(good, name + ": " + figures);
  }

  @Test
  void sameBitsOnOneTwoAndThreeExecutorsAndAfterAStop() throws Exception {
    Map<String, SortedMap<String, byte[]>> expected = new TreeMap<>();
    Map<String, TestFigures> figures = new TreeMap<>();
    try (LocalCluster cluster = LocalCluster.start(2, Map.of())) {
      for (Map.Entry<String, Model> one : models().entrySet()) {
        String name = one.getKey();
        CommittedCheckpoint trained = train(cluster.spark(), name + "-2", one.getValue(), 0, 3);
        expected.put(name, TrainedBits.variables(trained.path()));
        figures.put(name, judged(trained));
        assertGood(name, judged(trained));
        double last = loss(trained, "train.epoch-loss");
        assertTrue(last < (name.equals("squared") ? 0.01 : 0.2), name + " has learned: " + last);
        var unused = train(cluster.spark(), name + "-stopped", one.getValue(), 37, 3);
      }
    }
    List<String> keys = new ArrayList<>(expected.get("machine").keySet());
    keys.removeIf(key -> key.contains("OPTIMIZER"));
    assertEquals(
        "[_CHECKPOINTABLE_OBJECT_GRAPH, data_position/.ATTRIBUTES/json,"
            + " model/bias/.ATTRIBUTES/VARIABLE_VALUE,"
            + " model/factors/.ATTRIBUTES/VARIABLE_VALUE,"
            + " model/weights/.ATTRIBUTES/VARIABLE_VALUE,"
            + " optimizer/iterations/.ATTRIBUTES/VARIABLE_VALUE,"
            + " optimizer/learning_rate/.ATTRIBUTES/VARIABLE_VALUE,"
            + " optimizer_factors/iterations/.ATTRIBUTES/VARIABLE_VALUE,"
            + " optimizer_factors/learning_rate/.ATTRIBUTES/VARIABLE_VALUE,"
            + " save_counter/.ATTRIBUTES/VARIABLE_VALUE]",
        keys.toString());
    for (int executors : new int[] {1, 3}) {
      try (LocalCluster cluster = LocalCluster.start(executors, Map.of())) {
        for (Map.Entry<String, Model> one : models().entrySet()) {
          String name = one.getKey() + (executors == 1 ? "-1" : "-stopped");
          CommittedCheckpoint trained =
              train(cluster.spark(), name, one.getValue(), 0, 1 + executors);
          TrainedBits.assertSame(expected.get(one.getKey()), TrainedBits.variables(trained.path()));
          assertEquals(figures.get(one.getKey()), judged(trained));
        }
      }
    }
  }
}
