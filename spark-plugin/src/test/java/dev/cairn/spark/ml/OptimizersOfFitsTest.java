package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.LocalSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The estimator with each optimizer: bits, records, what regularisation means, what is refused. */
class OptimizersOfFitsTest {
  private static final int ROWS = 300;
  private static final int FEATURES = 5;

  @TempDir static Path folder = Path.of("");

  private static final SparkSession SPARK = LocalSession.start();
  private static final Dataset<Row> DATA = data();

  @AfterAll
  static void stop() {
    SPARK.stop();
  }

  private static Dataset<Row> data() {
    Random random = new Random(3);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      double[] x = random.doubles(FEATURES, -1, 1).toArray();
      double margin = 0.4 + 2 * x[0] - 1.5 * x[1] + 0.1 * x[2];
      double label = random.nextDouble() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
      rows.add(RowFactory.create(label, Vectors.dense(x)));
    }
    return SPARK.createDataFrame(
        rows,
        new StructType()
            .add("label", DataTypes.DoubleType)
            .add("features", SQLDataTypes.VectorType()));
  }

  private static LogisticRegression estimator(String name) {
    return new LogisticRegression()
        .setPartitions(2)
        .setBatchRows(60)
        .setMaxIter(3)
        .setRunDir(folder.resolve(name).toUri().toString());
  }

  private static final SortedMap<String, UnaryOperator<LogisticRegression>> ALL =
      new TreeMap<>(
          Map.of(
              "sgd", e -> e.setOptimizer("sgd").setLearningRate(0.01),
              "momentum",
                  e ->
                      e.setOptimizer("sgd")
                          .setMomentum(0.5)
                          .setNesterov(true)
                          .setWeightDecay(0.1)
                          .setClipValue(9)
                          .setLearningRateSchedule(
                              "piecewise boundaries=4,9 values=0.02,0.01,0.005"),
              "rmsprop",
                  e ->
                      e.setOptimizer("rmsprop")
                          .setLearningRate(0.05)
                          .setRho(0.8)
                          .setMomentum(0.3)
                          .setCentered(true),
              "adam",
                  e ->
                      e.setOptimizer("adam")
                          .setLearningRate(0.1)
                          .setBeta1(0.8)
                          .setAmsgrad(true)
                          .setRegParam(0.01)
                          .setElasticNetParam(0.5)
                          .setDenseUpdates(true)
                          .setLearningRateSchedule("cosine decay_steps=12 warmup_steps=3"),
              "adamw", e -> e.setOptimizer("adamw").setLearningRate(0.1).setClipNorm(5),
              "adagrad", e -> e.setOptimizerEpsilon(1e-7).setWeightDecay(0.01).setGlobalClipNorm(6),
              "ftrl", e -> e.setOptimizer("ftrl").setBeta(0.5).setInitialAccumulator(0.2),
              "choices",
                  e ->
                      e.setOptimizerPenalties(0, 0.5)
                          .setOptimizerFor(
                              "bias",
                              "adam; learning-rate=0.05; global-clipnorm=3; l2=0;"
                                  + " schedule=cosine decay_steps=20")));

  /** Stopped after any step and gone on with, on what a checkpoint holds. */
  @ParameterizedTest
  @ValueSource(
      strings = {"sgd", "momentum", "rmsprop", "adam", "adamw", "adagrad", "ftrl", "choices"})
  void sameBitsWhenResumed(String name) throws Exception {
    UnaryOperator<LogisticRegression> with = ALL.get(name);
    LogisticRegressionModel whole = with.apply(estimator(name)).fit(DATA);
    with.apply(estimator(name + "-stopped")).setMaxSteps(7).fit(DATA);
    LogisticRegressionModel resumed = with.apply(estimator(name + "-stopped")).fit(DATA);
    TrainedBits.assertSame(
        TrainedBits.variables(whole.checkpoint()), TrainedBits.variables(resumed.checkpoint()));
    double accuracy = whole.evaluate(DATA).accuracy();
    assertTrue(accuracy > 0.7, name + " has learned: " + accuracy);
  }

  private static OptimizerSpec recorded(String checkpoint) throws IOException {
    try (CheckpointReader reader = CheckpointReader.open(checkpoint, FolderOptions.defaults())) {
      return reader.manifest().orElseThrow().training().orElseThrow().optimizer();
    }
  }

  @Test
  void theCheckpointRecordsWhatWasUsed() throws Exception {
    LogisticRegressionModel model = ALL.get("momentum").apply(estimator("kept")).fit(DATA);
    assertEquals(
        new OptimizerSpec(
            "sgd",
            new TreeMap<>(
                Map.of(
                    "learning_rate",
                    0.02,
                    "momentum",
                    0.5,
                    "nesterov",
                    1.0,
                    "weight_decay",
                    0.1,
                    "clipvalue",
                    9.0,
                    "l1",
                    0.0,
                    "l2",
                    0.0)),
            Optional.of("piecewise boundaries=4,9 values=0.02,0.01,0.005")),
        recorded(model.checkpoint()));
    LogisticRegressionModel plain = ALL.get("sgd").apply(estimator("plain")).fit(DATA);
    assertEquals(Optional.empty(), recorded(plain.checkpoint()).schedule());
    assertEquals(
        "[_CHECKPOINTABLE_OBJECT_GRAPH, data_position/.ATTRIBUTES/json,"
            + " model/bias/.ATTRIBUTES/VARIABLE_VALUE,"
            + " model/weights/.ATTRIBUTES/VARIABLE_VALUE,"
            + " optimizer/iterations/.ATTRIBUTES/VARIABLE_VALUE,"
            + " optimizer/learning_rate/.ATTRIBUTES/VARIABLE_VALUE,"
            + " save_counter/.ATTRIBUTES/VARIABLE_VALUE]",
        TrainedBits.variables(plain.checkpoint()).keySet().toString());
  }

  /** Another optimizer takes over the penalties alone. */
  @Test
  void theCheckpointRecordsWhatWasChosenForAVariable() throws Exception {
    LogisticRegression estimator = ALL.get("choices").apply(estimator("chosen"));
    OptimizerSpec used = recorded(estimator.fit(DATA).checkpoint());
    assertEquals("adagrad", used.name());
    OptimizerSpec bias = used.forVariables().get("bias");
    assertEquals("adam", bias.name());
    assertEquals(
        new TreeMap<>(
            Map.of(
                "beta_1",
                0.9,
                "beta_2",
                0.999,
                "epsilon",
                1e-7,
                "global_clipnorm",
                3.0,
                "l1",
                0.0,
                "l2",
                0.0,
                "learning_rate",
                0.05)),
        bias.hyperparameters());
    assertEquals(Optional.of("cosine decay_steps=20"), bias.schedule());
  }

  /** Settings alone, another optimizer with settings, and what is written with the estimator. */
  @Test
  void whatIsNotChosenIsAsForAll() throws Exception {
    LogisticRegression some =
        new LogisticRegression()
            .setInitialAccumulator(0.3)
            .setOptimizerPenalties(0.25, 0.5)
            .setOptimizerFor("weights", "l2=0.75")
            .setOptimizerFor("bias", "sgd; momentum=0.5")
            .setOptimizerFor("weights", "learning-rate=0.2; l1=0");
    SortedMap<String, OptimizerSpec> others = recorded(some).forVariables();
    assertEquals(
        Map.of("initial_accumulator_value", 0.3, "l1", 0.0, "l2", 0.5, "learning_rate", 0.2),
        others.get("weights").hyperparameters());
    assertEquals(
        Map.of("l1", 0.25, "l2", 0.5, "learning_rate", 0.0001, "momentum", 0.5),
        others.get("bias").hyperparameters());
    assertEquals(
        Map.of(
            "beta",
            1.0,
            "initial_accumulator_value",
            0.1,
            "l1",
            0.0,
            "l2",
            0.0,
            "learning_rate",
            0.1),
        recorded(some.setOptimizerFor("bias", "ftrl")).forVariables().get("bias").hyperparameters(),
        "FTRL's penalties are other ones");
    // As for all is no choice.
    assertEquals(
        Map.of(),
        recorded(new LogisticRegression().setOptimizerFor("bias", "adagrad")).forVariables());
    some.write().overwrite().save(folder.resolve("estimator").toString());
    assertEquals(
        List.of(some.getOptimizerFor()),
        List.of(LogisticRegression.load(folder.resolve("estimator").toString()).getOptimizerFor()));
  }

  private static OptimizerSpec recorded(LogisticRegression estimator) {
    Penalties penalties = estimator.trainingParams().options.penalties;
    return estimator
        .trainingParams()
        .optimizer
        .of(estimator, penalties == null ? Penalties.NONE : penalties)
        .spec();
  }

  @Test
  void wrongChoicesAreRefused() {
    assertMessage(
        "Cannot set the optimizer of factors and w: expected a variable of the model, one of"
            + " weights, bias, found another name",
        () ->
            estimator("c")
                .setOptimizerFor("w", "sgd")
                .setOptimizerFor("factors", "adam")
                .fit(DATA));
    assertWrong("bias: momentum=0.5", "found momentum (for bias)");
    assertWrong("bias: lamb", "unknown name, expected one of adagrad");
    assertWrong("bias", "expected its name and a colon first");
    assertWrong("bias:", "Cannot set the optimizer of bias: expected setting=value, found nothing");
    assertWrong("bias: l1=1; sgd", "expected setting=value, found sgd");
    assertWrong("bias: l1=much", "expected a number, true or false after =, found l1=much");
    assertWrong("bias: l1=NaN", "expected a finite number after =, found l1=NaN");
    assertWrong("bias: clipnorm=1; clipvalue=1", "expected at most one of");
    assertWrong("bias: adam; schedule=cosine", "decay_steps");
    LogisticRegression twice = estimator("c");
    twice.set(twice.optimizerFor(), new String[] {"bias: sgd", "bias: adam"});
    assertMessage("expected one choice, found two", twice::checkOptimizer);
    assertMessage(
        "and optimizer ftrl: expected adagrad",
        () -> estimator("c").setOptimizerFor("bias", "ftrl").setRegParam(0.1).fit(DATA));
  }

  private static void assertWrong(String choice, String part) {
    LogisticRegression estimator = estimator("c");
    estimator.set(estimator.optimizerFor(), new String[] {choice});
    assertMessage(part, estimator::checkOptimizer);
  }

  /** Every difference of what is chosen is named, and can be accepted as long as the state fits. */
  @Test
  void changedChoicesAreNamed() {
    estimator("choice").setOptimizerFor("bias", "learning-rate=0.2").fit(DATA);
    assertMessage(
        "optimizer.for.bias.l2: expected 0.0, found 1.0;"
            + " optimizer.for.bias.learning-rate: expected 0.2, found 0.3.",
        () ->
            estimator("choice")
                .setMaxIter(4)
                .setOptimizerFor("bias", "learning-rate=0.3; l2=1")
                .fit(DATA));
    assertMessage(
        "optimizer.for.bias: expected adagrad, found none;",
        () -> estimator("choice").setMaxIter(4).fit(DATA));
    LogisticRegressionModel accepted =
        estimator("choice")
            .setMaxIter(4)
            .setOptimizerFor("bias", "learning-rate=0.3")
            .setResumeAccept(new String[] {"optimizer.for.bias.learning-rate"})
            .fit(DATA);
    assertTrue(accepted.checkpoint().endsWith("ckpt-20"), accepted.checkpoint());
    assertMessage(
        "the optimizer's state of bias: the checkpoint has slots accumulator (adagrad), expected"
            + " none (sgd)",
        () -> estimator("choice").setMaxIter(5).setOptimizerFor("bias", "sgd").fit(DATA));
  }

  /** A model with two optimizers begins a run, with their state and without. */
  @Test
  void aChoiceGoesWithTheInitialModel() throws Exception {
    UnaryOperator<LogisticRegression> choices = ALL.get("choices");
    LogisticRegressionModel first = choices.apply(estimator("first")).setMaxIter(2).fit(DATA);
    LogisticRegressionModel on =
        choices
            .apply(estimator("on"))
            .setMaxIter(1)
            .setInitialModel(first)
            .setInitialOptimizerState(true)
            .fit(DATA);
    LogisticRegressionModel whole = choices.apply(estimator("three")).fit(DATA);
    assertEquals(
        TrainedBits.variables(whole.checkpoint()).keySet(),
        TrainedBits.variables(on.checkpoint()).keySet());
    LogisticRegressionModel anew =
        choices.apply(estimator("anew")).setMaxIter(1).setInitialModel(first).fit(DATA);
    assertTrue(anew.checkpoint().endsWith("ckpt-5"), anew.checkpoint());
    assertTrue(on.checkpoint().endsWith("ckpt-15"), on.checkpoint());
    assertMessage(
        "unexpected model/bias/.OPTIMIZER_SLOT/optimizer_bias/momentum",
        () ->
            estimator("others")
                .setMaxIter(1)
                .setInitialModel(first)
                .setInitialOptimizerState(true)
                .setOptimizerFor("bias", "rmsprop")
                .fit(DATA));
  }

  /** A change of the schedule or of the optimizer is one like any other; that of its state none. */
  @Test
  void changesAreRefusedByName() {
    UnaryOperator<LogisticRegression> sgd = ALL.get("sgd");
    sgd.apply(estimator("changed")).fit(DATA);
    String cosine = "cosine decay_steps=9";
    assertMessage(
        "optimizer.schedule: expected none, found cosine decay_steps=9",
        () ->
            sgd.apply(estimator("changed"))
                .setMaxIter(4)
                .setLearningRateSchedule(cosine)
                .fit(DATA));
    String[] everything = {
      "optimizer",
      "optimizer.learning-rate",
      "optimizer.momentum",
      "optimizer.initial-accumulator-value"
    };
    assertMessage(
        "the run has changed since. the optimizer's state: the checkpoint has none (sgd), expected"
            + " slots accumulator (adagrad). Put it back, or use another checkpoint.dir",
        () -> estimator("changed").setMaxIter(4).setResumeAccept(everything).fit(DATA));
    estimator("other").fit(DATA);
    assertMessage(
        "the optimizer's state: the checkpoint has slots accumulator (adagrad), expected none"
            + " (sgd)",
        () -> sgd.apply(estimator("other")).setMaxIter(4).setResumeAccept(everything).fit(DATA));
    // The rate alone may change.
    LogisticRegressionModel accepted =
        sgd.apply(estimator("changed"))
            .setMaxIter(4)
            .setLearningRateSchedule(cosine)
            .setResumeAccept(new String[] {"optimizer.schedule"})
            .fit(DATA);
    assertTrue(accepted.checkpoint().endsWith("ckpt-20"), accepted.checkpoint());
  }

  private static void assertMessage(String part, org.junit.jupiter.api.function.Executable call) {
    Throwable thrown = assertThrows(RuntimeException.class, call);
    assertTrue(String.valueOf(thrown.getMessage()).contains(part), thrown.getMessage());
  }

  /**
   * Steps of all rows, and rates that fall, lead to MLlib's optimum: regParam means the same
   * whatever the optimizer.
   */
  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"sgd", "sgd momentum", "rmsprop", "adam"})
  void regularisationMeansWhatMllibsMeans(String what) {
    for (double share : new double[] {0, 0.6}) {
      org.apache.spark.ml.classification.LogisticRegressionModel theirs =
          new org.apache.spark.ml.classification.LogisticRegression()
              .setRegParam(0.05)
              .setElasticNetParam(share)
              .setStandardization(false)
              .setTol(1e-10)
              .setMaxIter(500)
              .fit(DATA);
      String name = what.split(" ", -1)[0];
      LogisticRegression estimator =
          estimator(what + share)
              .setOptimizer(name)
              .setBatchRows(ROWS)
              .setMaxIter(900)
              .setRegParam(0.05)
              .setElasticNetParam(share)
              .setStandardization(false)
              .setLearningRateSchedule(
                  name.equals("sgd")
                      ? "constant"
                      : "piecewise boundaries=300,600 values=0.02,0.002,0.0002");
      if (name.equals("sgd")) {
        estimator.setLearningRate(0.005); // for sums: 1.5 of a mean over the rows
      }
      if (what.endsWith("momentum")) {
        estimator.setMomentum(0.5).setLearningRate(0.0025);
      }
      LogisticRegressionModel ours = estimator.fit(DATA);
      assertEquals(theirs.intercept(), ours.intercept(), 1e-3, what + share);
      for (int i = 0; i < FEATURES; i++) {
        double wanted = theirs.coefficients().apply(i);
        double found = ours.coefficients().apply(i);
        assertEquals(wanted, found, 1e-3, what + share + " " + i);
        assertEquals(wanted == 0, found == 0, what + share + " " + i);
      }
    }
  }

  /** Before a row is read. */
  @Test
  void settingsOfOtherOptimizersAreRefused() {
    assertMessage(
        "Cannot create optimizer adagrad: unknown hyperparameter, expected one of clipnorm,"
            + " clipvalue, dense_updates, epsilon, global_clipnorm, initial_accumulator_value, l1,"
            + " l2, learning_rate, weight_decay, found momentum",
        () -> estimator("e").setMomentum(0.5).checkOptimizer());
    Dataset<Row> unreadable =
        DATA.selectExpr("cast(raise_error('read') as double) as label", "features");
    assertMessage("found momentum", () -> estimator("e").setMomentum(0.5).train(unreadable));
    assertMessage(
        "unknown name, expected one of adagrad, adam, adamw, ftrl, rmsprop, sgd, found none",
        () -> estimator("e").setOptimizer("none").fit(DATA));
    assertMessage(
        "and optimizer ftrl: expected adagrad or another one whose regularisation is MLlib's",
        () -> estimator("e").setOptimizer("ftrl").setRegParam(0.1).fit(DATA));
    assertEquals(
        List.of("adagrad", "adam", "adamw", "ftrl", "rmsprop", "sgd"),
        OptimizerParams.optimizers());
  }

  /** Values in use are told, and defaults are in the explanation. */
  @Test
  void gettersTellWhatIsUsed() {
    LogisticRegression plain = new LogisticRegression();
    assertEquals(0.1, plain.getLearningRate());
    assertEquals(0.1, plain.getInitialAccumulator());
    assertEquals(0.0001, plain.setOptimizer("sgd").getLearningRate());
    assertEquals(0, plain.getMomentum());
    assertFalse(plain.getNesterov());
    plain.setLearningRateSchedule("piecewise boundaries=3 values=0.5,0.25");
    assertEquals(0.5, plain.getLearningRate());
    assertTrue(
        plain.explainParams().contains("not set: 0.0001 for sgd, 0.001 for adam, adamw and"),
        plain.explainParams());
  }
}
