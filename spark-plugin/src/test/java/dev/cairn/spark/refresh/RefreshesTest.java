package dev.cairn.spark.refresh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.publish.ModelFolder;
import dev.cairn.checkpoint.publish.ModelVersion;
import dev.cairn.spark.LocalSession;
import dev.cairn.spark.listener.TrainingListener;
import dev.cairn.spark.ml.CairnModel;
import dev.cairn.spark.ml.Estimators;
import dev.cairn.spark.ml.FeatureEncoder;
import dev.cairn.spark.ml.LogisticRegression;
import dev.cairn.spark.ml.LogisticRegressionModel;
import dev.cairn.spark.refresh.RefreshResult.Outcome;
import dev.cairn.spark.serving.Publisher;
import dev.cairn.spark.settings.Threshold;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What else happens to a model that is refreshed: others refresh it, load it, damage it. */
final class RefreshesTest {
  private static final FolderOptions OPTIONS = FolderOptions.defaults();
  private static final Gate GATE =
      new Gate(Threshold.parse("loss <= 9"), List.of(), 50, List.of(), List.of(), 10);

  @TempDir private Path folder = Path.of("");
  private final SparkSession spark;
  private final List<String> told = new ArrayList<>();

  RefreshesTest() {
    spark = LocalSession.start();
  }

  @AfterEach
  void stop() {
    spark.stop();
  }

  private String models(String name) {
    return folder.resolve("models").resolve(name).toUri().toString();
  }

  private Dataset<Row> days(int from, int to, boolean heldOut) {
    Dataset<Row> rows =
        spark
            .range(from * 100L, to * 100L)
            .selectExpr("int(id div 100) day", "string(id % 7) a", "double(id % 7 < 3) label", "id")
            .filter(heldOut ? "xxhash64(id) % 4 = 0" : "xxhash64(id) % 4 != 0");
    return new FeatureEncoder()
        .setCategoricalCols("a")
        .setNumFeatures(16)
        .setOutputCol("features")
        .transform(rows);
  }

  private LogisticRegression estimator() {
    return new LogisticRegression()
        .setPartitions(2)
        .setBatchRows(100)
        .setMaxIter(1)
        .setSeed(7)
        .setCheckpointDir(folder.resolve("refreshes").toUri().toString());
  }

  private ModelRefresh refresh(String name) {
    return new ModelRefresh(models(name), GATE).setRangeColumn("day").setProgress(told::add);
  }

  private RefreshResult run(ModelRefresh refresh, LogisticRegression estimator, int from, int to)
      throws IOException {
    return refresh.run(estimator, days(from, to, false), days(from, to, true));
  }

  private void published(String name, int from, int to) throws IOException {
    RefreshResult result = run(refresh(name), estimator(), from, to);
    assertEquals(Outcome.PUBLISHED, result.outcome(), result::toString);
  }

  private void refused(String name, int from, int to, String why) {
    Conflict e = assertThrows(Conflict.class, () -> run(refresh(name), estimator(), from, to));
    assertTrue(String.valueOf(e.getMessage()).contains(why), e::getMessage);
  }

  private VersionRecord inUse(String name) throws IOException {
    try (ModelFolder model = ModelFolder.open(models(name), OPTIONS)) {
      return model.current().map(ModelVersion::record).orElseThrow();
    }
  }

  private static boolean beganWithAnother(String checkpoint) throws IOException {
    try (CheckpointReader reader = CheckpointReader.open(checkpoint, OPTIONS)) {
      return reader
          .manifest()
          .flatMap(Manifest::training)
          .map(TrainingState::configuration)
          .orElseThrow()
          .containsKey("train.initial-model");
    }
  }

  /** Another file in the place of one, since other versions may be linked to its bytes. */
  private void damage(String name, int version) throws IOException {
    Path variables = folder.resolve("models").resolve(name).resolve(version + "/variables");
    try (Stream<Path> files = Files.list(variables)) {
      Path data =
          files.filter(file -> file.toString().contains(".data-")).findFirst().orElseThrow();
      byte[] bytes = Files.readAllBytes(data);
      bytes[bytes.length / 2] ^= 1;
      Files.delete(data);
      Path unused = Files.write(data, bytes);
    }
  }

  @Test
  void anEstimatorServesForSeveralModelsAndFitsOfItsOwn() throws Exception {
    LogisticRegression one = estimator();
    assertEquals(Outcome.PUBLISHED, run(refresh("a"), one, 0, 5).outcome());
    assertEquals(Outcome.PUBLISHED, run(refresh("a"), one, 5, 10).outcome());
    assertThrows(Conflict.class, () -> run(refresh("a"), one, 5, 10));
    assertFalse(one.isDefined(one.initialModel()));
    RefreshResult first = run(refresh("b"), one, 0, 5);
    assertEquals(Outcome.PUBLISHED, first.outcome());
    assertFalse(beganWithAnother(first.checkpoint()));
    try (LogisticRegressionModel model = one.fit(days(5, 10, false))) {
      assertFalse(beganWithAnother(model.checkpoint()));
    }
  }

  @Test
  @Tag("long")
  void aRefreshThatWasCutShortBeforeItsLabelsIsFinished() throws Exception {
    published("m", 0, 5);
    try (ModelFolder model = ModelFolder.open(models("m"), OPTIONS)) {
      var unused = model.label(new TreeMap<>(Map.of(ServingConfig.STABLE, 1L)));
    }
    Path labels = folder.resolve("models/m/models.config");
    byte[] before = Files.readAllBytes(labels);
    RefreshResult whole = run(refresh("m"), estimator(), 5, 10);
    Path report = Path.of(URI.create(whole.report().orElseThrow()));
    Path unused = Files.write(labels, before);
    Files.delete(report);
    RefreshResult again = run(refresh("m"), estimator(), 5, 10);
    assertEquals(Outcome.FINISHED, again.outcome());
    assertEquals(Optional.of(1L), again.parent().map(ModelVersion::number));
    assertEquals(2, inUse("m").number());
    assertTrue(Files.readString(report).contains("\"version\" : 2"));
    refused("m", 5, 10, "version 2 was trained on the same");

    Path unusedToo = Files.write(labels, before);
    Files.delete(report);
    damage("m", 2);
    published("m", 5, 10);
    assertEquals(3, inUse("m").number(), "a damaged version is no answer");
  }

  @Test
  @Tag("long")
  void aDamagedVersionInUseIsNamedBesideAGoodOne() throws Exception {
    published("m", 0, 5);
    published("m", 5, 10);
    damage("m", 2);
    Corrupt e = assertThrows(Corrupt.class, () -> run(refresh("m"), estimator(), 10, 15));
    String said = String.valueOf(e.getMessage());
    assertTrue(said.contains("Cannot use version 2 of model m"), said);
    assertTrue(said.contains("version 1 is good"), said);
    assertTrue(said.contains("rollback ") && said.contains("models/m --to 1"), said);
    assertEquals(2, inUse("m").number(), "nobody falls back by himself");
  }

  @Test
  @Tag("long")
  void ofTwoAtOnceOneIsRefused() throws Exception {
    AtomicReference<RefreshResult> other = new AtomicReference<>();
    AtomicReference<String> same = new AtomicReference<>("");
    LogisticRegression estimator =
        estimator()
            .setListener(
                new TrainingListener() {
                  @Override
                  public void progress(Progress progress) {
                    if (same.get().isEmpty()) {
                      same.set("begun");
                      same.set(whySameIsRefused());
                    }
                  }
                });
    ModelRefresh overtaken =
        refresh("m")
            .setProgress(
                said -> {
                  if (said.startsWith("Publishing")) {
                    other.set(anotherOne());
                  }
                });
    Conflict late = assertThrows(Conflict.class, () -> run(overtaken, estimator, 0, 5));
    assertTrue(
        same.get().contains("another fit of this program trains into the same folder"), same.get());
    assertEquals(Outcome.PUBLISHED, other.get().outcome());
    String said = String.valueOf(late.getMessage());
    assertTrue(said.contains("trained from nothing, and in use is version 1 now"), said);
    assertEquals(1, inUse("m").number());
    published("m", 0, 5);
  }

  /** The same refresh while the first one trains, as another thread of the program would. */
  private String whySameIsRefused() {
    Conflict e = assertThrows(Conflict.class, () -> run(refresh("m"), estimator(), 0, 5));
    return String.valueOf(e.getMessage());
  }

  private RefreshResult anotherOne() {
    try {
      return run(refresh("m"), estimator(), 5, 10);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  @Tag("long")
  void whatWasRolledBackIsUnusedAndWhatWasRolledBackToIsNot() throws Exception {
    published("m", 0, 5);
    published("m", 5, 10);
    try (ModelFolder model = ModelFolder.open(models("m"), OPTIONS)) {
      var unused = model.label(new TreeMap<>(Map.of(ServingConfig.STABLE, 1L)));
    }
    refused("m", 0, 5, "version 1 was trained on the same");
    published("m", 5, 10);
    assertEquals(3, inUse("m").number());
    assertEquals(Optional.of(1L), inUse("m").parent());
    try (ModelFolder model = ModelFolder.open(models("m"), OPTIONS)) {
      assertEquals(4, model.rollback(OptionalLong.of(1)).number());
    }
    refused("m", 0, 5, "was trained on the same");
    refused("m", 4, 6, "day from 0 to 4, found");
    published("m", 5, 10);
    assertEquals(Optional.of(4L), inUse("m").parent());
  }

  @Test
  @Tag("long")
  void ofAVersionPublishedByHandTheParentIsKnownAndThatItHasNoRange() throws Exception {
    published("m", 0, 5);
    try (LogisticRegressionModel byHand =
        estimator().setInitialModel(models("m")).fit(days(5, 10, false))) {
      var unused =
          Publisher.publish(byHand.checkpoint(), models("m"), List.of(), draft -> {}, OPTIONS);
    }
    assertEquals(Optional.of(1L), inUse("m").parent());
    refused("m", 0, 5, "version 1 was trained on the same");
    refused("m", 5, 10, "version 2 was trained on the same");
    told.clear();
    RefreshResult result = run(refresh("m"), estimator(), 8, 15);
    String report = Files.readString(Path.of(URI.create(result.report().orElseThrow())));
    String warning = "version 2 says nothing of its range of day";
    assertTrue(told.toString().contains(warning), told::toString);
    assertTrue(report.contains(warning), report);
    told.clear();
    published("m", 15, 20);
    assertTrue(told.toString().contains(warning), "of an ancestor, too: " + told);
  }

  @Test
  @Tag("long")
  void whatAModelInUseReadsIsNotCollected() throws Exception {
    published("m", 0, 5);
    CairnModel<?> named = LogisticRegressionModel.fromCheckpoint(models("m"));
    CairnModel<?> loaded = Estimators.fromCheckpoint(models("m") + "/1");
    published("m", 5, 10);
    published("m", 10, 15);
    try (ModelFolder model = ModelFolder.open(models("m"), OPTIONS)) {
      assertEquals(List.of(2L), model.collect(1, Duration.ZERO).collected());
      named.close();
      assertEquals(List.of(), model.collect(1, Duration.ZERO).collected(), "one reads it still");
      loaded.close();
      assertEquals(500, loaded.transform(days(0, 5, false).union(days(0, 5, true))).count());
      assertEquals(List.of(), model.collect(1, Duration.ZERO).collected(), "it reads it again");
      loaded.close();
      assertEquals(List.of(1L), model.collect(1, Duration.ZERO).collected());
    }
  }
}
