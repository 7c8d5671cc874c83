package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.checkpoint.model.ModelDefinition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code checkpoint export CHECKPOINT --saved-model DIR}, by what it prints and writes. */
final class SavedModelTargetTest {
  @TempDir private Path temp = Path.of("");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private String run(ModelDefinition said) throws IOException {
    String folder = temp.resolve("run of " + said.kind()).toString();
    SavedRuns.commit(folder, 7, said, 0);
    return folder;
  }

  private int cairn(String... words) {
    out.reset();
    err.reset();
    return CairnCommand.run(Consoles.keeping(out, err), words);
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String complained() {
    return err.toString(StandardCharsets.UTF_8);
  }

  /** As {@code saved_model_cli show} does. */
  private void inspected(Path model) throws IOException {
    assertEquals(CairnCommand.OK, cairn("checkpoint", "inspect", model.toString()));
    List<String> lines = printed().lines().map(line -> line.replaceAll(" +", " ")).toList();
    for (String line :
        List.of(
            "tags serve",
            "written by a program that tells no version of TensorFlow",
            "serving_default in minute_of_day DOUBLE [?] serving_default_minute_of_day:0",
            " in origin STRING [?] serving_default_origin:0",
            "sparse in indices INT64 [?,?] sparse_indices:0",
            "model/weights/.ATTRIBUTES/VARIABLE_VALUE FLOAT [64,1] 1 256 B")) {
      assertTrue(lines.contains(line), () -> "expected " + line + " in: " + printed());
    }
    assertEquals(CairnCommand.OK, cairn("checkpoint", "inspect", model.toString(), "--json"));
    JsonNode json = new ObjectMapper().readTree(printed());
    assertEquals("serve", json.at("/graphs/0/tags/0").asText());
    JsonNode indices = json.at("/graphs/0/signatures/1/inputs/0");
    assertEquals(-1, indices.at("/shape/1").asLong());
    assertEquals("sparse_indices:0", indices.path("tensor").asText());

    Path bare = Files.createDirectory(temp.resolve("bare"));
    Files.copy(model.resolve("saved_model.pb"), bare.resolve("saved_model.pb"));
    assertEquals(CairnCommand.OK, cairn("checkpoint", "inspect", bare.toString()));
    assertTrue(printed().contains("It has no variables."), printed());
    assertEquals(CairnCommand.OK, cairn("checkpoint", "inspect", bare.toString(), "--json"));
    assertEquals(0, new ObjectMapper().readTree(printed()).path("variables").size());
    Files.writeString(bare.resolve("saved_model.pb"), "cut");
    assertEquals(CairnCommand.FAILED, cairn("checkpoint", "inspect", bare.toString()));
    Files.writeString(model.resolve("saved_model.pb"), "cut");
    assertEquals(CairnCommand.OK, cairn("checkpoint", "inspect", model.toString()));
    assertTrue(complained().contains("The signatures are not shown: Cannot read SavedModel"));
    assertTrue(printed().contains("model/weights"), printed());
  }

  @Test
  void tellsWhatCanBeCalled() throws Exception {
    String run = run(SavedRuns.logistic());
    Path target = temp.resolve("new/model");
    assertEquals(
        CairnCommand.OK,
        cairn("checkpoint", "export", run, "--saved-model", target.toString()),
        this::complained);
    assertTrue(printed().contains("the logistic model of " + run), printed());
    List<String> lines = printed().lines().map(String::strip).toList();
    assertEquals("serving_default", lines.get(1));
    assertEquals("in   minute_of_day, origin", lines.get(2));
    assertEquals("out  margin, prediction, probability", lines.get(3));
    assertEquals("in   indices, values", lines.get(5));
    for (String file :
        List.of(
            "saved_model.pb",
            "fingerprint.pb",
            "variables/variables.index",
            "variables/variables.data-00000-of-00001")) {
      assertTrue(Files.size(target.resolve(file)) > 0, file);
    }
    assertEquals(CairnCommand.OK, cairn("checkpoint", "verify", target.toString()));
    inspected(target);
    assertEquals(
        CairnCommand.TROUBLE,
        cairn("checkpoint", "export", run, "--saved-model", target.toString()));
    assertTrue(complained().contains("name another folder"), complained());

    Path other = temp.resolve("other");
    assertEquals(
        CairnCommand.OK,
        cairn("checkpoint", "export", run, "--saved-model", other.toString(), "--json"));
    JsonNode json = new ObjectMapper().readTree(printed());
    assertEquals("logistic", json.path("model").asText());
    assertEquals("origin", json.at("/signatures/0/inputs/1").asText());
    assertEquals("probability", json.at("/signatures/1/outputs/2").asText());
  }

  @Test
  void modelsOfOnesOwnAreRefused() throws Exception {
    String run = run(new ModelDefinition("perceptron", new TreeMap<>()));
    Path target = temp.resolve("own");
    assertEquals(
        CairnCommand.TROUBLE,
        cairn("checkpoint", "export", run, "--saved-model", target.toString()));
    assertTrue(complained().contains("found perceptron, which is a program's own"), complained());
    assertFalse(Files.exists(target));
  }
}
