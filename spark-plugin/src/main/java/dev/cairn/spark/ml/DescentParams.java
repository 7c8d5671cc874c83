package dev.cairn.spark.ml;

import org.apache.spark.ml.classification.ProbabilisticClassifier;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.jspecify.annotations.Nullable;

/**
 * What decides the trained bits: passes, steps, regularisation, and the thresholds. MLlib's names
 * where MLlib has them.
 */
abstract sealed class DescentParams
    extends ProbabilisticClassifier<Vector, SparseLogisticRegression, SparseLogisticRegressionModel>
    permits OptimizerParams {
  private static final long serialVersionUID = 1L;

  final TrainingParams training;
  final Thresholds thresholds;

  // No initialiser: Spark's constructors ask for it before one would run.
  private @Nullable String uid;

  /** A stage with this uid, which was announced. */
  DescentParams(String uid) {
    this.uid = uid;
    this.training = new TrainingParams(this);
    this.thresholds = new Thresholds(this, thresholds());
  }

  @Override
  public String uid() {
    String present = uid;
    if (present == null) {
      present = EarlyUid.take();
      uid = present;
    }
    return present;
  }

  abstract SparseLogisticRegression self();

  /** Parameter: probability of label 1 above which 1 is predicted; 0.5 by default. */
  public DoubleParam threshold() {
    return thresholds.threshold;
  }

  /** Sets {@link #threshold} and clears {@code thresholds}. */
  public SparseLogisticRegression setThreshold(double value) {
    thresholds.set(value);
    return self();
  }

  /** The threshold in use: {@link #threshold}, or what {@code thresholds} come to. */
  public double getThreshold() {
    return thresholds.one();
  }

  /** Sets {@code thresholds}, two of them, and clears {@link #threshold}. */
  @Override
  public SparseLogisticRegression setThresholds(double[] value) {
    thresholds.set(value);
    return self();
  }

  /** One threshold for each label: label k with the greatest p(k) / t(k) is predicted. */
  @Override
  public double[] getThresholds() {
    return thresholds.two();
  }

  /** Parameter: passes over the data; 1 by default. */
  public IntParam maxIter() {
    return training.maxIter;
  }

  /** Sets {@link #maxIter}. */
  public SparseLogisticRegression setMaxIter(int value) {
    set(training.maxIter, value);
    return self();
  }

  /** The value of {@link #maxIter}. */
  public int getMaxIter() {
    return (Integer) getOrDefault(training.maxIter);
  }

  /** Parameter: stop after this many steps, 0 (the default) for no limit. */
  public LongParam maxSteps() {
    return training.maxSteps;
  }

  /** Sets {@link #maxSteps}. */
  public SparseLogisticRegression setMaxSteps(long value) {
    set(training.maxSteps, value);
    return self();
  }

  /** The value of {@link #maxSteps}. */
  public long getMaxSteps() {
    return (Long) getOrDefault(training.maxSteps);
  }

  /** Parameter: seed of everything random; 1 by default. */
  public LongParam seed() {
    return training.seed;
  }

  /** Sets {@link #seed}. */
  public SparseLogisticRegression setSeed(long value) {
    set(training.seed, value);
    return self();
  }

  /** The value of {@link #seed}. */
  public long getSeed() {
    return (Long) getOrDefault(training.seed);
  }

  /**
   * Parameter: number of logical data partitions; part of the result, not of the cluster; 8 by
   * default.
   */
  public IntParam partitions() {
    return training.partitions;
  }

  /** Sets {@link #partitions}. */
  public SparseLogisticRegression setPartitions(int value) {
    set(training.partitions, value);
    return self();
  }

  /** The value of {@link #partitions}. */
  public int getPartitions() {
    return (Integer) getOrDefault(training.partitions);
  }

  /** Parameter: rows of one step over all partitions; 4096 by default. */
  public IntParam batchRows() {
    return training.batchRows;
  }

  /** Sets {@link #batchRows}. */
  public SparseLogisticRegression setBatchRows(int value) {
    set(training.batchRows, value);
    return self();
  }

  /** The value of {@link #batchRows}. */
  public int getBatchRows() {
    return (Integer) getOrDefault(training.batchRows);
  }

  /**
   * Parameter: strength of regularisation, 0 (the default) for none: the objective is the mean loss
   * plus {@code regParam (elasticNetParam |w|_1 + (1 - elasticNetParam) / 2 |w|^2)}, the intercept
   * left out, as in MLlib. A weight is regularised in the steps whose rows have its feature, so a
   * rare feature less than in MLlib. Not for ftrl.
   */
  public DoubleParam regParam() {
    return training.regParam;
  }

  /** Sets {@link #regParam}. */
  public SparseLogisticRegression setRegParam(double value) {
    set(training.regParam, value);
    return self();
  }

  /** The value of {@link #regParam}. */
  public double getRegParam() {
    return (Double) getOrDefault(training.regParam);
  }

  /** Parameter: share of L1 in the regularisation, 0 (the default, all of it L2) to 1. */
  public DoubleParam elasticNetParam() {
    return training.elasticNetParam;
  }

  /** Sets {@link #elasticNetParam}. */
  public SparseLogisticRegression setElasticNetParam(double value) {
    set(training.elasticNetParam, value);
    return self();
  }

  /** The value of {@link #elasticNetParam}. */
  public double getElasticNetParam() {
    return (Double) getOrDefault(training.elasticNetParam);
  }

  /** Parameter: whether an intercept is trained; true by default. */
  public BooleanParam fitIntercept() {
    return training.fitIntercept;
  }

  /** Sets {@link #fitIntercept}. */
  public SparseLogisticRegression setFitIntercept(boolean value) {
    set(training.fitIntercept, value);
    return self();
  }

  /** The value of {@link #fitIntercept}. */
  public boolean getFitIntercept() {
    return (Boolean) getOrDefault(training.fitIntercept);
  }

  /**
   * Parameter: whether numeric features, those with a value other than 0 and 1, are divided by
   * their standard deviations while training, and centred if they are in most rows; true by
   * default. Indicators, such as hashed categories, stay as they are. A constant numeric feature
   * has no influence then. The model's coefficients are for the values as they stand in the data.
   * L1 and L2 hold for the weights of the divided values, as MLlib has it; where this is false, for
   * those of the values as they are.
   */
  public BooleanParam standardization() {
    return training.standardization;
  }

  /** Sets {@link #standardization}. */
  public SparseLogisticRegression setStandardization(boolean value) {
    set(training.standardization, value);
    return self();
  }

  /** The value of {@link #standardization}. */
  public boolean getStandardization() {
    return (Boolean) getOrDefault(training.standardization);
  }

  /**
   * Parameter: column of rows' weights, finite numbers from 0 on; a row of weight 0 is as if it
   * were not there. Only their proportions count. Not set or empty: every row counts the same.
   */
  public Param<String> weightCol() {
    return training.weightCol;
  }

  /** Sets {@link #weightCol}. */
  public SparseLogisticRegression setWeightCol(String value) {
    set(training.weightCol, value);
    return self();
  }

  /** The value of {@link #weightCol}. */
  public String getWeightCol() {
    return getOrDefault(training.weightCol);
  }
}
