package dev.cairn.spark.ml;

import dev.cairn.spark.columns.Columns;
import dev.cairn.spark.columns.Labels;
import dev.cairn.spark.columns.OutputColumns;
import dev.cairn.spark.model.HingeLoss;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.SquaredHingeLoss;
import dev.cairn.spark.settings.ModelSettings;
import org.apache.spark.ml.classification.Classifier;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A linear support vector machine for two classes on sparse features, with parameters in the
 * executors.
 *
 * <p>A Spark ML estimator: features are vectors of one size (such as {@code FeatureHasher} makes),
 * labels 0 or 1, or -1 or 1. See {@link CairnEstimator} for what all estimators have.
 */
public final class LinearSVC extends Classifier<Vector, LinearSVC, LinearSVCModel>
    implements LossParams<LinearSVC>,
        RawThresholdParams<LinearSVC>,
        CairnEstimator<LinearSVC, LinearSVCModel> {
  private static final long serialVersionUID = 1L;

  /** The beginning of random uids. */
  static final String UID_PREFIX = "cairn_linearsvc";

  private static final String HINGE = "hinge";

  private final TrainingParams training;
  private final Param<String> loss;
  private final DoubleParam threshold;

  // No initialiser: Spark's constructors ask for it before one would run.
  private @Nullable String uid;

  /** Makes an estimator with a random uid. */
  public LinearSVC() {
    this(EarlyUid.random(UID_PREFIX));
  }

  /** Makes an estimator with this uid. */
  public LinearSVC(String uid) {
    this(EarlyUid.announce(uid));
  }

  private LinearSVC(EarlyUid uid) {
    this.uid = uid.text();
    this.training = new TrainingParams(this);
    this.loss = SettingParams.text(this, ModelSettings.SVC_LOSS);
    this.threshold = threshold(this);
  }

  @Override
  public String uid() {
    String present = EarlyUid.or(uid);
    uid = present;
    return present;
  }

  @Override
  public TrainingParams trainingParams() {
    return training;
  }

  /** The threshold of an estimator or a model. */
  static DoubleParam threshold(Params owner) {
    return SettingParams.number(owner, ModelSettings.RAW_THRESHOLD);
  }

  /**
   * Parameter: {@code hinge}, or {@code squaredHinge}, its square, which has a derivative
   * everywhere.
   */
  @Override
  public Param<String> loss() {
    return loss;
  }

  @Override
  public DoubleParam threshold() {
    return threshold;
  }

  @Override
  public LinearSVCModel fit(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    return copyValues(train(dataset).setParent(this), ParamMap.empty());
  }

  /** Trains, as {@link #fit} does once the columns are checked. */
  @Override
  public LinearSVCModel train(Dataset<?> dataset) {
    Fit fit =
        new Fit(this, labels(dataset.schema()), (features, classes) -> model(features))
            .testedAt(getThreshold());
    return LinearSVCModel.KIND.fitted(uid(), fit.of(dataset));
  }

  LinearModel model(int features) {
    boolean plain = getLoss().equalsIgnoreCase(HINGE);
    return new LinearModel(
        features, getFitIntercept(), plain ? new HingeLoss() : new SquaredHingeLoss());
  }

  private Labels labels(StructType schema) {
    return Labels.binary(schema, getLabelCol(), "use OneVsRest for more than two");
  }

  @Override
  public StructType transformSchema(StructType schema) {
    return validateAndTransformSchema(schema, true, SQLDataTypes.VectorType());
  }

  @Override
  public StructType validateAndTransformSchema(
      StructType schema, boolean fitting, DataType featuresType) {
    if (fitting) {
      Fit.check(this, schema);
      Labels unused = labels(schema);
    } else {
      Columns.checkFeatures(schema, getFeaturesCol());
    }
    return new OutputColumns(getRawPredictionCol(), "", getPredictionCol(), 2).appendedTo(schema);
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<LinearSVC> read() {
    return ParamsMetadata.reader(LinearSVC.class, LinearSVC::new);
  }

  /** Reads what {@link #write} wrote. */
  public static LinearSVC load(String path) {
    return read().load(path);
  }

  @Override
  public LinearSVC copy(ParamMap extra) {
    LinearSVC copy = new LinearSVC(uid());
    copy.training.options.set(training.options);
    return copyValues(copy, extra);
  }
}
