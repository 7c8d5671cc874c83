package dev.cairn.spark.ml;

import dev.cairn.spark.columns.OutputColumns;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.model.FactorizationMachine;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.trainer.FoundModel;
import dev.cairn.spark.trainer.ModelShards;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.RegressionModel;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A trained {@link FMRegressor}: {@link #transform} adds the column {@code prediction}. MLlib has
 * no summary of such a model; its {@code RegressionEvaluator} gives the figures. See {@link
 * CairnModel} for what all models have.
 */
public final class FMRegressionModel extends RegressionModel<Vector, FMRegressionModel>
    implements MachineModel, CairnModel<FMRegressionModel> {
  private static final long serialVersionUID = 1L;

  /** The kind of this model: its class, its uids and how to make one. */
  static final ModelFiles.Kind<FMRegressionModel> KIND =
      new ModelFiles.Kind<>(
          FMRegressionModel.class,
          FMRegressor.UID_PREFIX,
          FMRegressionModel::holds,
          FMRegressionModel::new);

  // No initialiser: Spark's constructors ask for it before one would run.
  private @Nullable String uid;
  private final ModelState state;

  FMRegressionModel(String uid, FoundModel found) {
    this(EarlyUid.announce(uid), new ModelShards(found));
  }

  private FMRegressionModel(EarlyUid uid, ModelShards shards) {
    this.uid = uid.text();
    this.state = new ModelState(this, shards);
  }

  private static boolean holds(Model model) {
    return model instanceof FactorizationMachine && model.labels() == LabelKind.NUMBER;
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

  @Override
  public FMRegressionModel copy(ParamMap extra) {
    FMRegressionModel copy = new FMRegressionModel(EarlyUid.announce(uid()), state.shards());
    copy.state.trainedBy(state.trained());
    return copyValues(copy, extra).setParent(parent());
  }

  /** Reads what {@link #write} wrote, or a run's folder, or one checkpoint. */
  public static MLReader<FMRegressionModel> read() {
    return ModelFiles.reader(KIND);
  }

  /**
   * Reads what {@link #write} wrote; or the result of a run, whose folder it is; or one checkpoint.
   *
   * @throws TrainingFailedException if there is none, or it cannot be read
   */
  public static FMRegressionModel load(String path) {
    return read().load(path);
  }

  /**
   * The model in a checkpoint, for the application that runs.
   *
   * @param path a run's folder, whose result is meant, or a checkpoint
   * @throws TrainingFailedException if there is none
   */
  public static FMRegressionModel fromCheckpoint(String path) {
    return ModelFiles.fromCheckpoint(KIND, path);
  }
}
