package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.BinaryFigures;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.LogLines;
import dev.cairn.spark.listener.TrainingListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Held-out rows on real executor processes: their loss is the model's, the best checkpoint is the
 * result, and that is so to the bit when executors are killed while they judge, when a run is
 * stopped and goes on, and when it is asked for again. And what a fit does not begin from.
 */
class HeldOutTest {
  private static final int FEATURES = 20_000;
  private static final int EPOCHS = 8;
  private static final int STEPS_PER_EPOCH = 8;
  private static final int MOST_KILLS = 6;

  private static LocalCluster cluster;
  private static Dataset<Row> data;
  private static Dataset<Row> testData;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    cluster = LocalCluster.start(3, Map.of());
    testData =
        data(SparkSession.builder().sparkContext(cluster.spark().sc()).getOrCreate(), 8, 200);
    data = data(SparkSession.builder().sparkContext(cluster.spark().sc()).getOrCreate(), 7, 1000);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  /** A little to learn from a few features, and many more that are noise: soon it overfits. */
  private static Dataset<Row> data(SparkSession spark, long seed, int count) {
    Random random = new Random(seed);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] ids =
          random
              .ints(12, 0, FEATURES)
              .map(x -> x % 4 == 0 ? x % 20 : x)
              .distinct()
              .sorted()
              .toArray();
      double[] values = new double[ids.length];
      double margin = 0;
      for (int k = 0; k < ids.length; k++) {
        values[k] = 1;
        margin += ids[k] < 20 ? ids[k] % 5 - 2 : 0;
      }
      double label = random.nextDouble() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
      rows.add(RowFactory.create(label, Vectors.sparse(FEATURES, ids, values), i % 5 == 0));
    }
    StructType schema =
        new StructType()
            .add("label", DataTypes.DoubleType)
            .add("features", SQLDataTypes.VectorType())
            .add("held.out", DataTypes.BooleanType);
    return spark.createDataFrame(rows, schema).repartition(3).cache();
  }

  private LogisticRegression estimator(String name, TrainingListener listener) {
    return new LogisticRegression()
        .setPartitions(5)
        .setBatchRows(100)
        .setMaxIter(EPOCHS)
        .setLearningRate(0.3)
        .setSeed(11)
        .setRunDir(folder.resolve(name).toUri().toString())
        .setValidationIndicatorCol("held.out")
        .setTestData(testRows())
        .setListener(listener);
  }

  /** They need no more columns than these. */
  private static Dataset<Row> testRows() {
    return testData.select("label", "features");
  }

  /** Remembers what was told. */
  private static class Told implements TrainingListener {
    final List<Validation> validations = new CopyOnWriteArrayList<>();
    final List<String> interruptions = new CopyOnWriteArrayList<>();
    final AtomicReference<String> from = new AtomicReference<>();
    final List<Long> commits = new CopyOnWriteArrayList<>();
    long lastStep;

    @Override
    public void started(String where, Progress progress) {
      from.set(where);
      lastStep = progress.step();
    }

    @Override
    public void progress(Progress progress) {
      lastStep = progress.step();
    }

    @Override
    public void committed(
        String path, long step, long bytes, long capturedMillis, long durableMillis) {
      commits.add(step);
    }

    @Override
    public void validated(Validation validation) {
      validations.add(validation);
    }

    @Override
    public void recovering(String why) {
      interruptions.add(why);
    }
  }

  /** The decisions of a run: the bits of its result, and the losses of each step that it kept. */
  private record Decided(
      long result,
      SortedMap<String, byte[]> bits,
      SortedMap<Long, SortedMap<String, Double>> told) {
    static Decided of(LogisticRegressionModel model) throws Exception {
      Path checkpoint = Path.of(java.net.URI.create(model.checkpoint()));
      SortedMap<Long, SortedMap<String, Double>> told = new TreeMap<>();
      try (CheckpointFolder checkpoints =
          CheckpointFolder.open(checkpoint.getParent().toString(), FolderOptions.defaults())) {
        for (CommittedCheckpoint kept : checkpoints.checkpoints()) {
          TrainingState state = kept.manifest().training().orElseThrow();
          SortedMap<String, Double> losses = new TreeMap<>(state.metrics());
          losses.keySet().removeIf(name -> !name.startsWith("validation."));
          state.test().ifPresent(test -> losses.putAll(HeldOutTest.figures((BinaryFigures) test)));
          told.put(kept.step(), losses);
        }
        assertEquals(model.checkpoint(), checkpoints.best().orElseThrow().path());
      }
      String name = checkpoint.getFileName().toString();
      return new Decided(
          Long.parseLong(name.substring("ckpt-".length())),
          TrainedBits.variables(model.checkpoint()),
          told);
    }

    void assertSame(Decided other) {
      assertEquals(result, other.result);
      assertEquals(told, other.told);
      TrainedBits.assertSame(bits, other.bits);
    }
  }

  private static Map<String, Double> figures(BinaryFigures test) {
    return Map.of(
        "test.logLoss", test.logLoss(),
        "test.auc", test.auc().orElseThrow(),
        "test.rows", (double) test.rows(),
        "test.f1", test.f1().orElseThrow());
  }

  private static double logLoss(LogisticRegressionModel model) {
    double sum = 0;
    List<Row> rows =
        model.transform(data.filter("`held.out`")).select("label", "probability").collectAsList();
    for (Row row : rows) {
      double one = ((Vector) row.get(1)).apply(1);
      sum -= Math.log(row.getDouble(0) == 1 ? one : 1 - one);
    }
    return sum / rows.size();
  }

  @Test
  @Tag("long")
  void theBestIsTheResultWhateverDiesWhileItIsJudged() throws Exception {
    Told calm = new Told();
    LogisticRegressionModel model;
    try (LogLines log = LogLines.of("dev.cairn.spark")) {
      model = estimator("calm", calm).fit(data);
      assertLogTellsOfTheRun(log.info(), calm, model.checkpoint());
    }
    Decided expected = Decided.of(model);
    assertEquals(EPOCHS, calm.validations.size(), calm.validations.toString());
    TrainingListener.Validation last = calm.validations.get(EPOCHS - 1);
    assertTrue(last.loss() > last.bestLoss(), "it overfits: " + last);
    assertEquals(last.bestStep(), expected.result());
    assertTrue(expected.told().containsKey(last.step()), "the last one is kept, too");
    assertEquals(logLoss(model), last.bestLoss(), 1e-9);
    assertTestFigures(model, expected.told());

    // Once more: nothing is trained, the same is the result.
    Told again = new Told();
    expected.assertSame(Decided.of(estimator("calm", again).fit(data)));
    assertEquals(0, again.validations.size());
    Told killed = new Told();
    KillerOfJudges killer = new KillerOfJudges(killed.interruptions);
    cluster.spark().sc().addSparkListener(killer);
    try (LogLines log = LogLines.of("dev.cairn.spark")) {
      for (int run = 0; killer.hits() == 0 && run < MOST_KILLS; run++) {
        expected.assertSame(Decided.of(estimator("killed-" + run, killed).fit(data)));
      }
      assertLogTellsOfTheLoss(log.info(), killed);
    } finally {
      cluster.spark().sc().removeSparkListener(killer);
    }
    assertTrue(killer.hits() > 0, "killed while it judged: " + killed.interruptions);
  }

  /** The manifests say how good their parameters are; the model and MLlib say the same. */
  private static void assertTestFigures(
      LogisticRegressionModel model, SortedMap<Long, SortedMap<String, Double>> told)
      throws Exception {
    for (Map.Entry<Long, SortedMap<String, Double>> one : told.entrySet()) {
      assertTrue(one.getValue().containsKey("test.logLoss"), "step " + one.getKey());
    }
    CheckpointReader reader = CheckpointReader.open(model.checkpoint(), FolderOptions.defaults());
    BinaryFigures kept =
        (BinaryFigures)
            reader.manifest().orElseThrow().training().orElseThrow().test().orElseThrow();
    reader.close();
    assertEquals(200, kept.rows());
    BinaryFigures now = (BinaryFigures) model.testFigures(testRows());
    assertEquals(figures(now), figures(kept));
    double auc =
        new BinaryClassificationEvaluator().setNumBins(0).evaluate(model.transform(testRows()));
    assertEquals(auc, kept.auc().orElseThrow(), 1e-4);
  }

  /** One line for the start, each epoch, each look at held-out rows, each commit, the end. */
  private static void assertLogTellsOfTheRun(List<String> lines, Told told, String result) {
    String folder = result.substring(0, result.lastIndexOf('/'));
    String start =
        only(lines, "Training in " + folder + " begins: up to " + EPOCHS + " epochs and 0 steps");
    for (String setting :
        List.of("5 partitions", "100 rows a step", "seed 11", "adagrad {", "learning_rate=0.3")) {
      assertTrue(start.contains(setting), start);
    }
    only(
        lines, "goes from step 0 (nothing was trained before) to step " + EPOCHS * STEPS_PER_EPOCH);
    for (int epoch = 1; epoch <= EPOCHS; epoch++) {
      long step = (long) epoch * STEPS_PER_EPOCH;
      String line =
          only(lines, "Epoch " + epoch + " of " + EPOCHS + " is done at step " + step + ":");
      assertTrue(line.matches(".*mean training loss 0\\.\\d{5}"), line);
      TrainingListener.Validation seen = told.validations.get(epoch - 1);
      only(
          lines,
          String.format(
              Locale.ROOT,
              "Held-out rows at step %d: mean loss %.5f, the best so far is %.5f of step %d",
              step,
              seen.loss(),
              seen.bestLoss(),
              seen.bestStep()));
    }
    assertTrue(told.commits.contains((long) EPOCHS * STEPS_PER_EPOCH), told.commits.toString());
    for (long step : told.commits) {
      String line = only(lines, "Checkpoint of step " + step + " is committed: ");
      assertTrue(
          line.matches(".* \\d+ bytes, .* \\d+ ms, durable after \\d+ ms: .*/ckpt-" + step), line);
    }
    String end = only(lines, "Training in " + folder + " has ended after ");
    assertTrue(
        end.endsWith("it is complete at step " + EPOCHS * STEPS_PER_EPOCH + ": " + result), end);
    assertEquals(end, lines.get(lines.size() - 1), "nothing comes after the end");
  }

  /** Asserts that the log has the loss, its cost, and the members that take part now. */
  private static void assertLogTellsOfTheLoss(List<String> lines, Told told) {
    for (String why : told.interruptions) {
      assertTrue(
          lines.stream().anyMatch(line -> line.contains("stands still: " + why)), lines.toString());
    }
    for (String part :
        List.of(
            "Generation \\d+ goes on from step \\d+ on \\d executors: .*",
            "Lost executor .*Training went on from step .*")) {
      assertTrue(lines.stream().anyMatch(line -> line.matches(part)), part + " in " + lines);
    }
  }

  private static String only(List<String> lines, String part) {
    List<String> found = lines.stream().filter(line -> line.contains(part)).toList();
    assertEquals(1, found.size(), part + " in " + lines);
    return found.get(0);
  }

  @Test
  @Tag("long")
  void patienceEndsItAndSurvivesAStop() throws Exception {
    Told told = new Told();
    LogisticRegressionModel model = estimator("patient", told).setPatience(2).fit(data);
    Decided expected = Decided.of(model);
    TrainingListener.Validation last = told.validations.get(told.validations.size() - 1);
    assertTrue(last.step() < (long) EPOCHS * STEPS_PER_EPOCH, last.toString());
    assertEquals(last.bestStep() + 2 * STEPS_PER_EPOCH, last.step());
    assertEquals(last.bestStep(), expected.result());

    // Stopped within an epoch, where it is judged for its own result only.
    LogisticRegression half = estimator("half", new Told()).setPatience(2);
    half.setMaxSteps(last.step() - STEPS_PER_EPOCH / 2).fit(data);
    Told rest = new Told();
    Decided resumed = Decided.of(estimator("half", rest).setPatience(2).fit(data));
    assertTrue(rest.from.get().contains("ckpt-"), rest.from.get());
    assertEquals(expected.result(), resumed.result());
    TrainedBits.assertSame(expected.bits(), resumed.bits());

    // Ended is ended; a changed patience is a changed run.
    Told ended = new Told();
    expected.assertSame(Decided.of(estimator("patient", ended).setPatience(2).fit(data)));
    assertEquals(0, ended.validations.size());
    assertRefused(
        "validation.patience: expected 2, found 3", estimator("patient", told).setPatience(3));
    LogisticRegressionModel lastOne =
        estimator("last", new Told()).setRestoreBestWeights(false).setMaxIter(3).fit(data);
    assertTrue(lastOne.checkpoint().endsWith("ckpt-" + 3 * STEPS_PER_EPOCH), lastOne.checkpoint());
  }

  private static void assertRefused(String part, LogisticRegression estimator) {
    Throwable thrown = assertThrows(RuntimeException.class, () -> estimator.fit(data));
    StringBuilder all = new StringBuilder();
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      all.append(t.getMessage()).append('\n');
    }
    assertTrue(all.toString().contains(part), all.toString());
  }

  @Test
  void whatCannotBeIsRefused() {
    assertRefused(
        "expected rows that are held out (validationIndicatorCol",
        new LogisticRegression()
            .setRunDir(folder.resolve("none").toUri().toString())
            .setPatience(1));
    assertRefused("expected patience above 0", estimator("tol", new Told()).setValidationTol(0.1));
    assertRefused(
        "Cannot find column nope",
        estimator("column", new Told()).setValidationIndicatorCol("nope"));
    assertRefused(
        "Cannot use column label: expected a boolean",
        estimator("column", new Told()).setValidationIndicatorCol("label"));
    Dataset<Row> all = data;
    data = all.selectExpr("label", "features", "if(`held.out`, null, `held.out`) as `held.out`");
    assertNamed(
        "column held.out, expected true or false, found null", estimator("null", new Told()));
    // Also when it is the first row of all, which is looked at before.
    data = all.selectExpr("label", "features", "cast(null as boolean) as `held.out`");
    assertNamed(
        "column held.out, expected true or false, found null", estimator("null", new Told()));
    data = all.selectExpr("label", "features", "false as `held.out`");
    assertRefused("expected held-out rows to judge on", estimator("none", new Told()));
    data = all;
  }

  /** A row that is held out is checked as one to train on: by the names that the user gave. */
  @Tag("long")
  @Test
  void badHeldOutRowsAreNamed() {
    Dataset<Row> all = data;
    String[][] bad = {
      {"label", "2.0", "Cannot train: column label, expected 0 or 1 (or -1 or 1), found 2.0"},
      {"label", "null", "Cannot train: column label, expected 0 or 1 (or -1 or 1), found null"},
      {"how much", "-3.0", "Cannot train: column how much, expected 0 or a finite number"},
      {"how much", "null", "found null; correct or filter such rows"},
    };
    for (String[] one : bad) {
      data =
          all.withColumn("how much", functions.lit(1.0))
              .withColumn(
                  one[0],
                  functions.expr("if(`held.out`, double(" + one[1] + "), `" + one[0] + "`)"));
      assertNamed(one[2], estimator("bad", new Told()).setWeightCol("how much"));
    }
    UDF1<Vector, Vector> spoil = vector -> Vectors.sparse(FEATURES, new int[] {3}, nan());
    UDF1<Vector, Vector> shorten = vector -> Vectors.sparse(5, new int[] {3}, new double[] {1});
    data = spoiled(all, spoil);
    assertNamed(
        "Cannot train: column features, feature 3, expected a", estimator("bad", new Told()));
    data = spoiled(all, shorten);
    assertNamed("column features, expected vectors of one size", estimator("bad", new Told()));
    data = all;
  }

  private static double[] nan() {
    return new double[] {Double.NaN};
  }

  private static Dataset<Row> spoiled(Dataset<Row> rows, UDF1<Vector, Vector> how) {
    Column changed = functions.udf(how, SQLDataTypes.VectorType()).apply(rows.col("features"));
    return rows.withColumn(
        "features",
        functions.when(rows.col("`held.out`"), changed).otherwise(rows.col("features")));
  }

  /** The caller's own error, not one of Spark that has it somewhere inside. */
  private static void assertNamed(String part, LogisticRegression estimator) {
    String said =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> estimator.fit(data)).getMessage());
    assertTrue(said.contains(part), said);
  }

  /** The folder holds more than is asked for; and while it is trained into, it is nobody else's. */
  @Tag("long")
  @Test
  void aFitNeverGivesMoreThanWasAskedFor() throws Exception {
    AtomicReference<Throwable> second = new AtomicReference<>();
    Told first =
        new Told() {
          @Override
          public void started(String where, Progress progress) {
            second.set(
                assertThrows(
                    TrainingFailedException.class, () -> plain("plain", 8, new Told()).fit(data)));
          }
        };
    LogisticRegressionModel eight = plain("plain", 8, first).fit(data);
    assertTrue(
        String.valueOf(second.get().getMessage()).contains("another fit of this program"),
        String.valueOf(second.get()));
    assertTrue(eight.checkpoint().endsWith("ckpt-80"), eight.checkpoint());
    assertRefused(
        "Cannot train 1 epoch: the folder holds more, expected a checkpoint of step 10",
        plain("plain", 1, new Told()));
    assertRefused("resume is off", plain("plain", 8, new Told()).setResume(false));
    LogisticRegressionModel one = plain("one", 1, new Told()).setResume(false).fit(data);
    LogisticRegressionModel two =
        plain("two", 8, new Told()).setResumeFrom(one.checkpoint()).fit(data);
    TrainedBits.assertSame(
        TrainedBits.variables(eight.checkpoint()), TrainedBits.variables(two.checkpoint()));
    LogisticRegressionModel same =
        plain("same", 1, new Told()).setResumeFrom(one.checkpoint()).fit(data);
    assertTrue(same.checkpoint().endsWith("same/ckpt-10"), same.checkpoint());
  }

  private LogisticRegression plain(String name, int epochs, TrainingListener listener) {
    return new LogisticRegression()
        .setPartitions(5)
        .setBatchRows(100)
        .setMaxIter(epochs)
        .setRunDir(folder.resolve(name).toUri().toString())
        .setListener(listener);
  }
}
