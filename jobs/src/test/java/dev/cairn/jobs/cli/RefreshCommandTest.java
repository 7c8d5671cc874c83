package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code refresh} from its file to its exit code. */
final class RefreshCommandTest extends CommandCalls {
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

  private void write(String text) throws IOException {
    Files.writeString(temp.resolve("refresh.properties"), text);
  }

  private void writeRows(int number) throws IOException {
    StringBuilder rows = new StringBuilder("id,day,a,y\n");
    for (int i = 0; i < number; i++) {
      rows.append(i)
          .append(',')
          .append(i / 300)
          .append(',')
          .append((char) ('a' + i % 7))
          .append(',');
      rows.append(i % 7 < 3 ? 1 : 0).append('\n');
    }
    Files.writeString(temp.resolve("rows.csv"), rows);
  }

  @Tag("long")
  @Test
  void aModelBeginsAndIsRefreshed() throws IOException {
    writeRows(600);
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

  private void damage(String version) throws IOException {
    try (Stream<Path> files = Files.list(temp.resolve(version + "/variables"))) {
      Path data =
          files.filter(file -> file.toString().contains(".data-")).findFirst().orElseThrow();
      byte[] bytes = Files.readAllBytes(data);
      for (int i = 0; i < bytes.length; i += 4) {
        bytes[i] ^= 1;
      }
      Files.delete(data); // its bytes may be those of other versions, too
      Path unused = Files.write(data, bytes);
    }
  }

  @Tag("long")
  @Test
  void badMonthsAndADamagedVersion() throws IOException {
    writeRows(900);
    write(SHARED + FEATURES + "gate.value=logLoss <= 9\n");
    ends(CairnCommand.OK, "Published version 1", "refresh.where=day = 0");
    ends(
        CairnCommand.TROUBLE,
        "no row of the input meets refresh.where = day = 7",
        "refresh.where=day = 7");
    ends(CairnCommand.TROUBLE, "version 1 was trained on the same", "refresh.where=day = 0");
    ends(CairnCommand.TROUBLE, "day from 0 to 0, found", "refresh.where=day = 0 and id > 10");

    String rows = Files.readString(temp.resolve("rows.csv"));
    Files.writeString(temp.resolve("rows.csv"), rows + "900,oops\n");
    ends(CairnCommand.TROUBLE, "rows.csv line 902", "refresh.where=day = 1");
    Files.writeString(temp.resolve("rows.csv"), rows);
    ends(CairnCommand.OK, "Published version 2", "refresh.where=day = 1");

    damage("models/m/2");
    String advice = "version 1 is good: go back to it with rollback " + temp + "/models/m --to 1";
    ends(CairnCommand.TROUBLE, advice, "refresh.where=day = 2");
    assertTrue(said().contains("Cannot use version 2 of model m: it is damaged"), this::said);
    String model = temp + "/models/m";
    List<String> predict =
        List.of("predict", model, temp + "/rows.csv", temp + "/scores", "spark.master=local[1]");
    assertEquals(CairnCommand.TROUBLE, run(predict.toArray(String[]::new)), this::said);
    assertTrue(said().contains(advice), this::said);
    assertFalse(Files.exists(temp.resolve("scores")));
    assertEquals(CairnCommand.OK, run("rollback", model, "--to", "1"), this::said);
    assertEquals(CairnCommand.OK, run(predict.toArray(String[]::new)), this::said);
  }

  @Test
  void whatCannotBeARefreshIsFoundBeforeAnythingStarts() throws IOException {
    write(SHARED + FEATURES);
    ends(CairnCommand.TROUBLE, "did you mean logLoss?", "gate.value=logloss <= 1");
    ends(CairnCommand.TROUBLE, "Missing key split.test", "split.test=");
    ends(CairnCommand.TROUBLE, "Cannot use model.initial", "model.initial=models/m/1");
    ends(CairnCommand.TROUBLE, "Cannot use report.file", "report.file=curve.html");
    ends(CairnCommand.TROUBLE, "slices and thresholds", "gate.slices=a");
    ends(
        CairnCommand.TROUBLE,
        "found \"a/b\" (refresh.labels, command line)",
        "refresh.labels=champion,a/b");
    ends(CairnCommand.TROUBLE, "no program /no/python", "refresh.ask-tensorflow=/no/python");
    String home = System.getProperty("user.home");
    ends(CairnCommand.TROUBLE, "program " + home + "/no/py", "refresh.ask-tensorflow=~/no/py");
    assertFalse(said().contains("Starting Spark"), this::said);
    ends(CairnCommand.TROUBLE, "did you mean gate.value?", "gate.values=auc >= 1");
    List<String> train = List.of("train", temp + "/refresh.properties");
    assertEquals(CairnCommand.TROUBLE, run(train.toArray(String[]::new)), this::said);
    assertTrue(said().contains("Unknown key"), this::said);
  }
}
