package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.PendingCheckpoint;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.jobs.show.PlainText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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

  private static final List<String> FOREIGN_PREFIXES =
      List.of("a", "b", "flipped", "odd", "w", "mgr/ckpt-3", "mgr/ckpt-4");

  @TempDir private Path temp = Path.of("");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private String folder = "";

  @BeforeEach
  void twoCheckpoints() throws IOException {
    folder = temp.resolve("a run").toString();
    try (CheckpointFolder checkpoints = CheckpointFolder.open(folder, FolderOptions.defaults())) {
      commit(checkpoints, 10, 0.5f);
      commit(checkpoints, 20, 0.75f);
    }
  }

  private static void commit(CheckpointFolder checkpoints, long step, float value)
      throws IOException {
    PendingCheckpoint pending = checkpoints.begin(step, 1);
    VariableSpec weights = new VariableSpec(KEY, DType.FLOAT, Shape.of(4));
    try (ShardWriter writer = ShardWriter.create(pending.target(0), FolderOptions.defaults())) {
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
            Optional.of(new ModelDefinition("softmax", new TreeMap<>(Map.of("classes", "3")))),
            new OptimizerSpec("adagrad", rates)
                .withForVariables(
                    new TreeMap<>(
                        Map.of(
                            "factors",
                            new OptimizerSpec(
                                "adam", rates, Optional.of("cosine decay_steps=9"))))),
            metrics,
            new TreeMap<>(),
            FeatureScales.NONE,
            Optional.empty(),
            Optional.empty());
    pending.commit(state, "app-1", new TreeMap<>());
  }

  private int run(String... args) {
    out.reset();
    err.reset();
    Console console = Consoles.keeping(out, err);
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
    assertTrue(printed().contains("model       softmax: classes 3"), printed());
    assertTrue(printed().contains("optimizer   adagrad learning_rate 0.1"), printed());
    assertTrue(printed().contains("optimizer   factors: adam learning_rate 0.1"), printed());
    assertTrue(printed().contains("rate        factors: cosine decay_steps=9"), printed());
    assertEquals(0, run("checkpoint", "inspect", folder + "/ckpt-10", "--json"));
    assertEquals(4, json().path("variables").path(1).path("shape").path(0).asLong());
    assertEquals("softmax", json().path("training").path("model").path("kind").asText());
    JsonNode optimizers = json().path("training").path("optimizer").path("variables");
    assertEquals("adam", optimizers.path("factors").path("name").asText());
    assertEquals("NaN", json().path("training").path("metrics").path("loss").asText());
  }

  /** The checkpoint of a Keras program as a tree: objects without state are left out. */
  @Test
  void inspectShowsTheObjectGraph() throws Exception {
    assertEquals(0, run("checkpoint", "inspect", foreign("w")));
    List<String> lines = printed().lines().toList();
    int model = lines.indexOf("model");
    assertTrue(model > 0, printed());
    assertFalse(printed().contains("_inbound_nodes"), printed());
    assertTrue(
        lines.stream().anyMatch(line -> line.matches(" {8}_kernel +FLOAT +\\[4,3] +48 B")),
        printed());
    assertTrue(
        lines.stream().anyMatch(line -> line.matches(" {6}2 +FLOAT +\\[3,1] +12 B")), printed());
    assertTrue(
        lines.stream().anyMatch(line -> line.matches(" {4}_variables .* and 7 more")), printed());
    assertEquals(0, run("checkpoint", "inspect", foreign("w"), "--json"));
    JsonNode last = json().path("objects").path(json().path("objects").size() - 1);
    assertEquals("save_counter", last.path("name").asText());
    assertEquals("save_counter/.ATTRIBUTES/VARIABLE_VALUE", last.path("key").asText());

    Files.write(Path.of(foreign("w") + ".data-00000-of-00001"), new byte[0]);
    assertEquals(0, run("checkpoint", "inspect", foreign("w")));
    assertTrue(complained().startsWith("The object graph is not shown: "), complained());
    assertTrue(printed().contains("save_counter/.ATTRIBUTES/VARIABLE_VALUE"), printed());
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
  void exportForKerasSaysWhatItCannotBuild() {
    String target = temp.resolve("keras").toString();
    assertEquals(2, run("checkpoint", "export", folder, "--keras", target));
    assertTrue(complained().contains("Cannot export the model for Keras"), complained());
    assertTrue(complained().contains("setting features"), complained());
    assertFalse(Files.exists(Path.of(target)));
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

  /** 0 the same or good, 1 they differ or damage was found, 2 anything else: for all verbs. */
  @Test
  void exitCodesTellDamageFromTrouble() throws IOException {
    String nothing = temp.resolve("a rum").toString();
    for (String verb : new String[] {"list", "inspect", "verify", "gc"}) {
      assertEquals(2, run("checkpoint", verb, nothing), verb);
      assertTrue(complained().contains("there is a run/"), verb + ": " + complained());
      assertEquals("", printed());
    }
    assertEquals(2, run("checkpoint", "diff", folder, nothing));
    assertEquals(2, run("checkpoint", "rm", nothing, "ckpt-1"));
    assertEquals(2, run("checkpoint", "rollback", nothing, "ckpt-1"));
    assertEquals(2, run("checkpoint", "verify", "~nobody/run"));
    assertTrue(complained().contains("~ alone is your home folder"), complained());
    Path file = Files.writeString(temp.resolve("notes.txt"), "x");
    assertEquals(2, run("checkpoint", "verify", file.toString()));
    assertEquals(2, run("checkpoint", "list", file.toString()));
    Path data = Path.of(folder, "ckpt-20", "variables.data-00000-of-00001");
    byte[] bytes = Files.readAllBytes(data);
    bytes[5] ^= 1;
    Files.write(data, bytes);
    assertEquals(1, run("checkpoint", "verify", folder));
    assertEquals(1, run("checkpoint", "diff", folder, folder + "/ckpt-10"));
    assertTrue(complained().contains("checksum differs"), complained());
    assertEquals(1, run("checkpoint", "rollback", folder, "ckpt-20"));
    Files.write(Path.of(folder, "ckpt-20", "manifest.json"), new byte[] {'{'});
    assertEquals(1, run("checkpoint", "inspect", folder));
  }

  @Test
  void homeIsTheHomeFolder() throws IOException {
    Path home = Path.of(System.getProperty("user.home"));
    String below = "~/no-such-folder-" + home.hashCode();
    assertEquals(2, run("checkpoint", "list", below));
    assertTrue(complained().contains("path=file://" + home + "/no-such-"), complained());
  }

  @Test
  void removesAndRollsBack() throws IOException {
    assertEquals(2, run("checkpoint", "rm", folder, "ckpt-30"));
    assertTrue(complained().contains("found ckpt-10, ckpt-20"), complained());
    assertEquals(0, run("checkpoint", "rollback", folder, "ckpt-10"));
    assertEquals("ckpt-10 is the newest now; removed ckpt-20", printed().strip());
    assertEquals(0, run("checkpoint", "rollback", folder, "ckpt-10", "--json"));
    assertEquals("ckpt-10", json().path("newest").asText());
    assertEquals(2, run("checkpoint", "rm", folder, "ckpt-10"));
    assertTrue(complained().contains("that one checkpoint stays"), complained());
    try (CheckpointFolder checkpoints = CheckpointFolder.open(folder, FolderOptions.defaults())) {
      commit(checkpoints, 30, 1);
    }
    assertEquals(0, run("checkpoint", "rm", folder, "ckpt-10"));
    assertEquals("Removed ckpt-10", printed().strip());
    assertEquals(0, run("checkpoint", "list", folder));
    assertFalse(printed().contains("ckpt-10"), printed());
  }

  /** Files that others have deleted are not there, whatever a manifest says; nor is a copy. */
  @Test
  void listAndGcTellWhatIsNotThere() throws IOException {
    Files.delete(Path.of(folder, "ckpt-10", "variables.index"));
    assertEquals(0, run("checkpoint", "list", folder));
    assertFalse(printed().contains("ckpt-10"), printed());
    assertTrue(complained().contains("its index is missing"), complained());
    Files.createDirectory(Path.of(folder, "ckpt-15"));
    for (String[] more : new String[][] {{}, {"--delete"}}) {
      String[] words =
          more.length == 0
              ? new String[] {"checkpoint", "gc", folder}
              : new String[] {"checkpoint", "gc", folder, more[0]};
      assertEquals(0, run(words));
      assertTrue(printed().lines().anyMatch(line -> line.matches("ckpt-15 +no manifest +kept")));
      assertTrue(Files.exists(Path.of(folder, "ckpt-15")));
    }
  }

  /** Keys of other people's files do not reach the terminal as they are. */
  @Test
  void controlCharactersAreEscaped() throws Exception {
    String odd = foreign("odd");
    assertEquals(0, run("checkpoint", "inspect", odd, "--slices"));
    assertTrue(printed().contains("sc\\u001b[31mred"), printed());
    for (String line : printed().split("\n", -1)) {
      assertTrue(line.chars().noneMatch(Character::isISOControl), line);
    }
    assertEquals(0, run("checkpoint", "verify", odd));
    assertEquals(0, run("checkpoint", "diff", odd, odd));
    for (String line : printed().split("\n", -1)) {
      assertTrue(line.chars().noneMatch(Character::isISOControl), line);
    }
    assertEquals(0, run("checkpoint", "inspect", odd, "--json"));
    assertTrue(printed().contains("sc\\u001B[31mred"), printed());
    assertTrue(printed().chars().allMatch(c -> c == '\n' || (c >= ' ' && c < 127)), printed());
    assertEquals(2, run("checkpoint", "verify", folder + "/\u001b[31m\nx"));
    assertTrue(complained().strip().chars().noneMatch(Character::isISOControl), complained());
    assertEquals("a\\xffb\ud83d\ude00\\u202e", PlainText.of("a\udcffb\ud83d\ude00\u202e"));
  }

  @Test
  void foreignFoldersMeanTheirNewest() throws Exception {
    assertEquals(0, run("checkpoint", "verify", foreign("mgr")));
    assertTrue(printed().contains("/mgr/ckpt-4 ("), printed());
    assertEquals(0, run("checkpoint", "list", foreign("mgr")));
    assertTrue(printed().contains("/mgr/ckpt-3") && printed().contains("/mgr/ckpt-4"), printed());
    assertEquals(1, run("checkpoint", "diff", foreign("a"), foreign("b")));
    assertTrue(printed().contains("They differ."), printed());
    assertEquals(1, run("checkpoint", "verify", foreign("flipped")));
    assertEquals(2, run("checkpoint", "verify", foreign("w.index")));
    assertTrue(complained().contains("its prefix is " + foreign("w") + " ("), complained());
    assertEquals(2, run("checkpoint", "inspect", foreign("v1-model.ckpt")));
    assertTrue(complained().contains("V1 checkpoint, which is not supported"), complained());
  }

  /** A copy of files that TensorFlow wrote: they lie in the test jar of checkpoint-core. */
  private String foreign(String name) throws IOException {
    Path copies = temp.resolve("foreign");
    if (!Files.exists(copies)) {
      Files.createDirectories(copies.resolve("mgr"));
      for (String prefix : FOREIGN_PREFIXES) {
        copy(prefix + ".index");
        copy(prefix + ".data-00000-of-00001");
      }
      copy("mgr/checkpoint");
      copy("v1-model.ckpt");
    }
    return copies.resolve(name).toString();
  }

  private void copy(String name) throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/foreign/" + name)) {
      Files.copy(Objects.requireNonNull(in, name), temp.resolve("foreign").resolve(name));
    }
  }

  @Test
  void usageAndErrorsAreOneLineAndHaveTheirCodes() {
    assertEquals(2, run("frobnicate"));
    assertEquals(2, run("checkpoint", "list"));
    assertEquals(2, run());
    assertEquals(2, run("checkpoint", "inspect", temp.resolve("nothing").toString()));
    assertEquals(1, complained().split("\\R", 0).length, complained());
    assertEquals(2, run("checkpoint", "inspect", temp.resolve("nothing").toString(), "--debug"));
    assertTrue(complained().contains("\tat "), complained());
  }

  @Test
  void helpTrainListsEveryKey() {
    for (var key : dev.cairn.jobs.config.TrainConf.keys()) {
      assertTrue(
          SettingsText.lines().stream()
              .anyMatch(line -> line.startsWith("  " + key.name() + "  (")));
    }
    assertTrue(
        SettingsText.lines().stream()
            .anyMatch(line -> line.startsWith("  spark.cairn.save.timeout")));
  }
}
