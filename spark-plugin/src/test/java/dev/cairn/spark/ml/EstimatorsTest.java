package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.BinaryFigures;
import dev.cairn.spark.LocalSession;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.PredictionModel;
import org.apache.spark.ml.evaluation.Evaluator;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.feature.FeatureHasher;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
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
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that all estimators have the same: parameters, fits, models, files, pipelines. */
class EstimatorsTest {
  private static final int FEATURES = 64;
  private static final String TWO = "two";
  private static final String THREE = "three";
  private static final String NUMBER = "number";
  private static final String COUNT = "count";

  @TempDir static Path folder = Path.of("");

  private static final SparkSession SPARK =
      LocalSession.start(Map.of("spark.default.parallelism", "2"));
  private static final Dataset<Row> TABLE = table().cache();
  private static final Dataset<Row> ROWS = hasher().transform(TABLE).cache();

  @AfterAll
  static void stop() {
    SPARK.stop();
  }

  /** Two columns of text, one of numbers, and a label of each kind that they say something of. */
  private static Dataset<Row> table() {
    Random random = new Random(7);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 240; i++) {
      int colour = random.nextInt(3);
      int shape = random.nextInt(4);
      double size = random.nextGaussian();
      double margin = colour - 1.2 + (shape == 2 ? 1 : -0.4) + size / 2;
      rows.add(
          RowFactory.create(
              "c" + colour,
              "s" + shape,
              size,
              random.nextDouble() < 1 / (1 + Math.exp(-3 * margin)) ? 1.0 : 0.0,
              random.nextInt(5) == 0 ? 2 - colour : colour,
              margin + random.nextGaussian() / 10,
              (long) Math.floor(Math.exp(margin / 2) + random.nextDouble())));
    }
    return SPARK.createDataFrame(
        rows,
        new StructType()
            .add("colour", DataTypes.StringType)
            .add("shape", DataTypes.StringType)
            .add("size", DataTypes.DoubleType)
            .add(TWO, DataTypes.DoubleType)
            .add(THREE, DataTypes.IntegerType)
            .add(NUMBER, DataTypes.DoubleType)
            .add(COUNT, DataTypes.LongType));
  }

  private static FeatureHasher hasher() {
    return new FeatureHasher()
        .setInputCols(new String[] {"colour", "shape", "size"})
        .setNumFeatures(FEATURES)
        .setOutputCol("features");
  }

  /** One of each kind, untouched. */
  private static List<CairnEstimator<?, ?>> plain() {
    return List.of(
        new LogisticRegression(),
        new LinearRegression(),
        new LinearSVC(),
        new FMClassifier(),
        new FMRegressor());
  }

  /**
   * An estimator, a label for it, and the class that reads its models.
   *
   * @param score what MLlib's evaluator must at least find on the rows trained on (for {@code rmse}
   *     at most)
   */
  private record Case(
      CairnEstimator<?, ?> estimator, Class<?> model, Evaluator evaluator, double score) {
    @Override
    public String toString() {
      String loss = estimator.hasParam("loss") ? " " + value("loss") : "";
      return estimator.getClass().getSimpleName() + loss + " of " + estimator.getLabelCol();
    }

    private Object value(String name) {
      return estimator.getOrDefault(estimator.getParam(name));
    }

    String name() {
      return toString().replace(' ', '-');
    }

    boolean regresses() {
      return evaluator instanceof RegressionEvaluator;
    }
  }

  private static Evaluator accuracy(String label) {
    return new MulticlassClassificationEvaluator().setLabelCol(label).setMetricName("accuracy");
  }

  private static Evaluator error(String label) {
    return new RegressionEvaluator().setLabelCol(label).setMetricName("rmse");
  }

  private static Stream<Case> cases() {
    Class<?> logistic = LogisticRegressionModel.class;
    Class<?> linear = LinearRegressionModel.class;
    return Stream.of(
        new Case(set(new LogisticRegression(), TWO), logistic, accuracy(TWO), 0.8),
        new Case(set(new LogisticRegression(), THREE), logistic, accuracy(THREE), 0.8),
        new Case(set(new LinearRegression(), NUMBER), linear, error(NUMBER), 0.3),
        new Case(set(new LinearRegression().setLoss("huber"), NUMBER), linear, error(NUMBER), 0.3),
        new Case(set(new LinearRegression().setLoss("poisson"), COUNT), linear, error(COUNT), 0.8),
        new Case(set(new LinearSVC(), TWO), LinearSVCModel.class, accuracy(TWO), 0.8),
        new Case(
            set(new LinearSVC().setLoss("squaredHinge"), TWO),
            LinearSVCModel.class,
            accuracy(TWO),
            0.8),
        new Case(
            set(new FMClassifier().setFactorSize(3).setInitStd(0.1), TWO),
            FMClassificationModel.class,
            accuracy(TWO),
            0.8),
        new Case(
            set(new FMRegressor().setFactorSize(3).setInitStd(0.1), NUMBER),
            FMRegressionModel.class,
            error(NUMBER),
            0.3));
  }

  private static <E extends CairnEstimator<E, M>, M extends CairnModel<M>> E set(
      E estimator, String label) {
    estimator.setLabelCol(label);
    return estimator
        .setPartitions(2)
        .setBatchRows(32)
        .setMaxIter(12)
        .setLearningRate(0.3)
        .setCheckpointDir(path("fits"));
  }

  private static String path(String name) {
    return folder.resolve(name).toUri().toString();
  }

  private static List<String> texts(Dataset<Row> rows) {
    return rows.collectAsList().stream().map(Row::toString).toList();
  }

  private static List<String> scores(CairnModel<?> model, Dataset<Row> rows) {
    Dataset<Row> scored = model.transform(rows);
    String[] added =
        Arrays.stream(scored.columns())
            .filter(name -> !Arrays.asList(rows.columns()).contains(name))
            .toArray(String[]::new);
    return texts(scored.select("features", added));
  }

  @Test
  void whatIsSharedIsTheSame() throws ReflectiveOperationException {
    List<CairnEstimator<?, ?>> all = plain();
    int params = 0;
    int getters = 0;
    for (Class<?> shared :
        List.of(
            DescentParams.class,
            OptimizerParams.class,
            ScheduleParams.class,
            CheckpointedParams.class)) {
      for (Method method : shared.getDeclaredMethods()) {
        boolean param = Param.class.isAssignableFrom(method.getReturnType());
        if (!param && !method.getName().startsWith("get")) {
          continue;
        }
        Object expected = null;
        for (CairnEstimator<?, ?> each : all) {
          Object found = param ? described(each, method.getName()) : called(each, method);
          expected = expected == null ? found : expected;
          assertEquals(expected, found, each.getClass() + " " + method.getName());
        }
        params += param ? 1 : 0;
        getters += param ? 0 : 1;
      }
    }
    assertEquals(params, getters);
    assertTrue(params > 35, "parameters " + params);
  }

  private static String described(CairnEstimator<?, ?> each, String name) {
    Param<?> param = each.getParam(name);
    assertTrue(Arrays.asList(each.params()).contains(param), "found by reflection: " + name);
    return told(each.explainParam(param)) + Arrays.toString(setters(each, name));
  }

  /** An array's text is where it is in memory. */
  private static String told(String params) {
    return params.replaceAll("String;@[0-9a-f]+", "String");
  }

  private static String[] setters(CairnEstimator<?, ?> each, String param) {
    String name = "set" + param.substring(0, 1).toUpperCase(Locale.ROOT) + param.substring(1);
    String[] setters =
        Arrays.stream(each.getClass().getMethods())
            .filter(method -> method.getName().equals(name))
            // A model may be given in place of its path.
            .filter(method -> !CairnModel.class.equals(method.getParameterTypes()[0]))
            .map(method -> Arrays.toString(method.getParameterTypes()))
            .distinct()
            .toArray(String[]::new);
    assertEquals(1, setters.length, name);
    return setters;
  }

  private static String called(CairnEstimator<?, ?> each, Method getter)
      throws IllegalAccessException {
    try {
      Object value = getter.invoke(each);
      return value instanceof Object[] array ? Arrays.toString(array) : String.valueOf(value);
    } catch (InvocationTargetException e) {
      return String.valueOf(e.getCause().getClass()); // not set, and without a default
    }
  }

  @Test
  void mllibsNamesAndDefaults() {
    List<org.apache.spark.ml.param.Params> theirs =
        List.of(
            new org.apache.spark.ml.classification.LogisticRegression(),
            new org.apache.spark.ml.regression.LinearRegression(),
            new org.apache.spark.ml.classification.LinearSVC(),
            new org.apache.spark.ml.classification.FMClassifier(),
            new org.apache.spark.ml.regression.FMRegressor());
    List<CairnEstimator<?, ?>> ours = plain();
    // How MLlib goes about things; and ours counts passes over many steps, where MLlib counts
    // steps.
    List<String> others =
        List.of("aggregationDepth", "maxBlockSizeInMB", "solver", "stepSize", "miniBatchFraction");
    for (int i = 0; i < ours.size(); i++) {
      CairnEstimator<?, ?> our = ours.get(i);
      for (Param<?> param : theirs.get(i).params()) {
        String name = param.name();
        if (others.contains(name) || name.matches("(lower|upper)BoundsOn.*")) {
          continue;
        }
        assertTrue(our.hasParam(name), our.getClass() + " " + name);
        boolean given = theirs.get(i).isDefined(param);
        if (given && !List.of("maxIter", "tol", "seed").contains(name)) {
          assertEquals(
              theirs.get(i).getOrDefault(param),
              our.getOrDefault(our.getParam(name)),
              our.getClass() + " " + name);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void fitsScoresSavesAndLoads(Case each) throws Exception {
    CairnModel<?> model = each.estimator().fit(ROWS);
    Dataset<Row> scored = model.transform(ROWS);
    double score = each.evaluator().evaluate(scored);
    assertTrue(
        each.regresses() ? score <= each.score() : score >= each.score(), each + ": " + score);

    String written = path(each.name());
    model.write().save(written);
    CairnModel<?> loaded = load(each, written);
    assertEquals(scores(model, ROWS), scores(loaded, ROWS));
    assertEquals(model.uid(), loaded.uid());
    CairnModel<?> found =
        (CairnModel<?>)
            each.model().getMethod("fromCheckpoint", String.class).invoke(null, model.checkpoint());
    assertEquals(
        texts(model.transform(ROWS).select("prediction")),
        texts(found.transform(ROWS).select("prediction")));

    assertSingleRows(model, scored);
    onlyThePrediction(model, scored);
    ofOneMargin(scored);
    assertStageIsWritten(each);
    assertTrue(model.hasParam("weightCol"));
    model.close();
  }

  private static CairnModel<?> load(Case each, String path) throws ReflectiveOperationException {
    return (CairnModel<?>) each.model().getMethod("load", String.class).invoke(null, path);
  }

  /** Rows alone score as rows of a table, on the driver and where the model was sent to. */
  @SuppressWarnings("unchecked")
  private static void assertSingleRows(CairnModel<?> model, Dataset<Row> scored) {
    PredictionModel<Vector, ?> single = (PredictionModel<Vector, ?>) model;
    Dataset<Row> few = scored.limit(20).select("features", "prediction");
    for (Row row : few.collectAsList()) {
      assertEquals(row.getDouble(1), single.predict((Vector) row.get(0)));
    }
    List<Double> sent =
        few.javaRDD().map(row -> single.predict((Vector) row.get(0)) - row.getDouble(1)).collect();
    assertEquals(List.of(0.0), sent.stream().distinct().toList());
  }

  private static void onlyThePrediction(CairnModel<?> model, Dataset<Row> scored) {
    CairnModel<?> bare = (CairnModel<?>) model.copy(ParamMap.empty());
    for (String name : List.of("rawPredictionCol", "probabilityCol")) {
      if (bare.hasParam(name)) {
        bare.set(name, "");
      }
    }
    Dataset<Row> alone = bare.transform(ROWS);
    assertEquals(ROWS.columns().length + 1, alone.columns().length);
    assertEquals(texts(scored.select("prediction")), texts(alone.select("prediction")));
  }

  /** Of two classes, all columns are made from one number, which is no column afterwards. */
  private static void ofOneMargin(Dataset<Row> scored) {
    String plan = scored.queryExecution().optimizedPlan().toString();
    assertEquals(1, plan.split("UDF\\(features#", -1).length - 1, plan);
    int added = scored.columns().length - ROWS.columns().length;
    boolean margin = plan.contains("UDF(margin_");
    assertEquals(margin ? added : 0, plan.split("UDF\\(margin_", -1).length - 1, plan);
  }

  private static void assertStageIsWritten(Case each) throws Exception {
    String written = path(each.name() + "-estimator");
    each.estimator().write().save(written);
    Object read = each.estimator().getClass().getMethod("load", String.class).invoke(null, written);
    String expected = told(each.estimator().explainParams());
    assertEquals(expected, told(((CairnEstimator<?, ?>) read).explainParams()));
    assertEquals(expected, told(each.estimator().copy(ParamMap.empty()).explainParams()));
  }

  @Tag("long")
  @ParameterizedTest
  @MethodSource("cases")
  void worksInPipelineAndCrossValidator(Case each) throws Exception {
    CairnEstimator<?, ?> estimator = each.estimator();
    Pipeline pipeline =
        new Pipeline().setStages(new PipelineStage[] {hasher(), (PipelineStage) estimator});
    CrossValidatorModel best =
        new CrossValidator()
            .setEstimator(pipeline)
            .setEvaluator(each.evaluator())
            .setEstimatorParamMaps(
                new ParamGridBuilder()
                    .addGrid(estimator.regParam(), new double[] {0.001, 30})
                    .build())
            .setNumFolds(2)
            .setSeed(3)
            .fit(TABLE);
    double[] found = best.avgMetrics();
    assertTrue(
        each.regresses() ? found[0] < found[1] : found[0] > found[1], Arrays.toString(found));
    String written = path(each.name() + "-validated");
    best.write().save(written);
    assertEquals(
        texts(best.transform(TABLE).select("prediction")),
        texts(CrossValidatorModel.load(written).transform(TABLE).select("prediction")));
  }

  @Test
  void eachClassLoadsItsKindAlone() throws Exception {
    List<Case> cases = cases().toList();
    String svc = path("kinds");
    LinearSVCModel model = set(new LinearSVC(), TWO).setMaxIter(1).fit(ROWS);
    model.write().save(svc);
    assertEquals(LinearSVCModel.class, Estimators.fromCheckpoint(model.checkpoint()).getClass());
    for (Case each : cases) {
      if (each.model() != LinearSVCModel.class) {
        InvocationTargetException e =
            assertThrows(
                InvocationTargetException.class,
                () ->
                    each.model()
                        .getMethod("fromCheckpoint", String.class)
                        .invoke(null, model.checkpoint()));
        String message = String.valueOf(assertNotNullCause(e).getMessage());
        assertTrue(message.contains("found hinge"), message);
        assertTrue(message.contains(each.model().getSimpleName()), message);
        assertThrows(InvocationTargetException.class, () -> load(each, svc));
      }
    }
  }

  private static Throwable assertNotNullCause(Throwable e) {
    Throwable cause = e.getCause();
    assertNotNull(cause);
    return cause;
  }

  @Test
  void summariesAreMllibs() {
    String own = path("summaries");
    LinearRegression regression = set(new LinearRegression(), NUMBER).setCheckpointDir(own);
    LinearRegressionModel line = regression.fit(ROWS);
    Dataset<Row> scored = line.transform(ROWS);
    double rmse = error(NUMBER).evaluate(scored);
    assertEquals(rmse, line.summary().rootMeanSquaredError(), 1e-12);
    assertEquals(rmse, line.evaluate(ROWS).rootMeanSquaredError(), 1e-12);
    assertEquals(12, line.summary().totalIterations());
    assertEquals(12, line.summary().objectiveHistory().length);
    LinearRegressionModel bare = line.copy(ParamMap.empty()).setPredictionCol("");
    assertEquals(rmse, bare.summary().rootMeanSquaredError(), 1e-12);
    LinearRegressionModel again = regression.fit(ROWS); // all was trained already
    assertEquals(0, again.summary().totalIterations());
    assertEquals(0, again.summary().objectiveHistory().length);
    assertEquals(rmse, again.summary().rootMeanSquaredError(), 1e-12);
  }

  @Test
  void summariesOfClassesAreMllibs() {
    String own = path("summaries of classes");
    LinearSVCModel svc = set(new LinearSVC(), TWO).setCheckpointDir(own).fit(ROWS);
    double right = accuracy(TWO).evaluate(svc.transform(ROWS));
    assertEquals(right, svc.summary().accuracy(), 1e-12);
    assertEquals(right, svc.evaluate(ROWS).accuracy(), 1e-12);
    assertEquals(12, svc.summary().totalIterations());
    assertTrue(svc.summary().areaUnderROC() > 0.8);

    FMClassificationModel machine = set(new FMClassifier(), TWO).setCheckpointDir(own).fit(ROWS);
    right = accuracy(TWO).evaluate(machine.transform(ROWS));
    assertEquals(right, machine.summary().accuracy(), 1e-12);
    assertEquals(right, machine.evaluate(ROWS).accuracy(), 1e-12);
    assertEquals(12, machine.summary().totalIterations());
    assertEquals(
        machine.summary().areaUnderROC(),
        ((BinaryFigures) machine.testFigures(ROWS)).auc().orElseThrow(),
        2e-4);

    LogisticRegressionModel classes =
        set(new LogisticRegression(), THREE).setCheckpointDir(own).fit(ROWS);
    right = accuracy(THREE).evaluate(classes.transform(ROWS));
    assertEquals(right, classes.summary().accuracy(), 1e-12);
    assertEquals(3, classes.evaluate(ROWS).labels().length);
    assertEquals(12, classes.summary().totalIterations());
    assertTrue(classes.hasSummary());
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> classes.binarySummary());
    assertTrue(String.valueOf(e.getMessage()).contains("found 3"), e.getMessage());
    assertFalse(LogisticRegressionModel.fromCheckpoint(classes.checkpoint()).hasSummary());
  }
}
