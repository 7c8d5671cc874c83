package dev.cairn.spark.ml;

import dev.cairn.spark.columns.OutputColumns;
import dev.cairn.spark.model.Decision;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.SoftmaxModel;
import dev.cairn.spark.scoring.Decisions;
import dev.cairn.spark.trainer.FoundModel;
import dev.cairn.spark.trainer.ModelShards;
import org.apache.spark.ml.classification.BinaryLogisticRegressionTrainingSummary;
import org.apache.spark.ml.classification.LogisticRegressionSummary;
import org.apache.spark.ml.classification.LogisticRegressionTrainingSummary;
import org.apache.spark.ml.classification.ProbabilisticClassificationModel;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A trained {@link LogisticRegression}. See {@link CairnModel} for what all models have.
 *
 * <p>{@link #transform} adds the columns {@code rawPrediction} (the vector of -m and m, m being the
 * logarithm of the odds of label 1), {@code probability} (of labels 0 and 1) and {@code
 * prediction}.
 */
public final class LogisticRegressionModel
    extends ProbabilisticClassificationModel<Vector, LogisticRegressionModel>
    implements SummarizedModel,
        ThresholdParams<LogisticRegressionModel>,
        CairnModel<LogisticRegressionModel> {
  private static final long serialVersionUID = 1L;

  /** The kind of this model: its class, its uids and how to make one. */
  static final ModelFiles.Kind<LogisticRegressionModel> KIND =
      new ModelFiles.Kind<>(
          LogisticRegressionModel.class,
          LogisticRegression.UID_PREFIX,
          LogisticRegressionModel::holds,
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

  private static boolean holds(Model model) {
    return model instanceof SoftmaxModel
        || (model instanceof LinearModel linear && linear.loss() instanceof LogisticLoss);
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

  @Override
  public Thresholds thresholdState() {
    return thresholds;
  }

  /** The size of the feature space. */
  @Override
  public int numFeatures() {
    return state.features();
  }

  /** The number of classes. */
  @Override
  public int numClasses() {
    return Math.max(2, state.model().classes());
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    return scoring().transform(dataset);
  }

  private Scoring scoring() {
    return new Scoring(this, outputs(), decision());
  }

  private OutputColumns outputs() {
    return new OutputColumns(
        getRawPredictionCol(), getProbabilityCol(), getPredictionCol(), numClasses());
  }

  /** The decision by the thresholds; for two classes both thresholds make one. */
  private Decision decision() {
    if (!(state.model() instanceof SoftmaxModel)) {
      return state.model().decision(thresholds.one());
    }
    int classes = numClasses();
    return new Decision.Softmax(
        classes, classes == 2 ? thresholds.all(2) : thresholds.many(classes));
  }

  @Override
  public Vector predictRaw(Vector row) {
    return scoring().rows().raw(row);
  }

  @Override
  public Vector raw2probabilityInPlace(Vector rawPrediction) {
    return Decisions.probability(decision(), rawPrediction);
  }

  @Override
  public double raw2prediction(Vector rawPrediction) {
    return Decisions.ofRaw(decision(), rawPrediction);
  }

  @Override
  public double probability2prediction(Vector probability) {
    return Decisions.ofProbability(decision(), probability);
  }

  @Override
  public StructType validateAndTransformSchema(
      StructType schema, boolean fitting, DataType featuresType) {
    return scoring().schema(schema);
  }

  @Override
  public StructType transformSchema(StructType schema) {
    return validateAndTransformSchema(schema, false, featuresDataType());
  }

  @Override
  @SuppressWarnings({"rawtypes", "unchecked"}) // Scala narrows the type in a way that Java cannot.
  public scala.Tuple3 findSummaryModel() {
    LogisticRegressionModel model = complete();
    return new scala.Tuple3(model, model.getProbabilityCol(), model.getPredictionCol());
  }

  /** The model with the columns that summaries need, when it leaves some out. */
  private LogisticRegressionModel complete() {
    return copy(ParamMap.empty())
        .setProbabilityCol(Judged.orUnique(getProbabilityCol(), "probability"))
        .setPredictionCol(Judged.orUnique(getPredictionCol(), "prediction"));
  }

  private Judged judged(Dataset<?> rows) {
    LogisticRegressionModel complete = complete();
    return Judged.of(complete, complete.getProbabilityCol(), rows);
  }

  /**
   * The model's figures on rows with labels: MLlib's own summary, for two classes ({@code
   * asBinary}) with curves, areas under them, and figures at the threshold. Rows are weighted by
   * {@link #weightCol}, if that is set. Each figure is a Spark job over the rows, run when it is
   * asked for.
   *
   * @throws IllegalArgumentException for columns that are missing or of the wrong type
   */
  public LogisticRegressionSummary evaluate(Dataset<?> rows) {
    return MllibSummaries.logistic(judged(rows), numClasses());
  }

  @Override
  public double decisionThreshold() {
    return numClasses() == 2 ? getThreshold() : 0;
  }

  /**
   * The figures of training, and those of the model on the rows that it was trained on. {@code
   * objectiveHistory} has the mean log loss of each epoch that this call of {@code fit} ended, each
   * batch's taken before its step and without the penalty; {@code totalIterations} is the number of
   * these: 0 if an earlier call had trained them all.
   *
   * @throws IllegalStateException if the model was not trained here, but loaded
   */
  public LogisticRegressionTrainingSummary summary() {
    Fit.Fitted trained = state.trained(this);
    return MllibSummaries.logistic(judged(trained.rows()), numClasses(), trained.losses());
  }

  /**
   * The {@link #summary} of a model of two classes, with curves and areas under them.
   *
   * @throws IllegalStateException if the model was not trained here, or has more classes
   */
  public BinaryLogisticRegressionTrainingSummary binarySummary() {
    if (summary() instanceof BinaryLogisticRegressionTrainingSummary binary) {
      return binary;
    }
    throw new IllegalStateException(
        "Cannot sum training up as that of two classes: expected 2, found "
            + numClasses()
            + "; use summary");
  }

  /**
   * The weights of features of a binomial model, for values as they stand in the data:
   * standardization is undone. The vector is sparse, unless a dense one takes less memory. The
   * weights are read from the checkpoint at each call.
   *
   * @throws IllegalStateException if the ones that are not 0 take more than an eighth of this JVM's
   *     memory
   * @throws TrainingFailedException if the checkpoint is gone, or another one has come into its
   *     place
   */
  public Vector coefficients() {
    requireTwoClasses("coefficients", "coefficientMatrix");
    return state.coefficients();
  }

  /**
   * The number that is added to a row's sum of coefficients times values. It is read from the
   * checkpoint at each call.
   *
   * @throws TrainingFailedException as {@link #coefficients} does
   */
  public double intercept() {
    requireTwoClasses("intercept", "interceptVector");
    return state.intercept();
  }

  /**
   * A row for each class of a multinomial model, or one for a binomial one, and a column for each
   * feature; otherwise the same as {@link #coefficients}.
   */
  public Matrix coefficientMatrix() {
    return state.matrix(outputs(state.model()), table -> table.acrossFeatures("weights"));
  }

  /** An intercept for each row of the {@link #coefficientMatrix}. */
  public Vector interceptVector() {
    return state.matrix(outputs(state.model()), table -> table.intercepts("bias", "weights"));
  }

  private static int outputs(Model model) {
    return Math.max(1, model.classes());
  }

  private void requireTwoClasses(String what, String instead) {
    if (state.model() instanceof SoftmaxModel) {
      throw new IllegalStateException(
          "Cannot give "
              + what
              + " of a multinomial model of "
              + numClasses()
              + " classes: expected a binomial one; use "
              + instead);
    }
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

  /** Sets {@code thresholds}, two of them, and clears {@link #threshold}. */
  @Override
  public LogisticRegressionModel setThresholds(double[] value) {
    thresholds.set(value);
    return this;
  }

  /** One threshold for each label: label k with the greatest p(k) / t(k) is predicted. */
  @Override
  public double[] getThresholds() {
    return thresholds.all(numClasses());
  }
}
