package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code refresh} from its file to its exit code. */
final class RefreshCommandTest {
  // Equal rows go to the same side of the split, so each has a number.
  private static final String SHARED =
      """
      input=rows.csv
      refresh.model=models/m
      refresh.column=day
      split.test=0.3
      checkpoint.dir=refreshes
      train.partitions=2
      train.batch-rows=20
      train.epochs=5
      optimizer.learning-rate=0.5
      gate.rows=20
      spark.master=local[1]
      """;

  private static final String FEATURES =
      """
      label=y
      features.categorical=a
      features.hash-bits=8
      """;

  @TempDir private Path temp = Path.of("");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private int run(String... args) {
    out.reset();
    return CairnCommand.run(Consoles.keeping(out, out), args);
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private void ends(int code, String word, String... words) {
    List<String> args = new ArrayList<>(List.of("refresh", temp + "/refresh.properties"));
    args.addAll(List.of(words));
    assertEquals(code, run(args.toArray(String[]::new)), this::said);
    assertTrue(said().contains(word), () -> "expected \"" + word + "\" in: " + said());
  }

  private void write(String text) throws IOException {
    Files.writeString(temp.resolve("refresh.properties"), text);
  }

  @Tag("long")
  @Test
  void aModelBeginsAndIsRefreshed() throws IOException {
    StringBuilder rows = new StringBuilder("id,day,a,y\n");
    for (int i = 0; i < 600; i++) {
      rows.append(i)
          .append(',')
          .append(i / 300)
          .append(',')
          .append((char) ('a' + i % 7))
          .append(',');
      rows.append(i % 7 < 3 ? 1 : 0).append('\n');
    }
    Files.writeString(temp.resolve("rows.csv"), rows);
    write(SHARED + FEATURES);
    ends(CairnCommand.REFUSED, "Not validated", "refresh.where=day = 0");
    assertFalse(Files.exists(temp.resolve("models/m/1")));

    write(SHARED + FEATURES + "gate.value=logLoss <= 0.69\ngate.change=logLoss <= 0.01\n");
    ends(CairnCommand.OK, "Published version 1", "refresh.where=day = 0");

    ends(
        CairnCommand.TROUBLE,
        "features.categorical: expected \"[a]\", found \"[a, day]\" (command line)",
        "features.categorical=a,day");
    write(SHARED + "gate.change=logLoss <= 0.01\n"); // the version has the features
    ends(
        CairnCommand.TROUBLE,
        "/no/python",
        "refresh.where=day = 1",
        "refresh.ask-tensorflow=/no/python");
    assertFalse(Files.exists(temp.resolve("models/m/2")));
    String python = TensorFlowEnvironment.get().python().toString();
    ends(
        CairnCommand.OK,
        "Published version 2",
        "refresh.where=day = 1",
        "refresh.ask-tensorflow=" + python);
    asksForRowsOfOnesOwn(python);

    assertEquals(CairnCommand.OK, run("history", temp + "/models/m", "--json"), this::said);
    JsonNode second = new ObjectMapper().readTree(said()).path("versions").path(1);
    assertEquals("refresh", second.path("origin").asText());
    assertEquals(1, second.path("parent").asInt());
    assertEquals("1", second.path("data").path("from").asText());
    assertTrue(
        second.path("figures").path("logLoss").asDouble()
            < second.path("before").path("logLoss").asDouble());
  }

  private void asksForRowsOfOnesOwn(String python) throws IOException {
    String version = temp.resolve("models/m/2/variables").toString();
    Path sample = temp.resolve("sample.csv");
    List<String> words =
        List.of(
            "publish",
            version,
            "--to",
            temp.resolve("models/asked").toString(),
            "--ask-tensorflow=" + python,
            "--sample",
            sample.toString());
    Files.writeString(sample, "b\n1\n");
    assertEquals(CairnCommand.TROUBLE, run(words.toArray(String[]::new)), this::said);
    assertTrue(said().contains("column a"), this::said);
    assertFalse(Files.exists(temp.resolve("models/asked/1")));
    Files.writeString(sample, "a\nb\nsomething new\n");
    assertEquals(CairnCommand.OK, run(words.toArray(String[]::new)), this::said);
    assertTrue(Files.exists(temp.resolve("models/asked/1/saved_model.pb")));
  }

  @Test
  void whatCannotBeARefreshIsFoundBeforeAnythingStarts() throws IOException {
    write(SHARED + FEATURES);
    ends(CairnCommand.TROUBLE, "did you mean logLoss?", "gate.value=logloss <= 1");
    ends(CairnCommand.TROUBLE, "Missing key split.test", "split.test=");
    ends(CairnCommand.TROUBLE, "Cannot use model.initial", "model.initial=models/m/1");
    ends(CairnCommand.TROUBLE, "slices and thresholds", "gate.slices=a");
    ends(CairnCommand.TROUBLE, "did you mean gate.value?", "gate.values=auc >= 1");
    List<String> train = List.of("train", temp + "/refresh.properties");
    assertEquals(CairnCommand.TROUBLE, run(train.toArray(String[]::new)), this::said);
    assertTrue(said().contains("Unknown key"), this::said);
  }
}
