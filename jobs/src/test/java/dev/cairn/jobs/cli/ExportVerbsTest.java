package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code checkpoint export} and {@code import}, by what they write, print and refuse. */
final class ExportVerbsTest {
  private static final String VALUE = "/.ATTRIBUTES/VARIABLE_VALUE";

  @TempDir private Path temp = Path.of("");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private String run = "";

  @BeforeEach
  void aCheckpoint() throws IOException {
    run = temp.resolve("run").toString();
    try (CheckpointFolder checkpoints = CheckpointFolder.open(run, FolderOptions.defaults())) {
      PendingCheckpoint pending = checkpoints.begin(1, 1);
      try (ShardWriter writer = ShardWriter.create(pending.target(0), FolderOptions.defaults())) {
        VariableSpec weights = new VariableSpec("weights" + VALUE, DType.FLOAT, Shape.of(4, 1));
        writer.write(weights, Slice.rows(0, 2, 2), new float[] {1, 2}, 0, 2);
        writer.write(weights, Slice.rows(2, 2, 2), new float[] {3, 4}, 0, 2);
        VariableSpec bias = new VariableSpec("bias" + VALUE, DType.FLOAT, Shape.scalar());
        writer.write(bias, Slice.full(0), new float[] {0.5f}, 0, 1);
        writer.write(
            new VariableSpec("global_step" + VALUE, DType.INT64, Shape.scalar()),
            Slice.full(0),
            ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 7));
        writer.writeStrings(
            new VariableSpec("words" + VALUE, DType.STRING, Shape.of(1)),
            List.of("a".getBytes(StandardCharsets.UTF_8)));
        pending.report(writer.finish());
      }
      pending.commit(null, "app", new TreeMap<>());
    }
  }

  private int cairn(String... args) {
    out.reset();
    err.reset();
    return CairnCommand.run(Consoles.keeping(out, err), args);
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String complained() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private String path(String name) {
    return temp.resolve(name).toString();
  }

  @Test
  void filesGoThereAndBack() throws IOException {
    for (String ending : List.of(".safetensors", ".npz", ".h5")) {
      String file = path("model" + ending);
      assertEquals(0, cairn("checkpoint", "export", run, file), complained());
      assertTrue(printed().contains("Left out words" + VALUE + ": STRING is no number"), printed());
      assertTrue(printed().contains("Wrote " + file + ": 3 tensors, "), printed());
      String prefix = path("imported" + ending.replace('.', '-'));
      assertEquals(0, cairn("checkpoint", "import", file, prefix), complained());
      assertEquals("Wrote " + prefix + ": 3 tensors, 28 B", printed().strip());
      assertEquals(0, cairn("checkpoint", "verify", prefix), complained());
      String again = path("again" + ending);
      assertEquals(0, cairn("checkpoint", "export", prefix, again, "--json"), complained());
      JsonNode told = new ObjectMapper().readTree(printed());
      assertEquals(3, told.path("tensors").asInt());
      assertEquals(Files.size(Path.of(again)), told.path("bytes").asLong());
      assertArrayEquals(
          Files.readAllBytes(Path.of(file)), Files.readAllBytes(Path.of(again)), ending);
    }
  }

  @Test
  void someTensorsUnderOtherNames() throws IOException {
    String file = path("m.weights.h5");
    String[] words = {
      "checkpoint",
      "export",
      run,
      file,
      "--only",
      "weights",
      "--only",
      "b*",
      "--name",
      "weights=layers/dense/vars/0",
      "--name",
      "bias=layers/dense/vars/1"
    };
    assertEquals(0, cairn(words), complained());
    assertEquals(0, cairn("checkpoint", "inspect", file));
    assertTrue(
        printed()
            .lines()
            .anyMatch(line -> line.matches("layers/dense/vars/0 +FLOAT +\\[4,1] +16 B")),
        printed());
    assertFalse(printed().contains("global_step"), printed());
    assertEquals(0, cairn("checkpoint", "inspect", file, "--json"));
    JsonNode second = new ObjectMapper().readTree(printed()).path("tensors").path(1);
    assertEquals("layers/dense/vars/1", second.path("name").asText());
    assertEquals(0, second.path("shape").size());
    assertEquals(0, cairn("checkpoint", "import", file, path("m"), "--only", "*/1"));
    assertTrue(printed().contains("1 tensor, 4 B"), printed());
  }

  private void refused(String part, String... words) {
    assertEquals(2, cairn(words), printed());
    assertTrue(complained().contains(part), complained());
    assertEquals(1, complained().strip().lines().count(), complained());
    assertEquals("", printed());
  }

  @Test
  void whatCannotBeIsOneLine() throws IOException {
    String file = path("m.npz");
    refused(".weights.h5, .keras, .safetensors, .npz", "checkpoint", "export", run, path("m.bin"));
    refused("there is no wieghts", "checkpoint", "export", run, file, "--name", "wieghts=w");
    refused("there is no w", "checkpoint", "export", run, file, "--only", "w");
    refused("layers/dense/vars/0, found bias", "checkpoint", "export", run, path("m.weights.h5"));
    refused("expected a model that Keras saved", "checkpoint", "export", run, path("m.keras"));
    refused("expected one, found nothing", "checkpoint", "import", file, path("m"));
    assertFalse(Files.exists(Path.of(file)));
    assertEquals(0, cairn("checkpoint", "export", run, file));
    refused("found a file", "checkpoint", "export", run, file);
    assertEquals(0, cairn("checkpoint", "export", run, file, "--overwrite"), complained());
    assertEquals(0, cairn("checkpoint", "import", file, path("m")));
    refused("expected nothing of that name", "checkpoint", "import", file, path("m"));
    refused(
        "missing global_step INT64[]; unexpected other INT64[]",
        "checkpoint",
        "export",
        run,
        path("l.npz"),
        "--like",
        file,
        "--name",
        "global_step=other");
    Files.writeString(Path.of(file), "no archive");
    assertEquals(1, cairn("checkpoint", "import", file, path("n")));
    assertTrue(complained().contains("expected a zip archive"), complained());
  }

  /** A scalar is a bias of one number, if the model says so. */
  @Test
  void shapesAreThoseOfTheModel() throws IOException {
    String model = path("model.npz");
    String like = path("like.npz");
    assertEquals(
        0, cairn("checkpoint", "export", run, model, "--only", "bias", "--only", "weights"));
    String[] words = {
      "checkpoint", "export", run, like, "--like", model, "--only", "bias", "--only", "weights"
    };
    assertEquals(0, cairn(words), complained());
    assertArrayEquals(Files.readAllBytes(Path.of(model)), Files.readAllBytes(Path.of(like)));
  }
}
