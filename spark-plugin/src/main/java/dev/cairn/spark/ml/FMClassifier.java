package dev.cairn.spark.ml;

import dev.cairn.spark.columns.Columns;
import dev.cairn.spark.columns.Labels;
import dev.cairn.spark.columns.OutputColumns;
import dev.cairn.spark.model.FactorizationMachine;
import dev.cairn.spark.model.LogisticLoss;
import org.apache.spark.ml.classification.ProbabilisticClassifier;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A factorization machine for two classes whose parameters live in the executors: logistic
 * regression with a row of factors for each feature, so that each pair of a row's features counts
 * with a weight of its own: S. Rendle, "Factorization Machines", ICDM 2010.
 *
 * <p>A Spark ML estimator: features are vectors of one size (such as {@code FeatureHasher} makes),
 * labels 0 or 1, or -1 or 1. See {@link CairnEstimator} for what all estimators have.
 */
public final class FMClassifier
    extends ProbabilisticClassifier<Vector, FMClassifier, FMClassificationModel>
    implements ThresholdParams<FMClassifier>,
        MachineParams<FMClassifier>,
        CairnEstimator<FMClassifier, FMClassificationModel> {
  private static final long serialVersionUID = 1L;

  /** The beginning of random uids. */
  static final String UID_PREFIX = "cairn_fmc";

  private final TrainingParams training;
  private final MachineSettings machine;
  private final Thresholds thresholds;

  // No initialiser: Spark's constructors ask for it before one would run.
  private @Nullable String uid;

  /** Makes an estimator with a random uid. */
  public FMClassifier() {
    this(EarlyUid.random(UID_PREFIX));
  }

  /** Makes an estimator with this uid. */
  public FMClassifier(String uid) {
    this(EarlyUid.announce(uid));
  }

  private FMClassifier(EarlyUid uid) {
    this.uid = uid.text();
    this.training = new TrainingParams(this);
    this.machine = new MachineSettings(this);
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

  @Override
  public Thresholds thresholdState() {
    return thresholds;
  }

  @Override
  public MachineSettings machineSettings() {
    return machine;
  }

  /** Sets {@code thresholds}, one for each label, and clears {@link #threshold}. */
  @Override
  public FMClassifier setThresholds(double[] value) {
    thresholds.set(value);
    return this;
  }

  /** One threshold for each label: label k with the greatest p(k) / t(k) is predicted. */
  @Override
  public double[] getThresholds() {
    return thresholds.all(2);
  }

  @Override
  public FMClassificationModel fit(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    return copyValues(train(dataset).setParent(this), ParamMap.empty());
  }

  /** Trains, as {@link #fit} does once the columns are checked. */
  @Override
  public FMClassificationModel train(Dataset<?> dataset) {
    Fit fit =
        new Fit(this, labels(dataset.schema()), (features, classes) -> model(features))
            .testedAt(getThreshold());
    return FMClassificationModel.KIND.fitted(uid(), fit.of(dataset));
  }

  FactorizationMachine model(int features) {
    return machine.model(this, features, new LogisticLoss());
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
    thresholds.check(2);
    if (fitting) {
      Fit.check(this, schema);
      Labels unused = labels(schema);
    } else {
      Columns.checkFeatures(schema, getFeaturesCol());
    }
    return new OutputColumns(getRawPredictionCol(), getProbabilityCol(), getPredictionCol(), 2)
        .appendedTo(schema);
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<FMClassifier> read() {
    return ParamsMetadata.reader(FMClassifier.class, FMClassifier::new);
  }

  /** Reads what {@link #write} wrote. */
  public static FMClassifier load(String path) {
    return read().load(path);
  }

  @Override
  public FMClassifier copy(ParamMap extra) {
    FMClassifier copy = new FMClassifier(uid());
    copy.training.options.set(training.options);
    return copyValues(copy, extra);
  }
}
