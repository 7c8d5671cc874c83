package dev.cairn.spark.ml;

import dev.cairn.spark.columns.OutputColumns;
import dev.cairn.spark.model.Decision;
import dev.cairn.spark.model.HingeLoss;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.SquaredHingeLoss;
import dev.cairn.spark.scoring.Decisions;
import dev.cairn.spark.trainer.FoundModel;
import dev.cairn.spark.trainer.ModelShards;
import org.apache.spark.ml.classification.ClassificationModel;
import org.apache.spark.ml.classification.LinearSVCSummary;
import org.apache.spark.ml.classification.LinearSVCTrainingSummary;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A trained {@link LinearSVC}: {@link #transform} adds the columns {@code rawPrediction} (the
 * vector of -m and m, m being the sum of coefficients times values and the intercept) and {@code
 * prediction}. See {@link CairnModel} for what all models have.
 */
public final class LinearSVCModel extends ClassificationModel<Vector, LinearSVCModel>
    implements RawThresholdParams<LinearSVCModel>,
        LinearCoefficients,
        SummarizedModel,
        CairnModel<LinearSVCModel> {
  private static final long serialVersionUID = 1L;

  /** The kind of this model: its class, its uids and how to make one. */
  static final ModelFiles.Kind<LinearSVCModel> KIND =
      new ModelFiles.Kind<>(
          LinearSVCModel.class, LinearSVC.UID_PREFIX, LinearSVCModel::holds, LinearSVCModel::new);

  // No initialiser: Spark's constructors ask for it before one would run.
  private @Nullable String uid;
  private final ModelState state;
  private final DoubleParam threshold;

  LinearSVCModel(String uid, FoundModel found) {
    this(EarlyUid.announce(uid), new ModelShards(found));
  }

  private LinearSVCModel(EarlyUid uid, ModelShards shards) {
    this.uid = uid.text();
    this.state = new ModelState(this, shards);
    this.threshold = LinearSVC.threshold(this);
  }

  private static boolean holds(Model model) {
    return model instanceof LinearModel linear
        && (linear.loss() instanceof HingeLoss || linear.loss() instanceof SquaredHingeLoss);
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
        this, new OutputColumns(getRawPredictionCol(), "", getPredictionCol(), 2), decision());
  }

  private Decision decision() {
    return state.model().decision(getThreshold());
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
  public double raw2prediction(Vector rawPrediction) {
    return Decisions.ofRaw(decision(), rawPrediction);
  }

  @Override
  public DoubleParam threshold() {
    return threshold;
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
  public LinearSVCSummary evaluate(Dataset<?> rows) {
    return MllibSummaries.svc(judged(rows));
  }

  /**
   * The figures of training, and those of the model on the rows that it was trained on. {@code
   * objectiveHistory} has the mean loss of each epoch that this call of {@code fit} ended, each
   * batch's taken before its step and without the penalty; {@code totalIterations} is the number of
   * these: 0 if an earlier call had trained them all.
   *
   * @throws IllegalStateException if the model was not trained here, but loaded
   */
  public LinearSVCTrainingSummary summary() {
    Fit.Fitted trained = state.trained(this);
    return MllibSummaries.svc(judged(trained.rows()), trained.losses());
  }

  private Judged judged(Dataset<?> rows) {
    LinearSVCModel complete =
        copy(ParamMap.empty())
            .setRawPredictionCol(Judged.orUnique(getRawPredictionCol(), "raw"))
            .setPredictionCol(Judged.orUnique(getPredictionCol(), "prediction"));
    return Judged.of(complete, complete.getRawPredictionCol(), rows);
  }

  @Override
  public double decisionThreshold() {
    return getThreshold();
  }

  @Override
  public LinearSVCModel copy(ParamMap extra) {
    LinearSVCModel copy = new LinearSVCModel(EarlyUid.announce(uid()), state.shards());
    copy.state.trainedBy(state.trained());
    return copyValues(copy, extra).setParent(parent());
  }

  /** Reads what {@link #write} wrote, or a run's folder, or one checkpoint. */
  public static MLReader<LinearSVCModel> read() {
    return ModelFiles.reader(KIND);
  }

  /**
   * Reads what {@link #write} wrote; or the result of a run, whose folder it is; or one checkpoint.
   *
   * @throws TrainingFailedException if there is none, or it cannot be read
   */
  public static LinearSVCModel load(String path) {
    return read().load(path);
  }

  /**
   * The model in a checkpoint, for the application that runs.
   *
   * @param path a run's folder, whose result is meant, or a checkpoint
   * @throws TrainingFailedException if there is none
   */
  public static LinearSVCModel fromCheckpoint(String path) {
    return ModelFiles.fromCheckpoint(KIND, path);
  }
}
