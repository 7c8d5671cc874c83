package dev.cairn.spark.ml;

import dev.cairn.spark.columns.Columns;
import dev.cairn.spark.columns.Labels;
import dev.cairn.spark.columns.OutputColumns;
import dev.cairn.spark.model.HuberLoss;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.MarginLoss;
import dev.cairn.spark.model.PoissonLoss;
import dev.cairn.spark.model.SquaredLoss;
import dev.cairn.spark.settings.ModelSettings;
import java.util.Locale;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.Regressor;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Linear regression of numbers or counts on sparse features, with parameters in the executors.
 *
 * <p>A Spark ML estimator: features are vectors of one size (such as {@code FeatureHasher} makes),
 * labels numbers; {@link #loss} is the measure of a prediction's error. See {@link CairnEstimator}
 * for what all estimators have.
 */
public final class LinearRegression
    extends Regressor<Vector, LinearRegression, LinearRegressionModel>
    implements LossParams<LinearRegression>,
        CairnEstimator<LinearRegression, LinearRegressionModel> {
  private static final long serialVersionUID = 1L;

  /** The beginning of random uids. */
  static final String UID_PREFIX = "cairn_linreg";

  private final TrainingParams training;
  private final Param<String> loss;
  private final DoubleParam epsilon;

  // No initialiser: Spark's constructors ask for it before one would run.
  private @Nullable String uid;

  /** Makes an estimator with a random uid. */
  public LinearRegression() {
    this(EarlyUid.random(UID_PREFIX));
  }

  /** Makes an estimator with this uid. */
  public LinearRegression(String uid) {
    this(EarlyUid.announce(uid));
  }

  private LinearRegression(EarlyUid uid) {
    this.uid = uid.text();
    this.training = new TrainingParams(this);
    this.loss = SettingParams.text(this, ModelSettings.REGRESSION_LOSS);
    this.epsilon = SettingParams.number(this, ModelSettings.EPSILON);
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

  /**
   * Parameter: {@code squaredError}, half of the square; {@code huber}, to which errors beyond
   * {@link #epsilon} add only in proportion, so that outliers count less; or {@code poisson}, for
   * counts: labels of 0 or more, whose mean the model takes for the exponential of the sum of
   * coefficients times values. MLlib's huber learns a scale of the errors, too; this one does not.
   */
  @Override
  public Param<String> loss() {
    return loss;
  }

  /** Parameter: the largest error that huber squares, in units of labels. */
  public DoubleParam epsilon() {
    return epsilon;
  }

  /** Sets {@link #epsilon}. */
  public LinearRegression setEpsilon(double value) {
    set(epsilon, (Object) value);
    return this;
  }

  /** The value of {@link #epsilon}. */
  public double getEpsilon() {
    return (Double) getOrDefault(epsilon);
  }

  @Override
  public LinearRegressionModel fit(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    return copyValues(train(dataset).setParent(this), ParamMap.empty());
  }

  /** Trains, as {@link #fit} does once the columns are checked. */
  @Override
  public LinearRegressionModel train(Dataset<?> dataset) {
    Fit fit = new Fit(this, labels(dataset.schema()), (features, classes) -> model(features));
    return LinearRegressionModel.KIND.fitted(uid(), fit.of(dataset));
  }

  LinearModel model(int features) {
    return new LinearModel(features, getFitIntercept(), marginLoss());
  }

  private MarginLoss marginLoss() {
    return switch (getLoss().toLowerCase(Locale.ROOT)) {
      case "huber" -> new HuberLoss(getEpsilon());
      case "poisson" -> new PoissonLoss();
      default -> new SquaredLoss();
    };
  }

  private Labels labels(StructType schema) {
    return Labels.numbers(schema, getLabelCol(), marginLoss().labels());
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
    return OutputColumns.number(getPredictionCol()).appendedTo(schema);
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<LinearRegression> read() {
    return ParamsMetadata.reader(LinearRegression.class, LinearRegression::new);
  }

  /** Reads what {@link #write} wrote. */
  public static LinearRegression load(String path) {
    return read().load(path);
  }

  @Override
  public LinearRegression copy(ParamMap extra) {
    LinearRegression copy = new LinearRegression(uid());
    copy.training.options.set(training.options);
    return copyValues(copy, extra);
  }
}
