package dev.cairn.spark.ml;

import dev.cairn.spark.columns.OutputColumns;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.model.Decision;
import dev.cairn.spark.model.FactorizationMachine;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.scoring.Decisions;
import dev.cairn.spark.trainer.FoundModel;
import dev.cairn.spark.trainer.ModelShards;
import org.apache.spark.ml.classification.FMClassificationSummary;
import org.apache.spark.ml.classification.FMClassificationTrainingSummary;
import org.apache.spark.ml.classification.ProbabilisticClassificationModel;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A trained {@link FMClassifier}: {@link #transform} adds the columns {@code rawPrediction} (the
 * vector of -m and m, m being the logarithm of the odds of label 1), {@code probability} (of labels
 * 0 and 1) and {@code prediction}. See {@link CairnModel} for what all models have.
 */
public final class FMClassificationModel
    extends ProbabilisticClassificationModel<Vector, FMClassificationModel>
    implements MachineModel,
        SummarizedModel,
        ThresholdParams<FMClassificationModel>,
        CairnModel<FMClassificationModel> {
  private static final long serialVersionUID = 1L;

  /** The kind of this model: its class, its uids and how to make one. */
  static final ModelFiles.Kind<FMClassificationModel> KIND =
      new ModelFiles.Kind<>(
          FMClassificationModel.class,
          FMClassifier.UID_PREFIX,
          FMClassificationModel::holds,
          FMClassificationModel::new);

  // No initialiser: Spark's constructors ask for it before one would run.
  private @Nullable String uid;
  private final ModelState state;
  private final Thresholds thresholds;

  FMClassificationModel(String uid, FoundModel found) {
    this(EarlyUid.announce(uid), new ModelShards(found));
  }

  private FMClassificationModel(EarlyUid uid, ModelShards shards) {
    this.uid = uid.text();
    this.state = new ModelState(this, shards);
    this.thresholds = new Thresholds(this, thresholds());
  }

  private static boolean holds(Model model) {
    return model instanceof FactorizationMachine && model.labels() == LabelKind.BINARY;
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

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    return scoring().transform(dataset);
  }

  private Scoring scoring() {
    return new Scoring(
        this,
        new OutputColumns(getRawPredictionCol(), getProbabilityCol(), getPredictionCol(), 2),
        decision());
  }

  private Decision decision() {
    return state.model().decision(thresholds.one());
  }

  /** The number of classes, which is two: labels 0 and 1. */
  @Override
  public int numClasses() {
    return 2;
  }

  @Override
  public Vector predictRaw(Vector features) {
    return scoring().rows().raw(features);
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

  /** Sets {@code thresholds}, two of them, and clears {@link #threshold}. */
  @Override
  public FMClassificationModel setThresholds(double[] value) {
    thresholds.set(value);
    return this;
  }

  /** One threshold for each label: label k with the greatest p(k) / t(k) is predicted. */
  @Override
  public double[] getThresholds() {
    return thresholds.all(2);
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

  /**
   * The model's figures on rows with labels: MLlib's own summary. Rows are weighted by {@link
   * #weightCol}, if that is set. Each figure is a Spark job over the rows, run when it is asked
   * for.
   *
   * @throws IllegalArgumentException for columns that are missing or of the wrong type
   */
  public FMClassificationSummary evaluate(Dataset<?> rows) {
    return MllibSummaries.machine(judged(rows));
  }

  /**
   * The figures of training, and those of the model on the rows that it was trained on. {@code
   * objectiveHistory} has the mean loss of each epoch that this call of {@code fit} ended, each
   * batch's taken before its step and without the penalty; {@code totalIterations} is the number of
   * these: 0 if an earlier call had trained them all.
   *
   * @throws IllegalStateException if the model was not trained here, but loaded
   */
  public FMClassificationTrainingSummary summary() {
    Fit.Fitted trained = state.trained(this);
    return MllibSummaries.machine(judged(trained.rows()), trained.losses());
  }

  @Override
  @SuppressWarnings({"rawtypes", "unchecked"}) // Scala narrows the type in a way that Java cannot.
  public scala.Tuple3 findSummaryModel() {
    FMClassificationModel model = complete();
    return new scala.Tuple3(model, model.getProbabilityCol(), model.getPredictionCol());
  }

  /** The model with the columns that summaries need, when it leaves some out. */
  private FMClassificationModel complete() {
    return copy(ParamMap.empty())
        .setProbabilityCol(Judged.orUnique(getProbabilityCol(), "probability"))
        .setPredictionCol(Judged.orUnique(getPredictionCol(), "prediction"));
  }

  private Judged judged(Dataset<?> rows) {
    FMClassificationModel complete = complete();
    return Judged.of(complete, complete.getProbabilityCol(), rows);
  }

  @Override
  public double decisionThreshold() {
    return getThreshold();
  }

  @Override
  public FMClassificationModel copy(ParamMap extra) {
    FMClassificationModel copy =
        new FMClassificationModel(EarlyUid.announce(uid()), state.shards());
    copy.state.trainedBy(state.trained());
    return copyValues(copy, extra).setParent(parent());
  }

  /** Reads what {@link #write} wrote, or a run's folder, or one checkpoint. */
  public static MLReader<FMClassificationModel> read() {
    return ModelFiles.reader(KIND);
  }

  /**
   * Reads what {@link #write} wrote; or the result of a run, whose folder it is; or one checkpoint.
   *
   * @throws TrainingFailedException if there is none, or it cannot be read
   */
  public static FMClassificationModel load(String path) {
    return read().load(path);
  }

  /**
   * The model in a checkpoint, for the application that runs.
   *
   * @param path a run's folder, whose result is meant, or a checkpoint
   * @throws TrainingFailedException if there is none
   */
  public static FMClassificationModel fromCheckpoint(String path) {
    return ModelFiles.fromCheckpoint(KIND, path);
  }
}
