package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.BinaryFigures;
import dev.cairn.spark.trainer.FoundModel;
import dev.cairn.spark.trainer.ModelShards;
import org.apache.spark.ml.classification.BinaryLogisticRegressionSummary;
import org.apache.spark.ml.classification.BinaryLogisticRegressionTrainingSummary;
import org.apache.spark.ml.classification.ProbabilisticClassificationModel;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A trained {@link LogisticRegression}. What all models have stands in {@link CairnModel}.
 *
 * <p>{@link #transform} adds the columns {@code rawPrediction} (the vector of -m and m, m being the
 * logarithm of the odds of label 1), {@code probability} (of labels 0 and 1) and {@code
 * prediction}.
 */
public final class LogisticRegressionModel
    extends ProbabilisticClassificationModel<Vector, LogisticRegressionModel>
    implements CairnModel<LogisticRegressionModel> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(LogisticRegressionModel.class);

  /** How such a model is made. */
  static final ModelFiles.Kind<LogisticRegressionModel> KIND =
      new ModelFiles.Kind<>(
          LogisticRegressionModel.class,
          LogisticRegression.UID_PREFIX,
          LogisticRegressionModel::new);

  // No initialiser: Spark's constructors ask for it before one would run.
  private @Nullable String uid;
  private final ModelState state;
  private final Thresholds thresholds;

  LogisticRegressionModel(String uid, FoundModel found) {
    this(EarlyUid.announce(uid), new ModelShards(found));
  }

  private LogisticRegressionModel(EarlyUid uid, ModelShards shards) {
    this.uid = uid.text();
    this.state = new ModelState(this, shards);
    this.thresholds = new Thresholds(this, thresholds());
  }

  @Override
  public String uid() {
    String present = EarlyUid.or(uid);
    uid = present;
    return present;
  }

  @Override
  public ModelState state() {
    return state;
  }

  /** Size of the feature space. */
  @Override
  public int numFeatures() {
    return state.features();
  }

  /** Two: labels 0 and 1. */
  @Override
  public int numClasses() {
    return 2;
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = dataset.schema();
    StructType output = transformSchema(schema);
    OutputColumns names = outputs();
    Dataset<Row> rows = dataset.toDF();
    if (names.none()) {
      LOG.warn("{}: transform adds nothing, since no output column is set", uid());
      return rows;
    }
    double threshold = getThreshold();
    Columns.Found column = Columns.features(schema, getFeaturesCol());
    state.checkTypes(column.field());
    Scores.Features scored = new Scores.Features(state.shared(), getFeaturesCol(), numFeatures());
    if (!names.raw().isEmpty()) {
      rows = add(rows, output, names.raw(), Scores.rawOfFeatures(scored).apply(column.column()));
    }
    if (!names.probability().isEmpty()) {
      Column probability =
          names.raw().isEmpty()
              ? Scores.probabilityOfFeatures(scored).apply(column.column())
              : Scores.probabilityOfRaw().apply(added(names.raw()));
      rows = add(rows, output, names.probability(), probability);
    }
    if (!names.prediction().isEmpty()) {
      Column prediction;
      if (!names.raw().isEmpty()) {
        prediction = Scores.predictionOfRaw(threshold).apply(added(names.raw()));
      } else if (!names.probability().isEmpty()) {
        prediction = Scores.predictionOfProbability(threshold).apply(added(names.probability()));
      } else {
        prediction = Scores.predictionOfFeatures(scored, threshold).apply(column.column());
      }
      rows = add(rows, output, names.prediction(), prediction);
    }
    return rows;
  }

  private static Column added(String name) {
    return functions.col(Columns.quoted(name));
  }

  private static Dataset<Row> add(Dataset<Row> to, StructType output, String name, Column column) {
    return to.withColumn(name, column.as(name, output.apply(name).metadata()));
  }

  private OutputColumns outputs() {
    return new OutputColumns(getRawPredictionCol(), getProbabilityCol(), getPredictionCol());
  }

  @Override
  public Vector predictRaw(Vector row) {
    return new Scores.Features(state.single(), getFeaturesCol(), numFeatures()).raw(row);
  }

  @Override
  public Vector raw2probabilityInPlace(Vector rawPrediction) {
    return Scores.probability(rawPrediction);
  }

  @Override
  public double raw2prediction(Vector rawPrediction) {
    return probability2prediction(raw2probability(rawPrediction));
  }

  @Override
  public double probability2prediction(Vector probability) {
    return Scores.prediction(probability, getThreshold());
  }

  @Override
  public StructType validateAndTransformSchema(
      StructType schema, boolean fitting, DataType featuresType) {
    thresholds.check();
    Columns.checkFeatures(schema, getFeaturesCol());
    return outputs().appendedTo(schema);
  }

  @Override
  public StructType transformSchema(StructType schema) {
    return validateAndTransformSchema(schema, false, featuresDataType());
  }

  @Override
  @SuppressWarnings({"rawtypes", "unchecked"}) // Scala narrows the type in a way that Java cannot.
  public scala.Tuple3 findSummaryModel() {
    LogisticRegressionModel model = Judged.withColumns(this);
    return new scala.Tuple3(model, model.getProbabilityCol(), model.getPredictionCol());
  }

  /**
   * How the model does on rows with labels: MLlib's own summary, with curves, areas under them, and
   * figures at the threshold. Weighs rows by {@link #weightCol}, if that is set. Each figure is a
   * Spark job over the rows, when it is asked for.
   *
   * @throws IllegalArgumentException for columns that are missing or of the wrong type
   */
  public BinaryLogisticRegressionSummary evaluate(Dataset<?> rows) {
    return new Judged(this, rows).summary();
  }

  /**
   * The figures that a run judges its test rows by, at the model's threshold: one pass over the
   * rows, each counting once whatever its weight.
   *
   * @throws IllegalArgumentException for columns that are missing or of the wrong type
   * @throws IllegalStateException if there are no rows
   */
  public BinaryFigures testFigures(Dataset<?> rows) {
    return TestRows.figures(this, rows);
  }

  /**
   * How training went, and how the model does on the rows that it was trained on. {@code
   * objectiveHistory} has the mean log loss of each epoch that this call of {@code fit} ended, each
   * batch's taken before its step and without the penalty; {@code totalIterations} is how many
   * these are: none if an earlier call had trained them all.
   *
   * @throws IllegalStateException if the model was not trained here, but loaded
   */
  public BinaryLogisticRegressionTrainingSummary summary() {
    Fit.Fitted trained = state.trained(this);
    return new Judged(this, trained.rows()).summary(trained.losses());
  }

  /**
   * The weights of features, for values as they stand in the data: standardization is undone. The
   * vector is sparse, unless a dense one takes less memory. Read from the checkpoint at each call.
   *
   * @throws IllegalStateException if the ones that are not 0 take more than an eighth of this JVM's
   *     memory
   * @throws TrainingFailedException if the checkpoint is gone, or another one has come into its
   *     place
   */
  public Vector coefficients() {
    return state.coefficients();
  }

  /**
   * What is added to a row's sum of coefficients times values. Read from the checkpoint at each
   * call.
   *
   * @throws TrainingFailedException as {@link #coefficients} does
   */
  public double intercept() {
    return state.intercept();
  }

  @Override
  public LogisticRegressionModel copy(ParamMap extra) {
    LogisticRegressionModel copy =
        new LogisticRegressionModel(EarlyUid.announce(uid()), state.shards());
    copy.state.trainedBy(state.trained());
    return copyValues(copy, extra).setParent(parent());
  }

  /** Reads what {@link #write} wrote, or a run's folder, or one checkpoint. */
  public static MLReader<LogisticRegressionModel> read() {
    return ModelFiles.reader(KIND);
  }

  /**
   * Reads what {@link #write} wrote; or the result of a run, whose folder it is, such as {@code
   * jobs/cairn train} leaves; or one checkpoint.
   *
   * @throws TrainingFailedException if there is none, or it cannot be read
   */
  public static LogisticRegressionModel load(String path) {
    return read().load(path);
  }

  /**
   * The model in a checkpoint, for the application that runs.
   *
   * @param path a run's folder, whose result is meant, or a checkpoint
   * @throws TrainingFailedException if there is none
   */
  public static LogisticRegressionModel fromCheckpoint(String path) {
    return ModelFiles.fromCheckpoint(KIND, path);
  }

  /** Parameter: probability of label 1 above which 1 is predicted; 0.5 by default. */
  public DoubleParam threshold() {
    return thresholds.threshold;
  }

  /** Sets {@link #threshold} and clears {@code thresholds}. */
  public LogisticRegressionModel setThreshold(double value) {
    thresholds.set(value);
    return this;
  }

  /** The threshold in use: {@link #threshold}, or what {@code thresholds} come to. */
  public double getThreshold() {
    return thresholds.one();
  }

  /** Sets {@code thresholds}, two of them, and clears {@link #threshold}. */
  @Override
  public LogisticRegressionModel setThresholds(double[] value) {
    thresholds.set(value);
    return this;
  }

  /** One threshold for each label: label k with the greatest p(k) / t(k) is predicted. */
  @Override
  public double[] getThresholds() {
    return thresholds.two();
  }
}
