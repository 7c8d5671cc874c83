package dev.cairn.spark.refresh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.spark.LocalSession;
import dev.cairn.spark.ml.CairnModel;
import dev.cairn.spark.ml.Estimators;
import dev.cairn.spark.ml.FeatureEncoder;
import dev.cairn.spark.ml.LogisticRegression;
import dev.cairn.spark.ml.TrainingFailedException;
import dev.cairn.spark.refresh.RefreshResult.Outcome;
import dev.cairn.spark.settings.Threshold;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A refresh lets features grow: the version in use is judged by its own. */
final class GrowingRefreshTest {
  private static final Gate GATE =
      new Gate(
          Threshold.parse("logLoss <= 0.69"),
          Threshold.parse("logLoss <= 0.05"),
          50,
          List.of(),
          List.of(),
          10);

  @TempDir private Path folder = Path.of("");
  private final AtomicInteger steps = new AtomicInteger();

  @SuppressWarnings("NullAway.Init")
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = LocalSession.start();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static FeatureEncoder encoder(int size, String... categorical) {
    return new FeatureEncoder()
        .setCategoricalCols(categorical)
        .setNumFeatures(size)
        .setOutputCol("features");
  }

  private static Dataset<Row> days(int from, int to, boolean heldOut) {
    return Days.rows(spark, from, to, heldOut);
  }

  private LogisticRegression estimator() {
    return Days.estimator(folder, steps);
  }

  private RefreshResult refresh(boolean growth, Dataset<Row> train, Dataset<Row> heldOut)
      throws IOException {
    String models = folder.resolve("models/m").toUri().toString();
    return new ModelRefresh(models, GATE)
        .setRangeColumn("day")
        .run(estimator().setInitialGrowth(growth), train, heldOut);
  }

  private RefreshResult refresh(int from, int to, boolean growth, FeatureEncoder encoder)
      throws IOException {
    return refresh(
        growth, encoder.transform(days(from, to, false)), encoder.transform(days(from, to, true)));
  }

  /** What a version says of rows by its own features. */
  private static TestFigures own(String checkpoint, Dataset<Row> rows) {
    try (CairnModel<?> model = Estimators.fromCheckpoint(checkpoint)) {
      FeatureEncoder encoder = model.featureEncoder().orElseThrow().setOutputCol("features");
      return model.testFigures(encoder.transform(rows));
    }
  }

  private static void assertSame(TestFigures expected, TestFigures found) {
    assertEquals(expected.rows(), found.rows());
    assertEquals(expected.loss(), found.loss(), 1e-12);
    assertEquals(expected.numbers().get("auc"), found.numbers().get("auc"));
  }

  @Test
  void theVersionInUseIsJudgedByItsOwnFeatures() throws Exception {
    RefreshResult first = refresh(0, 10, false, encoder(64, "a"));
    assertEquals(Outcome.PUBLISHED, first.outcome(), first::toString);
    TestFigures before = own(first.checkpoint(), days(10, 20, true));

    RefreshResult wider = refresh(10, 20, true, encoder(128, "a"));
    assertEquals(Outcome.PUBLISHED, wider.outcome(), wider::toString);
    assertSame(before, wider.compared().orElseThrow().before().orElseThrow());

    // In a hash space of the same size nothing but the definition tells other features.
    RefreshResult more = refresh(20, 30, true, encoder(128, "a", "b"));
    assertEquals(Outcome.PUBLISHED, more.outcome(), more::toString);
    TestFigures old = own(wider.checkpoint(), days(20, 30, true));
    assertSame(old, more.compared().orElseThrow().before().orElseThrow());
    assertNotEquals(old.loss(), more.compared().orElseThrow().after().loss());
    assertSame(before, own(first.checkpoint(), days(10, 20, true)));

    RefreshResult next = refresh(30, 40, false, encoder(128, "a", "b"));
    assertEquals(Outcome.PUBLISHED, next.outcome(), next::toString);
    assertSame(
        own(more.checkpoint(), days(30, 40, true)),
        next.compared().orElseThrow().before().orElseThrow());
  }

  @Test
  void aVersionWithoutItsFeaturesIsRefusedBeforeTraining() throws Exception {
    RefreshResult first = refresh(0, 10, false, encoder(64, "a"));
    assertEquals(Outcome.PUBLISHED, first.outcome(), first::toString);
    int trained = steps.get();
    FeatureEncoder wider = encoder(128, "a");
    Dataset<Row> train = wider.transform(days(10, 20, false));
    Dataset<Row> heldOut = wider.transform(days(10, 20, true));

    assertRefused(train, heldOut.drop("a"), "column a, expected one of");
    // Vectors that do not say how they were made.
    assertRefused(
        train,
        heldOut.drop("a").withColumn("features", plain("features")),
        "column a, expected one of");

    // Rows may bring vectors of both definitions instead of columns.
    Dataset<Row> both =
        first
            .version()
            .map(version -> Estimators.fromCheckpoint(version.checkpoint()))
            .flatMap(CairnModel::featureEncoder)
            .orElseThrow()
            .setOutputCol("old")
            .transform(heldOut)
            .drop("a");
    assertEquals(trained, steps.get());
    RefreshResult grown = refresh(true, train, both);
    assertEquals(Outcome.PUBLISHED, grown.outcome(), grown::toString);
    assertSame(
        own(first.checkpoint(), days(10, 20, true)),
        grown.compared().orElseThrow().before().orElseThrow());
  }

  @Test
  void vectorsThatDoNotSayHowTheyWereMadeCannotGrow() throws Exception {
    FeatureEncoder small = encoder(64, "a");
    RefreshResult first =
        refresh(false, plain(small, days(0, 10, false)), plain(small, days(0, 10, true)));
    assertEquals(Outcome.PUBLISHED, first.outcome(), first::toString);
    FeatureEncoder wide = encoder(128, "a");
    assertRefused(
        plain(wide, days(10, 20, false)),
        plain(wide, days(10, 20, true)),
        "expected vectors of 64 features, or ones made by a FeatureEncoder, found 128");
  }

  private static Dataset<Row> plain(FeatureEncoder encoder, Dataset<Row> rows) {
    return encoder.transform(rows).withColumn("features", plain("features"));
  }

  @Test
  void columnsOfOtherTypesAreToldApartFromMoreFeatures() throws Exception {
    FeatureEncoder encoder = encoder(64, "day", "a");
    RefreshResult first = refresh(0, 10, false, encoder);
    assertEquals(Outcome.PUBLISHED, first.outcome(), first::toString);
    String words = "string(day) day";
    Dataset<Row> train = days(10, 20, false).selectExpr("id", words, "a", "b", "label");
    Dataset<Row> heldOut = days(10, 20, true).selectExpr("id", words, "a", "b", "label");
    TrainingFailedException e =
        assertThrows(
            TrainingFailedException.class,
            () -> refresh(false, encoder.transform(train), encoder.transform(heldOut)));
    assertTrue(
        String.valueOf(e.getMessage())
            .contains("expected {a=string, day=int}, found {a=string, day=string}"),
        e::getMessage);
    assertTrue(!e.getMessage().contains("initialGrowth"), e::getMessage);
  }

  /** The same vectors in a column without metadata. */
  private static org.apache.spark.sql.Column plain(String column) {
    return org.apache.spark.ml.functions.array_to_vector(
        org.apache.spark.ml.functions.vector_to_array(
            org.apache.spark.sql.functions.col(column), "float64"));
  }

  private void assertRefused(Dataset<Row> train, Dataset<Row> heldOut, String why) {
    int before = steps.get();
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> refresh(true, train, heldOut));
    assertTrue(String.valueOf(e.getMessage()).contains(why), e::getMessage);
    assertEquals(before, steps.get(), "refused before training");
  }
}
