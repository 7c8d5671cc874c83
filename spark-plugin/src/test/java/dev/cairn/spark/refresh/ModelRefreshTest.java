package dev.cairn.spark.refresh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.model.VersionRecord.Origin;
import dev.cairn.checkpoint.publish.ModelFolder;
import dev.cairn.checkpoint.publish.ModelVersion;
import dev.cairn.spark.LocalSession;
import dev.cairn.spark.ml.FeatureEncoder;
import dev.cairn.spark.ml.LogisticRegression;
import dev.cairn.spark.ml.ModelComparison.Slice;
import dev.cairn.spark.refresh.GateReport.Verdict;
import dev.cairn.spark.refresh.RefreshResult.Outcome;
import dev.cairn.spark.settings.Threshold;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model is refreshed batch by batch, whatever comes in between. */
final class ModelRefreshTest {
  private static final Gate GATE =
      new Gate(
          Threshold.parse("logLoss <= 0.69"),
          Threshold.parse("logLoss <= 0.05"),
          50,
          List.of("a"),
          Threshold.parse("loss <= 0.5"),
          10);

  @TempDir private Path folder = Path.of("");
  private SparkSession spark;
  private final AtomicInteger steps = new AtomicInteger();

  ModelRefreshTest() {
    spark = LocalSession.start();
  }

  @BeforeEach
  void fresh() {
    steps.set(0);
  }

  @AfterEach
  void stop() {
    spark.stop();
  }

  private String models() {
    return folder.resolve("models/m").toUri().toString();
  }

  /** Rows of some days, features ready made. */
  private Dataset<Row> days(int from, int to, boolean heldOut) {
    return new FeatureEncoder()
        .setCategoricalCols("a", "b")
        .setNumFeatures(64)
        .setOutputCol("features")
        .transform(Days.rows(spark, from, to, heldOut));
  }

  private LogisticRegression estimator() {
    return Days.estimator(folder, steps);
  }

  private ModelRefresh refresh(Gate gate) {
    return new ModelRefresh(models(), gate).setInput("test").setRangeColumn("day");
  }

  private RefreshResult run(ModelRefresh refresh, int from, int to) throws IOException {
    return refresh.run(estimator(), days(from, to, false), days(from, to, true));
  }

  private void assertConflict(ModelRefresh refresh, int from, int to, String why) {
    Conflict e = assertThrows(Conflict.class, () -> run(refresh, from, to));
    assertTrue(String.valueOf(e.getMessage()).contains(why), e::getMessage);
  }

  private Optional<ModelVersion> current() throws IOException {
    try (ModelFolder models = ModelFolder.open(models(), FolderOptions.defaults())) {
      return models.current();
    }
  }

  private static Path local(String uri) {
    return Path.of(java.net.URI.create(uri));
  }

  @Test
  void oneRefreshAfterAnother() throws Exception {
    RefreshResult none = run(refresh(Gate.of(List.of(), Threshold.parse("loss <= 1"))), 0, 10);
    assertEquals(Outcome.REFUSED, none.outcome());
    assertEquals(Verdict.FAILED, none.gate().orElseThrow().verdict(), "too few rows");
    assertEquals(Optional.empty(), current());
    int trained = steps.get();
    assertTrue(trained > 0);

    RefreshResult first = run(refresh(GATE), 0, 10);
    assertEquals(Outcome.PUBLISHED, first.outcome());
    assertEquals(trained, steps.get(), "it was trained already");
    VersionRecord one = current().orElseThrow().record();
    assertEquals(Origin.REFRESH, one.origin());
    assertEquals(Optional.empty(), one.parent());
    assertEquals("day from 0 to 9", one.data().orElseThrow().range().orElseThrow().toString());
    assertEquals(days(0, 10, false).count(), one.data().orElseThrow().rows());

    assertConflict(refresh(GATE), 0, 10, "version 1 was trained on the same");
    String report = first.report().orElseThrow();
    Files.delete(local(report)); // as if it had been killed just before writing it
    assertEquals(Outcome.FINISHED, run(refresh(GATE), 0, 10).outcome());
    assertConflict(refresh(GATE), 0, 10, "version 1 was trained on the same");
    assertConflict(refresh(GATE), 9, 12, "day from 0 to 9, found");
    assertEquals(trained, steps.get(), "refused before training");

    RefreshResult second = run(refresh(GATE), 10, 20);
    assertEquals(Outcome.PUBLISHED, second.outcome(), second::toString);
    VersionRecord two = current().orElseThrow().record();
    assertEquals(Optional.of(1L), two.parent());
    assertTrue(two.before().containsKey("logLoss") && two.figures().containsKey("auc"));
    assertEquals(3, two.gate().size(), two.gate().toString());
    var slices = second.compared().orElseThrow().slices().get("a");
    assertEquals(7, slices.size());
    assertEquals(
        second.compared().orElseThrow().after().rows(),
        slices.values().stream().mapToLong(Slice::rows).sum());
    assertConflict(refresh(GATE), 0, 10, "version 1 was trained on the same");
    assertEquals(Outcome.PUBLISHED, run(refresh(GATE).setAcceptUsed(true), 0, 10).outcome());
  }

  @Test
  void whatTheGateRefusesStaysUnpublishedHoweverOften() throws Exception {
    assertEquals(Outcome.PUBLISHED, run(refresh(GATE), 0, 10).outcome());
    Gate strict = new Gate(List.of(), Threshold.parse("loss <= -1"), 50, List.of(), List.of(), 1);
    RefreshResult refused = run(refresh(strict), 10, 20);
    int trained = steps.get();
    assertEquals(Outcome.REFUSED, refused.outcome());
    assertEquals(1, current().orElseThrow().number());
    String report = Files.readString(local(refused.report().orElseThrow()));
    assertTrue(report.contains("\"published\" : false"), report);
    assertTrue(report.contains("change of loss <= -1.0, found"), report);
    assertEquals(refused.checkpoint(), run(refresh(strict), 10, 20).checkpoint());
    assertEquals(trained, steps.get());
    assertEquals(Outcome.PUBLISHED, run(refresh(GATE), 10, 20).outcome());
  }

  @Test
  void aRefreshThatFailsBeforePublishingGoesOnAndOneWhoseParentChangedDoesNot() throws Exception {
    ModelRefresh failing =
        refresh(GATE)
            .setCheck(
                draft -> {
                  throw new IOException("no");
                });
    assertThrows(IOException.class, () -> run(failing, 0, 10));
    assertEquals(Optional.empty(), current());
    int trained = steps.get();
    assertEquals(Outcome.PUBLISHED, run(refresh(GATE), 0, 10).outcome());
    assertEquals(trained, steps.get(), "it was trained already");
    assertEquals(Outcome.PUBLISHED, run(refresh(GATE), 10, 20).outcome());

    ModelRefresh overtaken =
        refresh(GATE)
            .setProgress(
                said -> {
                  if (said.startsWith("Publishing")) {
                    rollBack();
                  }
                });
    assertConflict(overtaken, 20, 30, "trained from version 2, and in use is version 3");
    VersionRecord rolledBack = current().orElseThrow().record();
    assertEquals(Origin.ROLLBACK, rolledBack.origin());
    RefreshResult again = run(refresh(GATE), 10, 20);
    assertEquals(Outcome.PUBLISHED, again.outcome(), "what was rolled back was not used");
    assertEquals(Optional.of(3L), current().orElseThrow().record().parent());
  }

  private void rollBack() {
    try (ModelFolder models = ModelFolder.open(models(), FolderOptions.defaults())) {
      assertEquals(3, models.rollback(OptionalLong.of(1)).number());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
