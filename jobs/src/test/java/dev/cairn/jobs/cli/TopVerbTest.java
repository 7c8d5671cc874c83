package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.jobs.data.ScoringData.Named;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code model top} for models other than logistic regression, which {@link PredictTest} has. */
final class TopVerbTest {
  @TempDir private Path temp = Path.of("");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /** The class is the colour; the answer is that one of size and taste is odd, as xor has it. */
  @BeforeEach
  void input() throws IOException {
    StringBuilder rows = new StringBuilder("colour,size,taste,class,answer,count\n");
    String[] colours = {"red", "green", "blue"};
    for (int i = 0; i < 240; i++) {
      int colour = i % 3;
      int size = i / 3 % 2;
      int taste = i / 6 % 2;
      rows.append(colours[colour]).append(size == 0 ? ",small" : ",large");
      rows.append(taste == 0 ? ",sweet," : ",sour,")
          .append(colour)
          .append(',')
          .append(size ^ taste);
      rows.append(',').append(1 + 4 * size).append('\n');
    }
    Files.writeString(temp.resolve("rows.csv"), rows);
  }

  private int run(String... args) {
    out.reset();
    err.reset();
    Console console = Consoles.keeping(out, err);
    return CairnCommand.run(console, args);
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8);
  }

  private void train(String folder, String... settings) throws IOException {
    List<String> lines = new ArrayList<>(List.of(settings));
    lines.add("input=rows.csv");
    lines.add("features.hash-bits=10");
    lines.add("train.epochs=20");
    lines.add("train.partitions=2");
    lines.add("train.batch-rows=40");
    lines.add("checkpoint.dir=" + folder);
    lines.add("checkpoint.every-steps=0");
    lines.add("spark.master=local[1]");
    Path file = Files.write(temp.resolve(folder + ".properties"), lines);
    assertEquals(CairnCommand.OK, run("train", file.toString()), this::said);
  }

  private int top(String folder, String... more) {
    List<String> args = new ArrayList<>(List.of("model", "top", temp.resolve(folder).toString()));
    args.add(temp.resolve("rows.csv").toString());
    args.add("spark.master=local[1]");
    args.addAll(List.of(more));
    return run(args.toArray(String[]::new));
  }

  private JsonNode json(String folder, String... more) throws IOException {
    List<String> args = new ArrayList<>(List.of(more));
    args.add("--json");
    assertEquals(CairnCommand.OK, top(folder, args.toArray(String[]::new)), this::said);
    return new ObjectMapper().readTree(out.toString(StandardCharsets.UTF_8));
  }

  private static String name(JsonNode feature) {
    return feature.path("names").path(0).path("name").asText();
  }

  @Test
  void coefficientsOfClassesAreShownByClass() throws IOException {
    train("softmax", "model=softmax", "label=class", "features.categorical=colour,size");
    JsonNode all = json("softmax", "--count", "9");
    assertEquals("softmax", all.path("model").asText());
    Set<Integer> classes = new HashSet<>();
    all.path("features").forEach(one -> classes.add(one.path("class").asInt(-1)));
    assertEquals(Set.of(0, 1, 2), classes);

    int colours = 0;
    for (JsonNode one : json("softmax", "--class", "1", "--count", "3").path("features")) {
      assertEquals(1, one.path("class").asInt(), one::toString);
      assertEquals(80, one.path("names").path(0).path("rows").asInt(), one::toString);
      boolean its = name(one).equals("colour=green");
      assertEquals(its, one.path("coefficient").asDouble() > 0, one::toString);
      colours++;
    }
    assertEquals(3, colours);

    assertEquals(CairnCommand.OK, top("softmax"), this::said);
    assertTrue(
        said().lines().anyMatch(line -> line.matches("coefficient +class +rows +feature")),
        this::said);
    assertEquals(CairnCommand.TROUBLE, top("softmax", "--class", "3"));
    assertTrue(said().contains("expected a class from 0 to 2, found 3"), this::said);
  }

  /** No weight tells, so the machine learns which pairs do. */
  @Tag("long")
  @Test
  void pairsOfAFactorizationMachineFollowItsWeights() throws IOException {
    String[] settings = {
      "model=fm",
      "model.factor-size=4",
      "model.init-std=0.2",
      "label=answer",
      "features.categorical=size,taste",
      "optimizer.learning-rate=0.1"
    };
    train("machine", settings);
    JsonNode machine = json("machine");
    assertEquals(4, machine.path("features").size(), machine::toString);
    assertPairs(machine.path("pairs"));
    assertEquals(CairnCommand.OK, top("machine"), this::said);
    assertTrue(
        said().lines().anyMatch(line -> line.matches("product +odds +pair of features")),
        this::said);
    assertEquals(CairnCommand.TROUBLE, top("machine", "--class", "0"));
    assertTrue(said().contains("found model fm-logistic"), this::said);

    List<String> factorsAlone = new ArrayList<>(List.of(settings));
    factorsAlone.add("model.fit-linear=false");
    train("factors", factorsAlone.toArray(String[]::new));
    JsonNode factors = json("factors");
    assertEquals(0, factors.path("features").size(), factors::toString);
    assertPairs(factors.path("pairs"));
  }

  private static void assertPairs(JsonNode pairs) {
    assertEquals(4, pairs.size(), () -> "no row is small and large: " + pairs);
    for (JsonNode pair : pairs) {
      Set<String> both =
          Set.of(name(pair.path("features").path(0)), name(pair.path("features").path(1)));
      boolean odd =
          both.equals(Set.of("size=small", "taste=sour"))
              || both.equals(Set.of("size=large", "taste=sweet"));
      assertEquals(odd, pair.path("product").asDouble() > 0, pair::toString);
    }
  }

  @Tag("long")
  @Test
  void countsGrowByAFactorAndNumbersByAnAmount() throws IOException {
    train(
        "poisson",
        "model=linear",
        "model.loss=poisson",
        "label=count",
        "features.categorical=size");
    assertEquals(CairnCommand.OK, top("poisson"), this::said);
    assertTrue(
        said().lines().anyMatch(line -> line.matches("coefficient +count +rows +feature")),
        this::said);
    train("svm", "model=svm", "label=count > 2", "features.categorical=size");
    assertEquals(CairnCommand.OK, top("svm"), this::said);
    assertTrue(
        said().lines().anyMatch(line -> line.matches("coefficient +rows +feature")), this::said);
    assertTrue(said().contains("size=large"), this::said);
  }

  /** Features of one column are never in one row; a cross is a column of its own. */
  @Test
  void pairsAreOfTwoColumns() {
    FeatureDefinition definition =
        new FeatureDefinition(
            List.of(),
            List.of("a", "b"),
            List.of("x"),
            List.of(List.of("a", "b")),
            16,
            Optional.empty(),
            FeatureDefinition.Nulls.ABSENT);
    FeatureNames names =
        new FeatureNames(
            definition,
            List.of(
                new Named(0, "a=1", 5),
                new Named(1, "a=2", 4),
                new Named(2, "a=1*b=1", 3),
                new Named(3, "a=2*b=1", 3),
                new Named(4, "x", 9),
                new Named(5, "a=3", 1),
                new Named(5, "b=1", 1)));
    assertFalse(names.together(0, 1));
    assertTrue(names.together(0, 2));
    assertFalse(names.together(2, 3));
    assertTrue(names.together(0, 4));
    assertTrue(names.together(0, 5), "one of those that share the place");
    assertFalse(names.together(0, 9), "no row has the other one");
    assertEquals(2, names.rows(5));
    assertEquals("(place 9: no row of the input has it)", names.text(9));
  }
}
