package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.spark.serving.RowPredictor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code predict} with a published model: which version made each file is in it. */
@Tag("long")
final class PredictPublishedTest extends CommandCalls {
  private void succeeds(String... args) {
    assertEquals(CairnCommand.OK, run(args), this::said);
  }

  private void predicts(String model, String output, String... more) {
    assertEquals(CairnCommand.OK, predict(model, output, more), this::said);
  }

  private int predict(String model, String output, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of("predict", temp + "/" + model, temp + "/rows.csv", temp + "/" + output));
    args.addAll(Arrays.asList(more));
    args.add("spark.master=local[1]");
    return run(args.toArray(String[]::new));
  }

  private List<String> lines(String folder) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.walk(temp.resolve(folder))) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().startsWith("part-")).sorted().toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines;
  }

  private JsonNode record(String folder) throws IOException {
    return new ObjectMapper().readTree(temp.resolve(folder).resolve(ScoredFolder.RECORD).toFile());
  }

  @Test
  void theVersionInUseScoresAndIsInWhatItMade() throws Exception {
    StringBuilder rows = new StringBuilder("city,part,y\n");
    for (int i = 0; i < 60; i++) {
      rows.append("c" + i % 5 + ",p" + i % 2 + "," + (i % 5 < 2 ? 1 : 0) + "\n");
    }
    Files.writeString(temp.resolve("rows.csv"), rows);
    Files.writeString(
        temp.resolve("run.properties"),
        """
        input=rows.csv
        label=y
        features.categorical=city
        features.hash-bits=6
        split.test=0.2
        train.partitions=2
        train.batch-rows=20
        checkpoint.dir=run
        """);
    String properties = temp + "/run.properties";
    succeeds("train", properties, "train.epochs=1", "spark.master=local[1]");
    String model = temp + "/models/cities";
    succeeds("publish", temp + "/run", "--to", model);
    predicts("models/cities", "out.csv", "output.columns=city");
    List<String> first = lines("out.csv");
    assertEquals("city,margin,probability,prediction,checkpoint,version", first.get(0));
    assertEquals(61, first.size());
    assertTrue(first.get(1).endsWith("/models/cities/1/variables,1"), first.get(1));
    assertEquals(1, record("out.csv").path("version").asInt());
    assertEquals(60, record("out.csv").path("rows").asInt());
    double margin = RowPredictor.load(model, FolderOptions.defaults()).margin(Map.of("city", "c0"));
    assertEquals("c0," + margin, first.get(1).replaceFirst("(,[^,]*){4}$", ""));

    succeeds("train", properties, "train.epochs=3", "spark.master=local[1]");
    succeeds("publish", temp + "/run", "--to", model, "--alias", "champion");
    predicts("models/cities", "out.csv", "output.columns=city");
    assertTrue(lines("out.csv").get(1).endsWith(",2"), "the same command replaces its output");
    assertEquals(2, record("out.csv").path("version").asInt());
    succeeds("rollback", model);
    predicts("models/cities", "out.csv", "output.columns=city");
    assertEquals(
        first.get(1).replaceFirst("(,[^,]*){2}$", ""),
        lines("out.csv").get(1).replaceFirst("(,[^,]*){2}$", ""),
        "as before");
    assertEquals(3, record("out.csv").path("version").asInt());

    predicts("models/cities@champion", "parts.csv", "output.partition-by=part,version");
    assertTrue(Files.isDirectory(temp.resolve("parts.csv/part=p0/version=2")), this::said);
    assertEquals(CairnCommand.TROUBLE, predict("run", "out.csv"));
    assertTrue(said().contains("or set output.overwrite=true"), this::said);
    predicts("run", "out.csv", "output.overwrite=true");
    assertEquals("city,part,y,margin,probability,prediction,checkpoint", lines("out.csv").get(0));
    assertEquals(CairnCommand.TROUBLE, predict("models/cities", "no", "features.hash-bits=7"));
    assertTrue(said().contains("Unknown key features.hash-bits"), this::said);
    assertEquals(CairnCommand.TROUBLE, predict("models/cities", "no", "output.partition-by=prt"));
    assertTrue(said().contains("did you mean part?"), this::said);
    Files.writeString(temp.resolve("rows.csv"), "town\nc1\n");
    assertEquals(CairnCommand.TROUBLE, predict("models/cities", "no"));
    assertTrue(said().contains("city"), this::said);
    assertTrue(said().contains("the columns that the model was trained on"), this::said);
  }
}
