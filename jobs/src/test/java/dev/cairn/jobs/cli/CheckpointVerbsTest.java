package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.checkpoint.CheckpointManager;
import dev.cairn.checkpoint.CheckpointOptions;
import dev.cairn.checkpoint.PendingCheckpoint;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.jobs.show.ProgressPrinter.Screen;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The verbs on checkpoints, by what they print and their exit codes; S60 and S62 from a person's
 * side.
 */
final class CheckpointVerbsTest {
  private static final String COUNTER = "counter/.ATTRIBUTES/VARIABLE_VALUE";
  private static final String KEY = "weights/.ATTRIBUTES/VARIABLE_VALUE";

  @TempDir private Path temp = Path.of("");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private String folder = "";

  @BeforeEach
  void twoCheckpoints() throws IOException {
    folder = temp.resolve("a run").toString();
    try (CheckpointManager manager = CheckpointManager.open(folder, CheckpointOptions.defaults())) {
      commit(manager, 10, 0.5f);
      commit(manager, 20, 0.75f);
    }
  }

  private static void commit(CheckpointManager manager, long step, float value) throws IOException {
    PendingCheckpoint pending = manager.begin(step, 1);
    VariableSpec weights = new VariableSpec(KEY, DType.FLOAT, Shape.of(4));
    try (ShardWriter writer = ShardWriter.create(pending.target(0), CheckpointOptions.defaults())) {
      writer.write(weights, Slice.rows(0, 4, 1), new float[] {1, value, 3, 4}, 0, 4);
      writer.write(
          new VariableSpec(COUNTER, DType.INT64, Shape.scalar()),
          Slice.full(0),
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, step));
      pending.report(writer.finish());
    }
    TreeMap<String, Double> rates = new TreeMap<>();
    rates.put("learning_rate", 0.1);
    TreeMap<String, Double> metrics = new TreeMap<>();
    metrics.put("loss", Double.NaN);
    TrainingState state =
        new TrainingState(
            step,
            1,
            new DataPosition(0, step, 61, 8, 249_778, "f00d"),
            new OptimizerSpec("adagrad", rates),
            metrics,
            new TreeMap<>());
    pending.commit(state, "app-1", new TreeMap<>());
  }

  private int run(String... args) {
    out.reset();
    err.reset();
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            new Screen(false, 100, false));
    return CairnCommand.run(console, args);
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String complained() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private JsonNode json() throws IOException {
    return new ObjectMapper().readTree(printed());
  }

  @Test
  void listIsATable() throws IOException {
    assertEquals(0, run("checkpoint", "list", folder));
    String[] lines = printed().split("\\R", -1);
    assertTrue(lines[0].startsWith("name"), printed());
    assertTrue(lines[1].startsWith("ckpt-10 ") && lines[2].startsWith("ckpt-20 "), printed());
    assertEquals(0, run("checkpoint", "list", folder, "--json"));
    assertEquals(20, json().path("checkpoints").path(1).path("step").asLong());
    assertTrue(
        json()
            .path("checkpoints")
            .path(1)
            .path("tensorflow")
            .asText()
            .endsWith("/ckpt-20/variables"));
  }

  @Test
  void inspectShowsVariablesAndWhereTrainingStood() throws IOException {
    assertEquals(0, run("checkpoint", "inspect", folder, "--slices"));
    assertTrue(printed().contains(KEY), printed());
    assertTrue(printed().contains("0 epochs and 20 of 61 batches of the next are done"), printed());
    assertTrue(printed().contains("optimizer   adagrad learning_rate 0.1"), printed());
    assertEquals(0, run("checkpoint", "inspect", folder + "/ckpt-10", "--json"));
    assertEquals(4, json().path("variables").path(1).path("shape").path(0).asLong());
    assertEquals("NaN", json().path("training").path("metrics").path("loss").asText());
  }

  @Test
  void verifyNamesDamageAndTellsItFromAbsence() throws IOException {
    assertEquals(0, run("checkpoint", "verify", folder));
    assertTrue(printed().startsWith("good: "), printed());
    Path data = Path.of(folder, "ckpt-20", "variables.data-00000-of-00001");
    byte[] bytes = Files.readAllBytes(data);
    bytes[5] ^= 1;
    Files.write(data, bytes);
    assertEquals(1, run("checkpoint", "verify", folder + "/ckpt-20"));
    assertTrue(printed().contains("DAMAGED  variables.data-00000-of-00001"), printed());
    assertTrue(printed().contains(KEY), printed());
    assertEquals(1, run("checkpoint", "verify", folder + "/ckpt-20", "--json"));
    assertFalse(json().path("good").asBoolean(true));
    assertEquals(2, run("checkpoint", "verify", temp.resolve("nothing").toString()));
    assertEquals(1, complained().split("\\R", 0).length, complained());
  }

  @Test
  void diffFindsTheValueThatDiffers() throws IOException {
    assertEquals(0, run("checkpoint", "diff", folder + "/ckpt-20", folder));
    assertTrue(printed().contains("The same, byte by byte."), printed());
    assertEquals(1, run("checkpoint", "diff", folder + "/ckpt-10", folder + "/ckpt-20", "--json"));
    assertEquals(10, json().path("variables").path(0).path("maxAbsDifference").asDouble());
    JsonNode entry = json().path("variables").path(1);
    assertEquals(1, entry.path("differing").asLong());
    assertEquals(1, entry.path("firstDifference").asLong());
    assertEquals(0.25, entry.path("maxAbsDifference").asDouble());
    assertEquals(1, run("checkpoint", "diff", folder + "/ckpt-10", folder + "/ckpt-20"));
    assertTrue(
        printed().lines().anyMatch(line -> line.matches("counter/\\S+ +different +1 +0 +10")),
        printed());
  }

  @Test
  void gcOnlyShowsUnlessToldToDelete() {
    assertEquals(0, run("checkpoint", "gc", folder));
    assertTrue(printed().startsWith("Nothing to collect"), printed());
  }

  @Test
  void usageAndErrorsAreOneLineAndHaveTheirCodes() {
    assertEquals(2, run("frobnicate"));
    assertEquals(2, run("checkpoint", "list"));
    assertEquals(2, run());
    assertEquals(1, run("checkpoint", "inspect", temp.resolve("nothing").toString()));
    assertEquals(1, complained().split("\\R", 0).length, complained());
    assertEquals(1, run("checkpoint", "inspect", temp.resolve("nothing").toString(), "--debug"));
    assertTrue(complained().contains("\tat "), complained());
  }

  @Test
  void helpTrainListsEveryKey() {
    HelpCommand.keys();
    for (var key : dev.cairn.jobs.config.TrainConf.keys()) {
      assertTrue(
          HelpCommand.keys().stream().anyMatch(line -> line.startsWith("  " + key.name() + "  (")));
    }
    assertTrue(
        HelpCommand.keys().stream()
            .anyMatch(line -> line.startsWith("  spark.cairn.save.timeout")));
  }
}
