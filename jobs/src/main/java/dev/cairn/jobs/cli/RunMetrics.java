package dev.cairn.jobs.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.RunFile;
import dev.cairn.checkpoint.model.BinaryFigures;
import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.jobs.data.Counts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * Writes the result of a run for programs: {@code metrics.json} beside the training curve. It names
 * its checkpoint; the manifest of that has the figures of the test rows, too, if they were judged
 * before it was committed.
 */
final class RunMetrics {
  /** The file's name. */
  static final String NAME = "metrics.json";

  private RunMetrics() {}

  /** The path of the file, in the folder of the training curve. */
  static String beside(String curve) {
    return Folders.parent(curve).map(folder -> Folders.child(folder, NAME)).orElse(NAME);
  }

  /** Replaces the file. */
  static void write(String path, FolderOptions options, ObjectNode metrics) throws IOException {
    RunFile.at(path, options).replace((pretty(metrics) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static String pretty(ObjectNode tree) throws JsonProcessingException {
    return CheckpointVerb.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(tree);
  }

  /**
   * All contents of the file.
   *
   * @param scores the figures of the test rows; empty if none were kept out
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

  /** The figures of test rows, under the names that manifests have for them. */
  static void put(ObjectNode test, TestFigures scores) {
    test.setAll((ObjectNode) CheckpointVerb.JSON.valueToTree(scores.fields()));
  }
}
