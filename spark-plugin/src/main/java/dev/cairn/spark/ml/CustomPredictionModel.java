package dev.cairn.spark.ml;

import dev.cairn.spark.columns.OutputColumns;
import dev.cairn.spark.model.Decision;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.trainer.FoundModel;
import dev.cairn.spark.trainer.ModelShards;
import org.apache.spark.ml.PredictionModel;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A trained model of one's own, see {@link CustomPredictor}: {@link #transform} adds the column
 * {@code prediction}. For labels that are numbers that is the model's score; for two classes with
 * one score it is 1 where the score is above 0; for others it is the class with the greatest score.
 * See {@link CairnModel} for what all models have.
 */
public final class CustomPredictionModel extends PredictionModel<Vector, CustomPredictionModel>
    implements CairnModel<CustomPredictionModel> {
  private static final long serialVersionUID = 1L;

  /** The kind of this model: its class, its uids and how to make one. */
  static final ModelFiles.Kind<CustomPredictionModel> KIND =
      new ModelFiles.Kind<>(
          CustomPredictionModel.class, "cairn_custom", model -> true, CustomPredictionModel::new);

  // No initialiser: Spark's constructors ask for it before one would run.
  private @Nullable String uid;
  private final ModelState state;

  CustomPredictionModel(String uid, FoundModel found) {
    this(EarlyUid.announce(uid), new ModelShards(found));
  }

  private CustomPredictionModel(EarlyUid uid, ModelShards shards) {
    this.uid = uid.text();
    this.state = new ModelState(this, shards);
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

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    return scoring().transform(dataset);
  }

  private Scoring scoring() {
    Decision decision = state.model().decision();
    OutputColumns names =
        decision instanceof Decision.Value
            ? OutputColumns.number(getPredictionCol())
            : new OutputColumns("", "", getPredictionCol(), decision.size());
    return new Scoring(this, names, decision);
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
  public CustomPredictionModel copy(ParamMap extra) {
    CustomPredictionModel copy =
        new CustomPredictionModel(EarlyUid.announce(uid()), state.shards());
    copy.state.trainedBy(state.trained());
    return copyValues(copy, extra).setParent(parent());
  }

  /**
   * Reads what {@link #write} wrote; or the result of a run, whose folder it is; or one checkpoint.
   *
   * @param model the program's own model, with the settings that it was trained with
   * @throws TrainingFailedException if there is none, it is another one, or cannot be read
   */
  public static CustomPredictionModel load(String path, Model model) {
    return ModelFiles.reader(KIND, model).load(path);
  }

  /**
   * Reads what {@link #write} wrote, or a run's folder, or one checkpoint, if this program has
   * registered the kind of model ({@link CustomModels}).
   */
  public static MLReader<CustomPredictionModel> read() {
    return ModelFiles.registeredReader(KIND);
  }

  /**
   * Does the same as {@link #load(String, Model)} for a model whose kind this program has
   * registered.
   *
   * @throws IllegalArgumentException if it has not
   * @throws TrainingFailedException if there is none, it is another one, or cannot be read
   */
  public static CustomPredictionModel load(String path) {
    return read().load(path);
  }
}
