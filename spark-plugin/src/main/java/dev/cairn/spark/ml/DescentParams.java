package dev.cairn.spark.ml;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;

/**
 * Parameters that decide the trained bits: passes, steps, regularisation. They have MLlib's names
 * where MLlib has them.
 *
 * @param <E> the estimator
 */
public interface DescentParams<E> extends TrainingParams.Owner {
  /** Parameter: passes over the data. */
  default IntParam maxIter() {
    return trainingParams().maxIter;
  }

  /** Sets {@link #maxIter}. */
  default E setMaxIter(int value) {
    return Setters.with(this, trainingParams().maxIter, value);
  }

  /** The value of {@link #maxIter}. */
  default int getMaxIter() {
    return (Integer) getOrDefault(trainingParams().maxIter);
  }

  /** Parameter: stop after this many steps, 0 for no limit. */
  default LongParam maxSteps() {
    return trainingParams().maxSteps;
  }

  /** Sets {@link #maxSteps}. */
  default E setMaxSteps(long value) {
    return Setters.with(this, trainingParams().maxSteps, value);
  }

  /** The value of {@link #maxSteps}. */
  default long getMaxSteps() {
    return (Long) getOrDefault(trainingParams().maxSteps);
  }

  /** Parameter: seed of everything random. */
  default LongParam seed() {
    return trainingParams().seed;
  }

  /** Sets {@link #seed}. */
  default E setSeed(long value) {
    return Setters.with(this, trainingParams().seed, value);
  }

  /** The value of {@link #seed}. */
  default long getSeed() {
    return (Long) getOrDefault(trainingParams().seed);
  }

  /** Parameter: number of logical data partitions; part of the result, not of the cluster. */
  default IntParam partitions() {
    return trainingParams().partitions;
  }

  /** Sets {@link #partitions}. */
  default E setPartitions(int value) {
    return Setters.with(this, trainingParams().partitions, value);
  }

  /** The value of {@link #partitions}. */
  default int getPartitions() {
    return (Integer) getOrDefault(trainingParams().partitions);
  }

  /** Parameter: rows of one step over all partitions. */
  default IntParam batchRows() {
    return trainingParams().batchRows;
  }

  /** Sets {@link #batchRows}. */
  default E setBatchRows(int value) {
    return Setters.with(this, trainingParams().batchRows, value);
  }

  /** The value of {@link #batchRows}. */
  default int getBatchRows() {
    return (Integer) getOrDefault(trainingParams().batchRows);
  }

  /**
   * Parameter: strength of regularisation, 0 for none: the objective is the mean loss plus {@code
   * regParam (elasticNetParam |w|_1 + (1 - elasticNetParam) / 2 |w|^2)}, the intercept left out, as
   * in MLlib. A weight is regularised in the steps whose rows have its feature, so a rare feature
   * is regularised less than in MLlib. Not for ftrl.
   */
  default DoubleParam regParam() {
    return trainingParams().regParam;
  }

  /** Sets {@link #regParam}. */
  default E setRegParam(double value) {
    return Setters.with(this, trainingParams().regParam, value);
  }

  /** The value of {@link #regParam}. */
  default double getRegParam() {
    return (Double) getOrDefault(trainingParams().regParam);
  }

  /** Parameter: share of L1 in the regularisation, 0 (all of it L2) to 1. */
  default DoubleParam elasticNetParam() {
    return trainingParams().elasticNetParam;
  }

  /** Sets {@link #elasticNetParam}. */
  default E setElasticNetParam(double value) {
    return Setters.with(this, trainingParams().elasticNetParam, value);
  }

  /** The value of {@link #elasticNetParam}. */
  default double getElasticNetParam() {
    return (Double) getOrDefault(trainingParams().elasticNetParam);
  }

  /** Parameter: whether an intercept is trained. */
  default BooleanParam fitIntercept() {
    return trainingParams().fitIntercept;
  }

  /** Sets {@link #fitIntercept}. */
  default E setFitIntercept(boolean value) {
    return Setters.with(this, trainingParams().fitIntercept, value);
  }

  /** The value of {@link #fitIntercept}. */
  default boolean getFitIntercept() {
    return (Boolean) getOrDefault(trainingParams().fitIntercept);
  }

  /**
   * Parameter: whether numeric features, those with a value other than 0 and 1, are divided by
   * their standard deviations while training, and centred if they are in most rows. Indicators,
   * such as hashed categories, stay as they are. A constant numeric feature has no influence then.
   * The model's coefficients are for the values as they stand in the data. L1 and L2 hold for the
   * weights of the divided values, as MLlib has it; where this is false, for those of the values as
   * they are.
   */
  default BooleanParam standardization() {
    return trainingParams().standardization;
  }

  /** Sets {@link #standardization}. */
  default E setStandardization(boolean value) {
    return Setters.with(this, trainingParams().standardization, value);
  }

  /** The value of {@link #standardization}. */
  default boolean getStandardization() {
    return (Boolean) getOrDefault(trainingParams().standardization);
  }

  /**
   * Parameter: column of rows' weights, finite numbers from 0 on; a row of weight 0 is as if it
   * were not there. Only their proportions count. Not set or empty: every row counts the same.
   */
  default Param<String> weightCol() {
    return trainingParams().weightCol;
  }

  /** Sets {@link #weightCol}. */
  default E setWeightCol(String value) {
    return Setters.with(this, trainingParams().weightCol, value);
  }

  /** The value of {@link #weightCol}. */
  default String getWeightCol() {
    return getOrDefault(trainingParams().weightCol);
  }

  /**
   * Parameter: column of rows' offsets, finite numbers that are added to margins and not trained,
   * such as the logarithm of an exposure beside the {@code poisson} loss: as in MLlib's
   * GeneralizedLinearRegression and R's glm. Not set or empty: nothing is added. Models with a
   * margin for each class have none.
   */
  default Param<String> offsetCol() {
    return trainingParams().offsetCol;
  }

  /** Sets {@link #offsetCol}. */
  default E setOffsetCol(String value) {
    return Setters.with(this, trainingParams().offsetCol, value);
  }

  /** The value of {@link #offsetCol}. */
  default String getOffsetCol() {
    return getOrDefault(trainingParams().offsetCol);
  }
}
