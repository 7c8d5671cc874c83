package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.RunResult;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.RowHasher;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From {@code train} to a program of Keras that says what {@code predict} says. */
@Tag("long")
final class KerasTargetTest {
  @TempDir private Path temp = Path.of("");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private String runs(String... args) {
    out.reset();
    int code = CairnCommand.run(Consoles.keeping(out, out), args);
    String said = out.toString(StandardCharsets.UTF_8);
    assertEquals(CairnCommand.OK, code, said);
    return said;
  }

  private FeatureDefinition trained() throws IOException {
    SmallRun.write(
        temp,
        200,
        """
        optimizer=adam
        train.epochs=2
        checkpoint.dir=run
        spark.master=local[1]
        """);
    runs("train", temp + "/run.properties");
    FolderOptions options = FolderOptions.defaults();
    String result = RunResult.find(temp.resolve("run").toString(), options);
    try (CheckpointReader reader = CheckpointReader.open(result, options)) {
      return reader
          .manifest()
          .flatMap(Manifest::training)
          .flatMap(TrainingState::features)
          .orElseThrow();
    }
  }

  private List<String> scored() throws IOException {
    runs(
        "predict",
        temp + "/run",
        temp + "/rows.csv",
        temp + "/out.csv",
        "output.columns=a,x",
        "spark.master=local[1]");
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(temp.resolve("out.csv"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".csv")).sorted().toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    assertEquals("a,x,margin,probability,prediction,checkpoint", lines.get(0));
    return lines.subList(1, lines.size());
  }

  @Test
  void kerasSaysWhatPredictSays() throws Exception {
    TensorFlowEnvironment tensorFlow = TensorFlowEnvironment.get();
    RowHasher hasher = new RowHasher(trained());
    ObjectNode plan = new ObjectMapper().createObjectNode();
    ArrayNode texts = plan.putObject("columns").putArray("a");
    ArrayNode numbers = plan.withObject("/columns").putArray("x");
    ArrayNode ids = plan.putArray("ids");
    ArrayNode values = plan.putArray("values");
    ArrayNode expected = plan.putArray("expected");
    for (String line : scored()) {
      String[] fields = line.split(",", -1);
      texts.add(fields[0]);
      numbers.add(Double.parseDouble(fields[1]));
      hasher.text(0, fields[0]);
      hasher.number(0, Double.parseDouble(fields[1]));
      hasher.hash();
      ArrayNode rowIds = ids.addArray();
      ArrayNode rowValues = values.addArray();
      for (int k = 0; k < 2; k++) {
        rowIds.add(k < hasher.count() ? hasher.ids()[k] : 0);
        rowValues.add(k < hasher.count() ? hasher.values()[k] : 0);
      }
      expected.addArray().add(Double.parseDouble(fields[3]));
    }
    assertEquals(200, expected.size());
    String folder = temp.resolve("keras").toString();
    String said = runs("checkpoint", "export", temp + "/run", "--keras", folder);
    assertTrue(said.contains("the optimizer is built: it goes on from step 40"), said);
    plan.put("name", "cli").put("folder", folder).putArray("offsets");
    Path file = Files.writeString(temp.resolve("plan.json"), "[" + plan + "]");
    String[] words = tensorFlow.run("keras_export.py", file).strip().split("\t", -1);
    assertTrue(Double.parseDouble(words[1]) <= 1e-6, Arrays.toString(words));
    assertEquals("41", words[2]);
  }
}
