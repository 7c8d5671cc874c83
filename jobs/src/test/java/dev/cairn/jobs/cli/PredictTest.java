package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.RunResult;
import dev.cairn.checkpoint.model.BinaryFigures;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.NumberFigures;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.jobs.config.JobException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the way from training to scores of new rows: by Spark and one by one, with the same bits.
 */
final class PredictTest {
  @TempDir private Path temp = Path.of("");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private Console console() {
    out.reset();
    err.reset();
    return Consoles.keeping(out, err);
  }

  private String said() {
    return err.toString(StandardCharsets.UTF_8) + out.toString(StandardCharsets.UTF_8);
  }

  private void succeeds(String... args) {
    String[] all = Arrays.copyOf(args, args.length + 1);
    all[args.length] = "spark.master=local[1]";
    assertEquals(CairnCommand.OK, CairnCommand.run(console(), all), this::said);
  }

  private void fails(String part, String... args) {
    assertEquals(CairnCommand.TROUBLE, CairnCommand.run(console(), args), this::said);
    assertTrue(said().contains(part), this::said);
  }

  /** City codes with leading zeros, quotes, words beyond ASCII, absent values. */
  private static String csv(int rows, boolean label) {
    StringBuilder text = new StringBuilder(label ? "city,code,x,day,y\n" : "day,city,x,code\n");
    String[] cities = {"K\u00f6ln", "Bonn", "\"a, \"\"b\"\"\"", "", "\u6771\u4eac"};
    for (int i = 0; i < rows; i++) {
      String city = cities[i % 5];
      String code = "0" + i % 3;
      String x = i % 7 == 0 ? "" : String.valueOf((i % 11) * 0.25);
      String day = "2024-01-0" + (1 + i % 9);
      text.append(
          label
              ? String.join(",", city, code, x, day, i % 5 < 2 ? "yes" : "no")
              : String.join(",", day, city, x, code));
      text.append('\n');
    }
    return text.toString();
  }

  private void train() throws IOException {
    Files.writeString(temp.resolve("rows.csv"), csv(200, true));
    Files.writeString(temp.resolve("new.csv"), csv(40, false));
    Files.writeString(
        temp.resolve("run.properties"),
        """
        input=rows.csv
        label=y
        label.positive=yes
        split.test=0.2
        features.categorical=city,code,weekday
        features.numeric=x
        features.cross=city*code
        features.derive.weekday=dayofweek(day)
        features.hash-bits=8
        train.partitions=2
        train.batch-rows=20
        checkpoint.dir=run
        """);
    succeeds("train", temp + "/run.properties", "spark.sql.session.timeZone=Asia/Tokyo");
  }

  private static TrainingState training(String run) throws IOException {
    FolderOptions options = FolderOptions.defaults();
    try (CheckpointReader reader = CheckpointReader.open(RunResult.find(run, options), options)) {
      return reader.manifest().flatMap(Manifest::training).orElseThrow();
    }
  }

  private List<String> lines(String folder) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(temp.resolve(folder))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".csv")).sorted().toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines;
  }

  @Test
  @Tag("long")
  void scoresNewRows() throws Exception {
    train();
    String run = temp + "/run";
    assertEquals("Asia/Tokyo", training(run).configuration().get(SparkSettings.TIME_ZONE));
    assertMetrics();
    succeeds(
        "predict", run, temp + "/new.csv", temp + "/out.csv", "output.columns=city,code,x,day");
    assertTrue(said().contains("40 rows written"), this::said);
    List<String> scored = lines("out.csv");
    assertEquals("city,code,x,day,margin,probability,prediction,checkpoint", scored.get(0));
    assertEquals(41, scored.size());
    assertSameBitsOneByOne(run, scored);
    assertHeaviestByName(run);

    fails(
        "output.overwrite=true",
        "predict",
        run,
        temp + "/rows.csv",
        temp + "/out.csv",
        "spark.master=local[1]");
    succeeds("predict", run, temp + "/new.csv", temp + "/out.csv", "threshold=0");
    assertTrue(lines("out.csv").get(1).contains(",1.0,"), () -> "all are above 0");
    succeeds("predict", run, temp + "/rows.csv", temp + "/out.parquet", "output.columns=");
    try (Stream<Path> files = Files.list(temp.resolve("out.parquet"))) {
      assertTrue(files.anyMatch(file -> file.toString().endsWith(".parquet")));
    }
    fails(
        "Unknown column citty: expected one of",
        "predict",
        run,
        temp + "/new.csv",
        temp + "/no",
        "output.columns=citty",
        "spark.master=local[1]");
    fails(
        "did you mean output.columns?",
        "predict",
        run,
        temp + "/new.csv",
        temp + "/no",
        "output.colums=a");
  }

  /** The offset is computed for new rows, too; without Spark it is a column. */
  @Test
  @Tag("long")
  void scoresRowsWithOffsets() throws Exception {
    StringBuilder rows = new StringBuilder("kind,exposure,y\n");
    StringBuilder lines = new StringBuilder("kind,offset\n");
    for (int i = 0; i < 200; i++) {
      double exposure = 0.25 + i % 7;
      String kind = "k" + i % 3;
      rows.append(kind + "," + exposure + "," + Math.round(exposure * (1 + i % 3)) + "\n");
      lines.append(kind + "," + Math.log(exposure) + "\n");
    }
    Files.writeString(temp.resolve("claims.csv"), rows);
    Files.writeString(temp.resolve("odd.csv"), "kind,exposure\nk1,2\nk2,\n");
    Files.writeString(
        temp.resolve("claims.properties"),
        """
        input=claims.csv
        model=linear
        model.loss=poisson
        label=y
        train.offset=ln(exposure)
        features.categorical=kind
        features.hash-bits=8
        split.test=0.2
        train.epochs=40
        train.partitions=2
        train.batch-rows=40
        checkpoint.dir=claims
        """);
    succeeds("train", temp + "/claims.properties");
    String run = temp + "/claims";
    assertEquals("ln(exposure)", training(run).configuration().get("train.offset"));
    NumberFigures judged = (NumberFigures) training(run).test().orElseThrow();
    assertTrue(judged.r2().orElseThrow() > 0.9, judged::toString);
    succeeds("predict", run, temp + "/claims.csv", temp + "/counts.csv", "output.columns=");
    List<String> scored = lines("counts.csv");
    assertEquals("prediction,checkpoint", scored.get(0));
    assertEquals(
        0, new PredictLines(console()).run(run, new StringReader(lines.toString()), false));
    assertEquals(scored, List.of(said().split("\\R")));
    fails(
        "column train.offset = ln(exposure), expected a finite number within float32",
        "predict",
        run,
        temp + "/odd.csv",
        temp + "/no",
        "spark.master=local[1]");
    Exception e =
        assertThrows(
            JobException.class,
            () -> new PredictLines(console()).run(run, new StringReader("kind\nk1\n"), false));
    assertTrue(
        String.valueOf(e.getMessage()).contains("expected columns kind, offset"), e::toString);
    assertTrue(String.valueOf(e.getMessage()).contains("offset = ln(exposure)"), e::toString);
  }

  @Test
  void refusesWhatItCannotUse() {
    fails("expected 1 or more, found 0", "model", "top", "run", "rows.csv", "--count", "0");
    fails("Unknown key threshold: expected", "model", "top", "run", "rows.csv", "threshold=1");
    fails("Cannot use ~x/run: expected a path", "predict", "~x/run", "--stdin");
    fails("expected RUN|CHECKPOINT alone", "predict", "run", "rows.csv", "--stdin");
    fails("expected RUN|CHECKPOINT INPUT OUTPUT, found 2", "predict", "run", "rows.csv");
    fails("found an empty one among them", "predict", "run", "rows.csv", "");
  }

  /** Bonn is one of two cities that say yes: its weight is among the heaviest, by its name. */
  private void assertHeaviestByName(String run) throws IOException {
    succeeds("model", "top", run, temp + "/rows.csv", "--count", "12");
    assertTrue(said().contains("city=Bonn"), this::said);
    succeeds("model", "top", run, temp + "/rows.csv", "--count", "300", "--json");
    JsonNode features =
        new ObjectMapper().readTree(out.toString(StandardCharsets.UTF_8)).path("features");
    double last = Double.MAX_VALUE;
    long bonn = 0;
    for (JsonNode feature : features) {
      double weight = Math.abs(feature.path("coefficient").asDouble());
      assertTrue(weight <= last && weight > 0, feature::toString);
      last = weight;
      for (JsonNode name : feature.path("names")) {
        bonn += name.path("name").asText().equals("city=Bonn") ? name.path("rows").asLong() : 0;
      }
    }
    assertEquals(40, bonn, features::toString);
  }

  /** The file for programs agrees with what people read, and adds up. */
  private void assertMetrics() throws IOException {
    String printed = said();
    JsonNode metrics = new ObjectMapper().readTree(temp.resolve("run/metrics.json").toFile());
    JsonNode test = metrics.path("test");
    assertTrue(metrics.path("checkpoint").asText().contains("/run/ckpt-"), metrics::toString);
    assertEquals(200, metrics.path("training").path("rows").asInt() + test.path("rows").asInt());
    assertTrue(
        printed.contains(String.format(Locale.ROOT, "%.4f", test.path("logLoss").asDouble())),
        printed);
    assertTrue(
        printed.contains(String.format(Locale.ROOT, "%.4f", test.path("auc").asDouble())), printed);
    long rows = 0;
    double positives = 0;
    for (JsonNode tenth : test.path("calibration")) {
      double mean = tenth.path("probabilities").asDouble() / tenth.path("rows").asLong();
      assertTrue(mean >= tenth.path("tenth").asInt() / 10.0, tenth::toString);
      assertTrue(mean <= (tenth.path("tenth").asInt() + 1) / 10.0, tenth::toString);
      rows += tenth.path("rows").asLong();
      positives += tenth.path("positive").asLong();
    }
    assertEquals(test.path("rows").asLong(), rows);
    assertEquals(test.path("positive").asDouble(), positives, 1e-9);
    assertTrue(test.path("f1").asDouble() > 0.9, test::toString);
    JsonNode manifest =
        new ObjectMapper()
            .readTree(
                Path.of(
                        URI.create(RunResult.find(temp + "/run", FolderOptions.defaults()))
                            .getPath(),
                        "manifest.json")
                    .toFile());
    JsonNode kept = manifest.path("training").path("test");
    ((ObjectNode) test).remove("logLossOfConstant"); // of the training rows, not of the model
    assertEquals(kept, test, "one form of figures");
    assertManifestHas(test);
  }

  /** The figures are part of the checkpoint; a run that trains nothing more finds them again. */
  private void assertManifestHas(JsonNode test) throws IOException {
    BinaryFigures kept = (BinaryFigures) training(temp + "/run").test().orElseThrow();
    assertEquals(test.path("logLoss").asDouble(), kept.logLoss());
    assertEquals(test.path("auc").asDouble(), kept.auc().orElseThrow());
    assertEquals(test.path("f1").asDouble(), kept.f1().orElseThrow());
    assertEquals(test.path("calibration").size(), kept.tenths().size());
    succeeds("train", temp + "/run.properties", "spark.sql.session.timeZone=Asia/Tokyo");
    JsonNode again = new ObjectMapper().readTree(temp.resolve("run/metrics.json").toFile());
    for (String count : List.of("rows", "positive", "auc", "precision", "recall", "f1")) {
      assertEquals(test.path(count), again.path("test").path(count), count);
    }
    // Training packs standardised features as floats; scoring has them as doubles.
    assertEquals(
        test.path("logLoss").asDouble(), again.path("test").path("logLoss").asDouble(), 1e-8);
    String checkpoint = RunResult.find(temp + "/run", FolderOptions.defaults());
    assertEquals(
        CairnCommand.OK,
        CairnCommand.run(console(), "checkpoint", "inspect", checkpoint),
        this::said);
    assertTrue(said().contains("test rows   " + kept.rows() + ": log loss "), this::said);
  }

  /** Scores Spark's rows again, by lines of standard input. */
  private void assertSameBitsOneByOne(String run, List<String> scored) throws IOException {
    StringBuilder input = new StringBuilder("city,code,x,weekday\n");
    List<String> expected = new ArrayList<>();
    for (String line : scored.subList(1, scored.size())) {
      int day = line.indexOf("2024-");
      String weekday =
          String.valueOf(
              java.time.LocalDate.parse(line.substring(day, day + 10)).getDayOfWeek().getValue() % 7
                  + 1);
      input.append(line, 0, day).append(weekday).append('\n');
      expected.add(line.substring(day + 11).replaceFirst("\\.0,file", ",file"));
    }
    assertEquals(
        0, new PredictLines(console()).run(run, new StringReader(input.toString()), false));
    List<String> found = new ArrayList<>(List.of(said().split("\\R")));
    assertEquals("margin,probability,prediction,checkpoint", found.remove(0));
    assertEquals(expected, found);

    String json = "{\"city\":\"K\u00f6ln\",\"code\":\"00\",\"x\":null,\"weekday\":2}";
    new PredictLines(console()).run(run, new StringReader(json), true);
    JsonNode answer = new ObjectMapper().readTree(said());
    assertEquals(expected.get(0).split(",")[0], answer.path("margin").toString());
    assertMissing(run);
  }

  private void assertMissing(String run) {
    String complaint =
        String.valueOf(
            assertThrows(
                    JobException.class,
                    () ->
                        new PredictLines(console())
                            .run(run, new StringReader("city,code,x\na,b,1\n"), false))
                .getMessage());
    assertTrue(complaint.contains("weekday = dayofweek(day)"), complaint);
  }
}
