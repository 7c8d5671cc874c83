package dev.cairn.spark.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.spark.model.FactorizationMachine;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.SoftmaxModel;
import dev.cairn.spark.shard.Initializer;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that has the plugin's classes, the core's, and what the core needs scores rows. */
class WithoutSparkTest {
  private static final int SIZE = 100;

  /** The libraries that the core depends on, itself or through Hadoop's client. */
  private static final List<String> NEEDED =
      List.of(
          "hadoop-client-api",
          "hadoop-client-runtime",
          "jackson-annotations",
          "jackson-core",
          "jackson-databind",
          "protobuf-java",
          "snappy-java",
          "slf4j-api",
          "commons-logging");

  @TempDir Path folder;

  private static Path placeOf(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private String classPath() throws Exception {
    List<String> places = new ArrayList<>();
    places.add(placeOf(RowPredictor.class).toString());
    places.add(placeOf(CheckpointReader.class).toString());
    String all =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    for (String name : NEEDED) {
      List<String> jars =
          Arrays.stream(all.split(File.pathSeparator, -1))
              .filter(place -> Path.of(place).getFileName().toString().matches(name + "-\\d.*jar"))
              .toList();
      assertFalse(jars.isEmpty(), name);
      places.addAll(jars);
    }
    // The program alone: no other class of the tests.
    Path program = folder.resolve("program");
    Path inside = Path.of(ScoresAlone.class.getName().replace('.', '/') + ".class");
    Files.createDirectories(program.resolve(inside).getParent());
    Files.copy(placeOf(ScoresAlone.class).resolve(inside), program.resolve(inside));
    places.add(program.toString());
    return String.join(File.pathSeparator, places);
  }

  @Test
  void scoresRowsWithAnyModel() throws Exception {
    FeatureDefinition definition =
        new FeatureDefinition(
            List.of(),
            List.of("origin", "hour"),
            List.of("distance"),
            List.of(List.of("origin", "hour")),
            SIZE,
            Optional.empty(),
            FeatureDefinition.Nulls.ABSENT);
    List<Model> models =
        List.of(
            new LinearModel(SIZE, true, new LogisticLoss()),
            new SoftmaxModel(SIZE, 3, true),
            new FactorizationMachine(
                SIZE, 4, true, true, new LogisticLoss(), Initializer.normal(0.1, 1)));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-cp", classPath(), ScoresAlone.class.getName()));
    List<String> expected = new ArrayList<>();
    for (Model model : models) {
      String run = folder.resolve(model.definition().kind()).toString();
      StoredModels.write(
          run,
          model,
          Optional.of(model),
          StoredModels.random(model, 3),
          new FeatureScales(new int[] {7, 8}, new double[] {3, 4}),
          Optional.of(definition));
      command.add(run);
      RowPredictor here = RowPredictor.load(run, FolderOptions.defaults());
      expected.add("scores" + ScoresAlone.bits(here));
    }
    File out = folder.resolve("out").toFile();
    File log = folder.resolve("log").toFile();
    Process alone = new ProcessBuilder(command).redirectOutput(out).redirectError(log).start();
    try {
      boolean ended = alone.waitFor(5, TimeUnit.MINUTES);
      String said = Files.readString(log.toPath());
      assertEquals(true, ended, () -> "it hangs\n" + said);
      assertEquals(0, alone.exitValue(), () -> said);
      assertEquals(expected, Files.readAllLines(out.toPath()), () -> said);
    } finally {
      alone.destroyForcibly();
    }
  }
}
