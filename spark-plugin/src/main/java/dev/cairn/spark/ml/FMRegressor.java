package dev.cairn.spark.ml;

import dev.cairn.spark.columns.Columns;
import dev.cairn.spark.columns.Labels;
import dev.cairn.spark.columns.OutputColumns;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.model.FactorizationMachine;
import dev.cairn.spark.model.SquaredLoss;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.Regressor;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A factorization machine for numbers whose parameters live in the executors: linear regression
 * with a row of factors for each feature, so that each pair of a row's features counts with a
 * weight of its own: S. Rendle, "Factorization Machines", ICDM 2010.
 *
 * <p>A Spark ML estimator: features are vectors of one size (such as {@code FeatureHasher} makes),
 * labels numbers. See {@link CairnEstimator} for what all estimators have.
 */
public final class FMRegressor extends Regressor<Vector, FMRegressor, FMRegressionModel>
    implements MachineParams<FMRegressor>, CairnEstimator<FMRegressor, FMRegressionModel> {
  private static final long serialVersionUID = 1L;

  /** The beginning of random uids. */
  static final String UID_PREFIX = "cairn_fmr";

  private final TrainingParams training;
  private final MachineSettings machine;

  // No initialiser: Spark's constructors ask for it before one would run.
  private @Nullable String uid;

  /** Makes an estimator with a random uid. */
  public FMRegressor() {
    this(EarlyUid.random(UID_PREFIX));
  }

  /** Makes an estimator with this uid. */
  public FMRegressor(String uid) {
    this(EarlyUid.announce(uid));
  }

  private FMRegressor(EarlyUid uid) {
    this.uid = uid.text();
    this.training = new TrainingParams(this);
    this.machine = new MachineSettings(this);
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
  public MachineSettings machineSettings() {
    return machine;
  }

  @Override
  public FMRegressionModel fit(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    return copyValues(train(dataset).setParent(this), ParamMap.empty());
  }

  /** Trains, as {@link #fit} does once the columns are checked. */
  @Override
  public FMRegressionModel train(Dataset<?> dataset) {
    Fit fit = new Fit(this, labels(dataset.schema()), (features, classes) -> model(features));
    return FMRegressionModel.KIND.fitted(uid(), fit.of(dataset));
  }

  FactorizationMachine model(int features) {
    return machine.model(this, features, new SquaredLoss());
  }

  private Labels labels(StructType schema) {
    return Labels.numbers(schema, getLabelCol(), LabelKind.NUMBER);
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
  public static MLReader<FMRegressor> read() {
    return ParamsMetadata.reader(FMRegressor.class, FMRegressor::new);
  }

  /** Reads what {@link #write} wrote. */
  public static FMRegressor load(String path) {
    return read().load(path);
  }

  @Override
  public FMRegressor copy(ParamMap extra) {
    FMRegressor copy = new FMRegressor(uid());
    copy.training.options.set(training.options);
    return copyValues(copy, extra);
  }
}
