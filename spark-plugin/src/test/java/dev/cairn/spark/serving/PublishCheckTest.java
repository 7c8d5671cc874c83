package dev.cairn.spark.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.CheckpointException.Failed;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.ColumnType;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureDefinition.Offset;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.RowHasher;
import dev.cairn.checkpoint.store.MiniHdfs;
import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.PoissonLoss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A version is looked at before it is published, and refused if it does not answer as it should.
 */
class PublishCheckTest {
  private static final FolderOptions OPTIONS = FolderOptions.defaults();
  private static final int SIZE = 1 << 12;

  @TempDir Path temp;

  /** Columns of every type, two of them under one plain name. */
  static FeatureDefinition definition() {
    Map<String, ColumnType> types =
        Map.of(
            "Origin", ColumnType.TEXT,
            "hour", new ColumnType("int"),
            "day", new ColumnType("date"),
            "when", new ColumnType("timestamp"),
            "price", new ColumnType("double"),
            "flag", new ColumnType("boolean"),
            "code", ColumnType.DIGITS,
            "a mount", new ColumnType("decimal(10,2)"));
    return new FeatureDefinition(
            List.of(),
            List.of("Origin", "hour", "day", "when", "price", "flag", "code", "a mount", "a.mount"),
            List.of("distance", "hour"),
            List.of(List.of("Origin", "hour")),
            SIZE,
            Optional.empty(),
            FeatureDefinition.Nulls.ABSENT,
            new TreeMap<>(types))
        .withOffset(Optional.of(Offset.ofColumn("exposure")));
  }

  private String run(String name, float bad) throws IOException {
    Model model = new LinearModel(SIZE, true, new LogisticLoss());
    float[][] numbers = StoredModels.random(model, 3);
    if (Float.isNaN(bad)) {
      Arrays.fill(numbers[0], bad);
    }
    String run = temp.resolve(name).toString();
    StoredModels.write(
        run,
        model,
        Optional.of(model),
        numbers,
        FeatureScales.NONE,
        Optional.of(definition()),
        true);
    return run;
  }

  private Publisher.Published publish(String run, Publisher.Check check) throws IOException {
    return Publisher.publish(run, temp.resolve("models/m").toString(), List.of(), check, OPTIONS);
  }

  /** Neither a version nor anything else is there. */
  private void nothingIsPublished() throws IOException {
    if (Files.exists(temp.resolve("models/m"))) {
      try (Stream<Path> all = Files.list(temp.resolve("models/m"))) {
        assertEquals(List.of(), all.toList());
      }
    }
  }

  @Test
  void answersMustBeFinite() throws Exception {
    String run = run("bad", Float.NaN);
    Mismatch refused = assertThrows(Mismatch.class, () -> publish(run, folder -> {}));
    assertTrue(refused.getMessage().contains("expected finite answers, found"), refused.toString());
    nothingIsPublished();
    assertTrue(publish(run("good", 0), folder -> {}).anew());
  }

  /** A model of counts with a weight for a number whose deviation was small in training. */
  private String counts(String name, double scale, double mean, float weight) throws IOException {
    FeatureDefinition features =
        new FeatureDefinition(
            List.of(),
            List.of("Origin"),
            List.of("share"),
            List.of(),
            SIZE,
            Optional.empty(),
            FeatureDefinition.Nulls.ABSENT);
    RowHasher hasher = new RowHasher(features);
    int id = hasher.id(1);
    Model model = new LinearModel(SIZE, true, new PoissonLoss());
    float[][] numbers = StoredModels.random(model, 3);
    numbers[0][id] = weight;
    String run = temp.resolve(name).toString();
    FeatureScales scales =
        scale == 1
            ? FeatureScales.NONE
            : new FeatureScales(new int[] {id}, new double[] {scale}, new double[] {mean});
    StoredModels.write(
        run, model, Optional.of(model), numbers, scales, Optional.of(features), true);
    return run;
  }

  /** Standardised values of 700 are made of no data; a good model is not judged by them. */
  @Test
  void rowsThatAreMadeUpAreUsualOnes() throws Exception {
    String python = TensorFlowEnvironment.get().python().toString();
    String run = counts("counts", 0.005, 0.1, 1.1f);
    TensorFlowCheck check = new TensorFlowCheck(python, List.of(), OPTIONS);
    assertEquals(1, publish(run, check).version().number());
    for (Map<String, @Nullable Object> row :
        SampledAnswers.of(temp.resolve("models/m/1").toString(), List.of(), OPTIONS)
            .orElseThrow()
            .rows()) {
      double share = RowValues.number("share", Objects.requireNonNull(row.get("share")));
      assertEquals(0.1, share, 2 * 0.005, row.toString());
    }
    // Of one that was taken as it is nobody knows what is usual: its margin is finite.
    assertTrue(publish(counts("raw", 1, 0, 900), folder -> {}).anew());
  }

  /** Rows of the user's own take the place of those: their answers must be finite. */
  @Test
  void rowsOfTheUserAreAskedInstead() throws Exception {
    String run = counts("counts", 0.005, 0.1, 1.1f);
    Map<String, @Nullable Object> row = new TreeMap<>(Map.of("Origin", "JFK", "share", 4));
    Mismatch refused =
        assertThrows(Mismatch.class, () -> publish(run, Publisher.Check.of(List.of(row))));
    assertTrue(refused.getMessage().contains("found Infinity for the row"), refused.getMessage());
    nothingIsPublished();
    row.put("share", 0.11);
    assertTrue(publish(run, Publisher.Check.of(List.of(row))).anew());
  }

  @Test
  void tensorFlowAnswersAsPredictDoes() throws Exception {
    String python = TensorFlowEnvironment.get().python().toString();
    Publisher.Published made =
        publish(run("asked", 0), new TensorFlowCheck(python, List.of(), OPTIONS));
    assertEquals(1, made.version().number());
  }

  @Test
  @Tag("long")
  void tensorFlowIsAskedForAVersionInHdfs() throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    FolderOptions options = FolderOptions.defaults().withHadoopProperties(hdfs.clientProperties());
    String python = TensorFlowEnvironment.get().python().toString();
    Publisher.Published made =
        Publisher.publish(
            run("local", 0),
            hdfs.uri("/models/asked"),
            List.of(),
            new TensorFlowCheck(python, List.of(), options),
            options);
    assertTrue(made.version().folder().startsWith("hdfs:"), made.version().folder());
  }

  /** A program that stands for Python: what it does with the four arguments of the script. */
  private TensorFlowCheck asking(String name, String does) throws IOException {
    Path program = temp.resolve(name);
    Files.writeString(program, "#!/bin/sh\n" + does + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return new TensorFlowCheck(program.toString(), List.of(), OPTIONS);
  }

  @Test
  void whoAnswersOtherwiseOrNotAtAllIsRefused() throws Exception {
    String run = run("refused", 0);
    String zeros = "[0, 0, 0, 0, 0]";
    TensorFlowCheck wrong =
        asking(
            "wrong",
            "echo '{\"outputs\": {\"margin\": "
                + zeros
                + ", \"probability\": "
                + zeros
                + ", \"prediction\": "
                + zeros
                + "}}' > \"$4\"");
    Mismatch differs = assertThrows(Mismatch.class, () -> publish(run, wrong));
    assertTrue(differs.getMessage().contains("margin, expected "), differs.getMessage());
    assertTrue(differs.getMessage().contains(", found 0 for the row {Origin="), differs.toString());
    TensorFlowCheck none = asking("none", "echo '{\"outputs\": {}}' > \"$4\"");
    Mismatch silent = assertThrows(Mismatch.class, () -> publish(run, none));
    assertTrue(silent.getMessage().contains("found none"), silent.getMessage());
    TensorFlowCheck fails = asking("fails", "echo No module named tensorflow; exit 1");
    Failed failed = assertThrows(Failed.class, () -> publish(run, fails));
    assertTrue(failed.getMessage().contains("No module named tensorflow"), failed.getMessage());
    TensorFlowCheck absent =
        new TensorFlowCheck(temp.resolve("no python").toString(), List.of(), OPTIONS);
    Failed gone = assertThrows(Failed.class, () -> publish(run, absent));
    assertTrue(gone.getMessage().contains("no program"), gone.getMessage());
    TensorFlowCheck row = new TensorFlowCheck("python3", List.of(Map.of("Origin", "JFK")), OPTIONS);
    Mismatch column = assertThrows(Mismatch.class, () -> publish(run, row));
    assertTrue(column.getMessage().contains("column "), column.getMessage());
    nothingIsPublished();
    assertFalse(Files.exists(temp.resolve("models/m/1")));
  }

  @Test
  void modelsOfVectorsArePublishedUnasked() throws Exception {
    Model model = new LinearModel(50, true, new LogisticLoss());
    String run = temp.resolve("vectors").toString();
    StoredModels.write(
        run,
        model,
        Optional.of(model),
        StoredModels.random(model, 3),
        FeatureScales.NONE,
        Optional.empty());
    TensorFlowCheck check = new TensorFlowCheck("python3", List.of(), OPTIONS);
    Mismatch refused = assertThrows(Mismatch.class, () -> publish(run, check));
    assertTrue(refused.getMessage().contains("publish it without asking"), refused.getMessage());
    assertTrue(publish(run, folder -> {}).anew());
  }
}
