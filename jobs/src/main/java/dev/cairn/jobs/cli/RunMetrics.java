package dev.cairn.jobs.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.CheckpointOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.RunFile;
import dev.cairn.checkpoint.model.BinaryFigures;
import dev.cairn.checkpoint.model.ClassFigures;
import dev.cairn.checkpoint.model.NumberFigures;
import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.jobs.data.Counts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a run ends with, for programs: {@code metrics.json} beside the training curve. It names the
 * checkpoint that it is about; the manifest of that has the figures of the test rows, too, if they
 * were judged before it was committed.
 */
final class RunMetrics {
  /** The file's name. */
  static final String NAME = "metrics.json";

  private RunMetrics() {}

  /** Path of the file: in the folder of the training curve. */
  static String beside(String curve) {
    return Folders.parent(curve).map(folder -> Folders.child(folder, NAME)).orElse(NAME);
  }

  /** Replaces the file. */
  static void write(String path, CheckpointOptions options, ObjectNode metrics) throws IOException {
    RunFile.at(path, options).replace((pretty(metrics) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static String pretty(ObjectNode tree) throws JsonProcessingException {
    return CheckpointVerb.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(tree);
  }

  /**
   * All of it.
   *
   * @param scores of the test rows; empty if none were kept out
   */
  static ObjectNode of(
      String checkpoint,
      Counts.Split counts,
      RunWatch watch,
      double wallSeconds,
      Optional<TestFigures> scores) {
    ObjectNode root = CheckpointVerb.JSON.createObjectNode();
    root.put("checkpoint", checkpoint).put("written", Instant.now().toString());
    ObjectNode training = root.putObject("training");
    training.put("rows", counts.train().rows()).put("positive", counts.train().positive());
    watch.lastProgress().ifPresent(last -> training.put("step", last.step()));
    training.put("newSteps", watch.newSteps()).put("recoveries", watch.recoveries().size());
    root.putObject("seconds").put("training", watch.trainingSeconds()).put("total", wallSeconds);
    if (scores.isEmpty()) {
      root.putNull("test");
    } else {
      ObjectNode test = root.putObject("test");
      put(test, scores.get());
      if (scores.get() instanceof BinaryFigures) {
        test.put("logLossOfConstant", counts.test().logLossOfConstant(counts.train().rate()));
      }
    }
    return root;
  }

  /** The figures of test rows. */
  static void put(ObjectNode test, TestFigures scores) {
    if (scores instanceof BinaryFigures binary) {
      put(test, binary);
    } else if (scores instanceof ClassFigures classes) {
      put(test, classes);
    } else if (scores instanceof NumberFigures numbers) {
      put(test, numbers);
    }
  }

  private static void put(ObjectNode test, ClassFigures scores) {
    test.put("rows", scores.rows()).put("loss", scores.loss());
    test.put("accuracy", scores.accuracy()).put("f1", scores.f1());
    scores.auc().ifPresent(auc -> test.put("auc", auc));
    ArrayNode classes = test.putArray("classes");
    for (ClassFigures.OfClass one : scores.classes()) {
      classes
          .addObject()
          .put("rows", one.rows())
          .put("predicted", one.predicted())
          .put("hits", one.hits());
    }
  }

  private static void put(ObjectNode test, NumberFigures scores) {
    test.put("rows", scores.rows()).put("loss", scores.loss());
    test.put("rmse", scores.rootMeanSquaredError()).put("mae", scores.meanAbsoluteError());
    put(test, "r2", scores.r2());
  }

  private static void put(ObjectNode test, BinaryFigures scores) {
    test.put("rows", scores.rows()).put("positive", scores.positives());
    test.put("logLoss", scores.logLoss());
    put(test, "auc", scores.auc());
    if (scores.auc().isEmpty()) {
      test.put("aucNote", "not defined: all test rows have one label");
    }
    test.put("threshold", scores.threshold());
    put(test, "precision", scores.precision());
    put(test, "recall", scores.recall());
    put(test, "f1", scores.f1());
    ArrayNode calibration = test.putArray("calibration");
    for (BinaryFigures.Tenth tenth : scores.tenths()) {
      calibration
          .addObject()
          .put("from", tenth.number() / 10.0)
          .put("to", (tenth.number() + 1) / 10.0)
          .put("rows", tenth.rows())
          .put("meanProbability", tenth.probabilities() / tenth.rows())
          .put("positiveRate", (double) tenth.positives() / tenth.rows());
    }
  }

  private static void put(ObjectNode node, String name, OptionalDouble value) {
    if (value.isPresent()) {
      node.put(name, value.getAsDouble());
    } else {
      node.putNull(name);
    }
  }
}
