package dev.cairn.spark.ml;

import dev.cairn.spark.columns.Columns;
import dev.cairn.spark.columns.Labels;
import dev.cairn.spark.columns.OutputColumns;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.SoftmaxModel;
import dev.cairn.spark.settings.ModelSettings;
import org.apache.spark.ml.classification.ProbabilisticClassifier;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Logistic regression of two or more classes on sparse features, with parameters in the executors.
 *
 * <p>A Spark ML estimator: features are vectors of one size (such as {@code FeatureHasher} makes),
 * labels 0 or 1, or -1 or 1, or numbers of classes from 0 on; {@link #family} chooses the model. A
 * class that no row has is allowed, as in MLlib: training lowers its probability. See {@link
 * CairnEstimator} for what all estimators have.
 */
public final class LogisticRegression
    extends ProbabilisticClassifier<Vector, LogisticRegression, LogisticRegressionModel>
    implements ThresholdParams<LogisticRegression>,
        CairnEstimator<LogisticRegression, LogisticRegressionModel> {
  private static final long serialVersionUID = 1L;

  /** The beginning of random uids. */
  static final String UID_PREFIX = "cairn_logreg";

  private final TrainingParams training;
  private final Thresholds thresholds;
  private final Param<String> family;

  // No initialiser: Spark's constructors ask for it before one would run.
  private @Nullable String uid;

  /** Makes an estimator with a random uid. */
  public LogisticRegression() {
    this(EarlyUid.random(UID_PREFIX));
  }

  /** Makes an estimator with this uid. */
  public LogisticRegression(String uid) {
    this(EarlyUid.announce(uid));
  }

  private LogisticRegression(EarlyUid uid) {
    this.uid = uid.text();
    this.training = new TrainingParams(this);
    this.thresholds = new Thresholds(this, thresholds());
    this.family = SettingParams.text(this, ModelSettings.FAMILY);
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

  @Override
  public Thresholds thresholdState() {
    return thresholds;
  }

  /** Sets {@code thresholds}, one for each label, and clears {@link #threshold}. */
  @Override
  public LogisticRegression setThresholds(double[] value) {
    thresholds.set(value);
    return this;
  }

  /** One threshold for each label: label k with the greatest p(k) / t(k) is predicted. */
  @Override
  public double[] getThresholds() {
    return thresholds.all(0);
  }

  @Override
  public LogisticRegressionModel fit(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    return copyValues(train(dataset).setParent(this), ParamMap.empty());
  }

  /** Trains, as {@link #fit} does once the columns are checked. */
  @Override
  public LogisticRegressionModel train(Dataset<?> dataset) {
    double[] all = thresholds.all(0);
    Fit fit =
        new Fit(this, labels(dataset.schema()), this::model)
            .checkedBy(model -> thresholds.check(Math.max(2, model.classes())))
            .testedAt(all.length == 2 ? getThreshold() : 0.5);
    return LogisticRegressionModel.KIND.fitted(uid(), fit.of(dataset));
  }

  Model model(int features, int classes) {
    return classes > 2 || is("multinomial")
        ? new SoftmaxModel(features, classes, getFitIntercept())
        : new LinearModel(features, getFitIntercept(), new LogisticLoss());
  }

  private Labels labels(StructType schema) {
    if (is("binomial")) {
      return Labels.binary(
          schema, getLabelCol(), "set family to auto, or use OneVsRest for more than two");
    }
    return is("multinomial")
        ? Labels.multinomial(schema, getLabelCol())
        : Labels.anyClasses(schema, getLabelCol());
  }

  private boolean is(String name) {
    return getFamily().equalsIgnoreCase(name);
  }

  /**
   * Parameter: {@code auto}, {@code binomial} or {@code multinomial}. A binomial model has one
   * weight a feature, for two classes; a multinomial one (softmax) has a weight for each feature
   * and class. Auto takes the first if there are two classes. The number of classes comes from the
   * metadata of the column of labels, or else from the largest label.
   */
  public Param<String> family() {
    return family;
  }

  /** Sets {@link #family}. */
  public LogisticRegression setFamily(String value) {
    set(family, value);
    return this;
  }

  /** The value of {@link #family}. */
  public String getFamily() {
    return getOrDefault(family);
  }

  @Override
  public StructType transformSchema(StructType schema) {
    return validateAndTransformSchema(schema, true, SQLDataTypes.VectorType());
  }

  @Override
  public StructType validateAndTransformSchema(
      StructType schema, boolean fitting, DataType featuresType) {
    int classes = OutputColumns.ANY;
    if (fitting) {
      Fit.check(this, schema);
      classes = labels(schema).known();
    } else {
      Columns.checkFeatures(schema, getFeaturesCol());
    }
    thresholds.check(Math.max(0, classes));
    return new OutputColumns(
            getRawPredictionCol(), getProbabilityCol(), getPredictionCol(), classes)
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
