package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code refresh} of a model whose features grow, or whose columns come as other types. */
@Tag("long")
final class RefreshGrowthTest extends CommandCalls {
  private static final String SHARED =
      """
      input=rows.csv
      refresh.model=models/m
      refresh.column=day
      split.test=id % 10 < 3
      checkpoint.dir=refreshes
      train.partitions=2
      train.batch-rows=20
      train.epochs=5
      optimizer.learning-rate=0.5
      gate.value=logLoss <= 0.69
      gate.change=logLoss <= 0.05
      gate.rows=20
      spark.master=local[1]
      label=y
      """;

  private static final String FEATURES =
      """
      features.derive.part=id div 400
      features.categorical=a,part
      features.hash-bits=6
      """;

  /** Rows of 4 days; what the label is depends on {@code a}, and a little on {@code b}. */
  private void write(String settings) throws IOException {
    Files.writeString(temp.resolve("refresh.properties"), settings);
    StringBuilder rows = new StringBuilder("id,day,a,b,y\n");
    for (int i = 0; i < 1200; i++) {
      int b = i * 31 % 5;
      boolean one = i % 7 < 3 != (b == 4 && i % 3 == 0);
      rows.append(String.format(Locale.ROOT, "%d,%d,a%d,b%d,", i, i / 300, i % 7, b));
      rows.append(one ? "1\n" : "0\n");
    }
    Files.writeString(temp.resolve("rows.csv"), rows);
  }

  private JsonNode version(int number) throws IOException {
    assertEquals(CairnCommand.OK, run("history", temp + "/models/m", "--json"), this::said);
    return new ObjectMapper().readTree(said()).path("versions").path(number - 1);
  }

  /** The mean log loss of a version's predictions for the test rows of a day. */
  private double logLoss(int version, int day) throws IOException {
    List<String> all = Files.readAllLines(temp.resolve("rows.csv"));
    List<String> rows = new ArrayList<>(List.of(all.get(0)));
    for (String line : all.subList(1, all.size())) {
      String[] fields = line.split(",", -1);
      if (fields[1].equals("" + day) && Integer.parseInt(fields[0]) % 10 < 3) {
        rows.add(line);
      }
    }
    Files.write(temp.resolve("test.csv"), rows);
    String scores = "scores-" + version + "-" + day;
    int code =
        run(
            "predict",
            temp + "/models/m/" + version + "/variables",
            temp + "/test.csv",
            temp + "/" + scores,
            "output.columns=y",
            "output.format=csv",
            "spark.master=local[1]");
    assertEquals(CairnCommand.OK, code, this::said);
    double sum = 0;
    int count = 0;
    try (Stream<Path> files = Files.list(temp.resolve(scores))) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith("part-")).toList()) {
        for (String line : Files.readAllLines(file)) {
          String[] fields = line.split(",", -1);
          if (!fields[0].equals("y")) {
            double probability = Double.parseDouble(fields[2]);
            sum -= Math.log(fields[0].equals("1") ? probability : 1 - probability);
            count++;
          }
        }
      }
    }
    assertEquals(rows.size() - 1, count);
    return sum / count;
  }

  @Test
  void theHashSpaceGrowsThenAColumnComes() throws IOException {
    write(SHARED + FEATURES);
    ends(CairnCommand.OK, "Published version 1", "refresh.where=day = 0");
    write(SHARED); // the version has the features
    String widen = "model.initial-growth=true";
    ends(
        CairnCommand.TROUBLE,
        "features.hash-bits: expected \"6\", found \"7\"",
        "refresh.where=day = 1",
        "features.hash-bits=7");
    ends(
        CairnCommand.TROUBLE,
        "expected one of 64, found 32",
        "refresh.where=day = 1",
        "features.hash-bits=5",
        widen);
    ends(
        CairnCommand.TROUBLE,
        "derived column of the old features: expected Derived[name=part, sql=id div 400,",
        "refresh.where=day = 1",
        "features.derive.part=id div 300",
        widen);
    ends(
        CairnCommand.TROUBLE,
        "label: expected \"y\", found \"1 - y\"",
        "refresh.where=day = 1",
        "label=1 - y",
        widen);
    ends(
        CairnCommand.OK,
        "Published version 2",
        "refresh.where=day = 1",
        "features.hash-bits=7",
        widen);
    assertEquals(logLoss(1, 1), version(2).path("before").path("logLoss").asDouble(), 1e-9);
    assertEquals(logLoss(2, 1), version(2).path("figures").path("logLoss").asDouble(), 1e-9);

    ends(
        CairnCommand.TROUBLE,
        "trained on 210 rows, day from 0 to 0",
        "refresh.where=day = 0",
        "features.categorical=a,part,b",
        widen);
    ends(
        CairnCommand.OK,
        "Published version 3",
        "refresh.where=day = 2",
        "features.categorical=a,part,b,odd",
        "features.derive.odd=id % 2",
        widen);
    assertEquals(logLoss(2, 2), version(3).path("before").path("logLoss").asDouble(), 1e-9);

    ends(CairnCommand.OK, "Published version 4", "refresh.where=day = 3");
    assertEquals(logLoss(3, 3), version(4).path("before").path("logLoss").asDouble(), 1e-9);
  }

  /** Rows whose category is written in one way or another. */
  private void write(String prefix, int day) throws IOException {
    StringBuilder rows = new StringBuilder("id,day,code,y\n");
    for (int i = 0; i < 300 + 10 * day; i++) { // the same rows again would be refused
      rows.append(String.format(Locale.ROOT, "%d,%d,%s%d,", i + day * 1000, day, prefix, i % 7));
      rows.append(i % 7 < 3 ? "1\n" : "0\n");
    }
    Files.writeString(temp.resolve("rows.csv"), rows);
  }

  @Test
  void columnsAreReadAsTheVersionKnowsThem() throws IOException {
    Files.writeString(
        temp.resolve("refresh.properties"), SHARED + "features.hash-bits=8\nmodel=logistic\n");
    String code = "features.categorical=code";
    write("1", 0);
    ends(CairnCommand.OK, "Published version 1", code);
    write("A1", 1);
    ends(CairnCommand.OK, "Published version 2");
    write("1", 2);
    ends(CairnCommand.OK, "Published version 3");

    // The other way round: first words, then nothing but digits.
    String words = "refresh.model=" + temp.resolve("models/words");
    write("A1", 6);
    ends(CairnCommand.OK, "Published version 1", code, words);
    write("1", 7);
    ends(CairnCommand.OK, "Published version 2", words);

    // In an expression it is a number, which a word is not.
    String other = "refresh.model=" + temp.resolve("models/other");
    String derived = "features.derive.tens=code div 10";
    write("1", 3);
    ends(CairnCommand.OK, "Published version 1", "features.categorical=code,tens", derived, other);
    write("A1", 4);
    ends(CairnCommand.TROUBLE, "column code, expected a whole number as in training (int)", other);
    assertTrue(said().contains("found A1"), this::said);
    write("1", 5);
    ends(CairnCommand.OK, "Published version 2", other);
  }
}
