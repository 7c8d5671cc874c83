package dev.cairn.spark.ml;

import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import org.apache.spark.ml.classification.ProbabilisticClassifier;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Binary logistic regression on sparse features whose parameters live in the executors.
 *
 * <p>A Spark ML estimator: features are vectors of one size (such as {@code FeatureHasher} makes),
 * labels 0 or 1, or -1 or 1. What all estimators have stands in {@link CairnEstimator}.
 */
public final class LogisticRegression
    extends ProbabilisticClassifier<Vector, LogisticRegression, LogisticRegressionModel>
    implements CairnEstimator<LogisticRegression, LogisticRegressionModel> {
  private static final long serialVersionUID = 1L;

  /** What random uids begin with. */
  static final String UID_PREFIX = "cairn_logreg";

  private final TrainingParams training;
  private final Thresholds thresholds;

  // No initialiser: Spark's constructors ask for it before one would run.
  private @Nullable String uid;

  /** An estimator with a random uid. */
  public LogisticRegression() {
    this(EarlyUid.random(UID_PREFIX));
  }

  /** An estimator with this uid. */
  public LogisticRegression(String uid) {
    this(EarlyUid.announce(uid));
  }

  private LogisticRegression(EarlyUid uid) {
    this.uid = uid.text();
    this.training = new TrainingParams(this);
    this.thresholds = new Thresholds(this, thresholds());
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

  /** Parameter: probability of label 1 above which 1 is predicted; 0.5 by default. */
  public DoubleParam threshold() {
    return thresholds.threshold;
  }

  /** Sets {@link #threshold} and clears {@code thresholds}. */
  public LogisticRegression setThreshold(double value) {
    thresholds.set(value);
    return this;
  }

  /** The threshold in use: {@link #threshold}, or what {@code thresholds} come to. */
  public double getThreshold() {
    return thresholds.one();
  }

  /** Sets {@code thresholds}, two of them, and clears {@link #threshold}. */
  @Override
  public LogisticRegression setThresholds(double[] value) {
    thresholds.set(value);
    return this;
  }

  /** One threshold for each label: label k with the greatest p(k) / t(k) is predicted. */
  @Override
  public double[] getThresholds() {
    return thresholds.two();
  }

  /**
   * Rows to judge the result on, with the columns of label and features: what may be the result is
   * judged on them before its checkpoint is committed, and the figures become part of it ({@code
   * TrainingState.test}). They decide nothing, and each counts once. A data set and no parameter,
   * so it is not written with the estimator.
   */
  public LogisticRegression setTestData(Dataset<?> value) {
    training.options.testData = value;
    return this;
  }

  @Override
  public LogisticRegressionModel fit(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    return copyValues(train(dataset).setParent(this), ParamMap.empty());
  }

  LinearModel model(int features) {
    return new LinearModel(features, getFitIntercept(), new LogisticLoss());
  }

  /** What {@link #fit} does once the columns are checked. */
  @Override
  public LogisticRegressionModel train(Dataset<?> dataset) {
    Fit fit = new Fit(this, this::model, getThreshold());
    return LogisticRegressionModel.KIND.fitted(uid(), fit.of(dataset));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    return validateAndTransformSchema(schema, true, SQLDataTypes.VectorType());
  }

  @Override
  public StructType validateAndTransformSchema(
      StructType schema, boolean fitting, DataType featuresType) {
    thresholds.check();
    if (fitting) {
      Fit.check(this, schema);
    } else {
      Columns.checkFeatures(schema, getFeaturesCol());
    }
    return new OutputColumns(getRawPredictionCol(), getProbabilityCol(), getPredictionCol())
        .appendedTo(schema);
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<LogisticRegression> read() {
    return ParamsMetadata.reader(LogisticRegression.class, LogisticRegression::new);
  }

  /** Reads what {@link #write} wrote. */
  public static LogisticRegression load(String path) {
    return read().load(path);
  }

  @Override
  public LogisticRegression copy(ParamMap extra) {
    LogisticRegression copy = new LogisticRegression(uid());
    copy.training.options.set(training.options);
    return copyValues(copy, extra);
  }
}
