package dev.cairn.spark.ml;

import dev.cairn.spark.columns.OutputColumns;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.trainer.FoundModel;
import dev.cairn.spark.trainer.ModelShards;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.LinearRegressionSummary;
import org.apache.spark.ml.regression.LinearRegressionTrainingSummary;
import org.apache.spark.ml.regression.RegressionModel;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A trained {@link LinearRegression}: {@link #transform} adds the column {@code prediction}. See
 * {@link CairnModel} for what all models have.
 */
public final class LinearRegressionModel extends RegressionModel<Vector, LinearRegressionModel>
    implements LinearCoefficients, SummarizedModel, CairnModel<LinearRegressionModel> {
  private static final long serialVersionUID = 1L;

  /** The kind of this model: its class, its uids and how to make one. */
  static final ModelFiles.Kind<LinearRegressionModel> KIND =
      new ModelFiles.Kind<>(
          LinearRegressionModel.class,
          LinearRegression.UID_PREFIX,
          LinearRegressionModel::holds,
          LinearRegressionModel::new);

  // No initialiser: Spark's constructors ask for it before one would run.
  private @Nullable String uid;
  private final ModelState state;

  LinearRegressionModel(String uid, FoundModel found) {
    this(EarlyUid.announce(uid), new ModelShards(found));
  }

  private LinearRegressionModel(EarlyUid uid, ModelShards shards) {
    this.uid = uid.text();
    this.state = new ModelState(this, shards);
  }

  private static boolean holds(Model model) {
    return model instanceof LinearModel linear && linear.labels() != LabelKind.BINARY;
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
    return new Scoring(this, OutputColumns.number(getPredictionCol()), state.model().decision(0));
  }

  private LinearModel linear() {
    return (LinearModel) state.model();
  }

  @Override
  public double predict(Vector features) {
    return scoring().rows().prediction(features);
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
  public LinearRegressionSummary evaluate(Dataset<?> rows) {
    return MllibSummaries.linear(judged(rows), numFeatures(), linear().intercept());
  }

  /**
   * The figures of training, and those of the model on the rows that it was trained on. {@code
   * objectiveHistory} has the mean loss of each epoch that this call of {@code fit} ended, each
   * batch's taken before its step and without the penalty; {@code totalIterations} is the number of
   * these: 0 if an earlier call had trained them all.
   *
   * @throws IllegalStateException if the model was not trained here, but loaded
   */
  public LinearRegressionTrainingSummary summary() {
    Fit.Fitted trained = state.trained(this);
    return MllibSummaries.linear(
        judged(trained.rows()), numFeatures(), linear().intercept(), trained.losses());
  }

  private Judged judged(Dataset<?> rows) {
    LinearRegressionModel complete =
        copy(ParamMap.empty()).setPredictionCol(Judged.orUnique(getPredictionCol(), "prediction"));
    return Judged.of(complete, "", rows);
  }

  @Override
  public LinearRegressionModel copy(ParamMap extra) {
    LinearRegressionModel copy =
        new LinearRegressionModel(EarlyUid.announce(uid()), state.shards());
    copy.state.trainedBy(state.trained());
    return copyValues(copy, extra).setParent(parent());
  }

  /** Reads what {@link #write} wrote, or a run's folder, or one checkpoint. */
  public static MLReader<LinearRegressionModel> read() {
    return ModelFiles.reader(KIND);
  }

  /**
   * Reads what {@link #write} wrote; or the result of a run, whose folder it is; or one checkpoint.
   *
   * @throws TrainingFailedException if there is none, or it cannot be read
   */
  public static LinearRegressionModel load(String path) {
    return read().load(path);
  }

  /**
   * The model in a checkpoint, for the application that runs.
   *
   * @param path a run's folder, whose result is meant, or a checkpoint
   * @throws TrainingFailedException if there is none
   */
  public static LinearRegressionModel fromCheckpoint(String path) {
    return ModelFiles.fromCheckpoint(KIND, path);
  }
}
