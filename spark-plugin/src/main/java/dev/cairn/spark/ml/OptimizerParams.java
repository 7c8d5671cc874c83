package dev.cairn.spark.ml;

import dev.cairn.spark.optimizer.Optimizers;
import java.util.List;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.Param;

/**
 * How gradients become updates: the optimizer and its settings, under Keras's names. What is set
 * and is not the optimizer's own is refused when it trains.
 *
 * <p>Gradients are sums over the rows of a step, where Keras's are means. Adagrad, Adam, AdamW and
 * RMSprop divide by their size, so that rates of Keras's are right (an epsilon or a first
 * accumulator is not: times the rows of a step, squared for sums of squares). For sgd a rate of
 * Keras's is to be divided by the rows of a step, {@code batchRows}; clipValue is for sums, too.
 */
abstract sealed class OptimizerParams extends DescentParams permits ScheduleParams {
  private static final long serialVersionUID = 1L;

  OptimizerParams(String uid) {
    super(uid);
  }

  /** The names that {@link #optimizer} may have. */
  public static List<String> optimizers() {
    return Optimizers.names();
  }

  /**
   * Finds out whether the optimizer is one that there is, with settings of its own, as {@code fit}
   * does before a row is read.
   *
   * @throws IllegalArgumentException if not
   */
  public void checkOptimizer() {
    Object unused = training.optimizer.of(this, Penalties.NONE);
  }

  /** Parameter: adagrad (the default), adam, adamw, ftrl, rmsprop or sgd. */
  public Param<String> optimizer() {
    return training.optimizer.optimizer;
  }

  /** Sets {@link #optimizer}. */
  public SparseLogisticRegression setOptimizer(String value) {
    set(training.optimizer.optimizer, value);
    return self();
  }

  /** The value of {@link #optimizer}. */
  public String getOptimizer() {
    return getOrDefault(training.optimizer.optimizer);
  }

  /**
   * Parameter: step size, above 0; not set: 0.1 for adagrad and ftrl, 0.001 for adam, adamw and
   * rmsprop, 0.0001 for sgd, or the first value of a piecewise schedule.
   */
  public DoubleParam learningRate() {
    return training.optimizer.learningRate;
  }

  /** Sets {@link #learningRate}. */
  public SparseLogisticRegression setLearningRate(double value) {
    set(training.optimizer.learningRate, value);
    return self();
  }

  /** The value of {@link #learningRate}: the one in use. */
  public double getLearningRate() {
    return training.optimizer.value(this, training.optimizer.learningRate);
  }

  /**
   * Parameter: how the learning rate changes from step to step: {@code constant} (the default),
   * {@code inverse-time decay_steps=10 decay_rate=0.5 staircase=true}, {@code cosine
   * decay_steps=1000 alpha=0.1 warmup_steps=100}, {@code piecewise boundaries=10,30
   * values=0.1,0.05,0.01}. Names and arguments are those of Keras's schedules. Not for ftrl.
   */
  public Param<String> learningRateSchedule() {
    return training.optimizer.schedule;
  }

  /** Sets {@link #learningRateSchedule}. */
  public SparseLogisticRegression setLearningRateSchedule(String value) {
    set(training.optimizer.schedule, value);
    return self();
  }

  /** The value of {@link #learningRateSchedule}. */
  public String getLearningRateSchedule() {
    return getOrDefault(training.optimizer.schedule);
  }

  /** Parameter: adagrad and ftrl: where the sums of squared gradients start; not set: 0.1. */
  public DoubleParam initialAccumulator() {
    return training.optimizer.initialAccumulator;
  }

  /** Sets {@link #initialAccumulator}. */
  public SparseLogisticRegression setInitialAccumulator(double value) {
    set(training.optimizer.initialAccumulator, value);
    return self();
  }

  /** The value of {@link #initialAccumulator}: the one in use, 0 where the optimizer has none. */
  public double getInitialAccumulator() {
    return training.optimizer.value(this, training.optimizer.initialAccumulator);
  }

  /** Parameter: FTRL's beta, which damps the first steps; not set: 1. */
  public DoubleParam beta() {
    return training.optimizer.beta;
  }

  /** Sets {@link #beta}. */
  public SparseLogisticRegression setBeta(double value) {
    set(training.optimizer.beta, value);
    return self();
  }

  /** The value of {@link #beta}: the one in use, 0 where the optimizer has none. */
  public double getBeta() {
    return training.optimizer.value(this, training.optimizer.beta);
  }

  /**
   * Parameter: sgd and rmsprop: the part of a step that the next one goes on with, 0 (the default)
   * or more, below 1.
   */
  public DoubleParam momentum() {
    return training.optimizer.momentum;
  }

  /** Sets {@link #momentum}. */
  public SparseLogisticRegression setMomentum(double value) {
    set(training.optimizer.momentum, value);
    return self();
  }

  /** The value of {@link #momentum}: the one in use. */
  public double getMomentum() {
    return training.optimizer.value(this, training.optimizer.momentum);
  }

  /** Parameter: sgd with momentum: whether it is Nesterov's; false by default. */
  public BooleanParam nesterov() {
    return training.optimizer.nesterov;
  }

  /** Sets {@link #nesterov}. */
  public SparseLogisticRegression setNesterov(boolean value) {
    set(training.optimizer.nesterov, value);
    return self();
  }

  /** The value of {@link #nesterov}. */
  public boolean getNesterov() {
    return (Boolean) getOrDefault(training.optimizer.nesterov);
  }

  /** Parameter: rmsprop: how much of the mean square a step keeps; not set: 0.9. */
  public DoubleParam rho() {
    return training.optimizer.rho;
  }

  /** Sets {@link #rho}. */
  public SparseLogisticRegression setRho(double value) {
    set(training.optimizer.rho, value);
    return self();
  }

  /** The value of {@link #rho}: the one in use, 0 where the optimizer has none. */
  public double getRho() {
    return training.optimizer.value(this, training.optimizer.rho);
  }

  /**
   * Parameter: rmsprop: whether gradients are divided by their deviation and not by their mean
   * square; false by default.
   */
  public BooleanParam centered() {
    return training.optimizer.centered;
  }

  /** Sets {@link #centered}. */
  public SparseLogisticRegression setCentered(boolean value) {
    set(training.optimizer.centered, value);
    return self();
  }

  /** The value of {@link #centered}. */
  public boolean getCentered() {
    return (Boolean) getOrDefault(training.optimizer.centered);
  }

  /** Parameter: adam and adamw: how much of the mean gradient a step keeps; not set: 0.9. */
  public DoubleParam beta1() {
    return training.optimizer.beta1;
  }

  /** Sets {@link #beta1}. */
  public SparseLogisticRegression setBeta1(double value) {
    set(training.optimizer.beta1, value);
    return self();
  }

  /** The value of {@link #beta1}: the one in use, 0 where the optimizer has none. */
  public double getBeta1() {
    return training.optimizer.value(this, training.optimizer.beta1);
  }

  /** Parameter: adam and adamw: how much of the mean square a step keeps; not set: 0.999. */
  public DoubleParam beta2() {
    return training.optimizer.beta2;
  }

  /** Sets {@link #beta2}. */
  public SparseLogisticRegression setBeta2(double value) {
    set(training.optimizer.beta2, value);
    return self();
  }

  /** The value of {@link #beta2}: the one in use, 0 where the optimizer has none. */
  public double getBeta2() {
    return training.optimizer.value(this, training.optimizer.beta2);
  }

  /**
   * Parameter: adagrad, adam, adamw and rmsprop: what keeps the divisor from 0; not set: 0 for
   * adagrad, which never divides by 0, else 1e-7.
   */
  public DoubleParam epsilon() {
    return training.optimizer.epsilon;
  }

  /** Sets {@link #epsilon}. */
  public SparseLogisticRegression setEpsilon(double value) {
    set(training.optimizer.epsilon, value);
    return self();
  }

  /** The value of {@link #epsilon}: the one in use, 0 where the optimizer has none. */
  public double getEpsilon() {
    return training.optimizer.value(this, training.optimizer.epsilon);
  }

  /**
   * Parameter: adam and adamw: whether gradients are divided by the largest mean square so far;
   * false by default.
   */
  public BooleanParam amsgrad() {
    return training.optimizer.amsgrad;
  }

  /** Sets {@link #amsgrad}. */
  public SparseLogisticRegression setAmsgrad(boolean value) {
    set(training.optimizer.amsgrad, value);
    return self();
  }

  /** The value of {@link #amsgrad}. */
  public boolean getAmsgrad() {
    return (Boolean) getOrDefault(training.optimizer.amsgrad);
  }

  /**
   * Parameter: all but ftrl: the part of each weight that a step takes, times the learning rate,
   * before it changes it; the intercept is left out. Not set: 0.004 for adamw, else 0.
   */
  public DoubleParam weightDecay() {
    return training.optimizer.weightDecay;
  }

  /** Sets {@link #weightDecay}. */
  public SparseLogisticRegression setWeightDecay(double value) {
    set(training.optimizer.weightDecay, value);
    return self();
  }

  /** The value of {@link #weightDecay}: the one in use, 0 where the optimizer has none. */
  public double getWeightDecay() {
    return training.optimizer.value(this, training.optimizer.weightDecay);
  }

  /**
   * Parameter: no gradient, summed over the rows of a step, is farther from 0 than this; not set:
   * no limit.
   */
  public DoubleParam clipValue() {
    return training.optimizer.clipValue;
  }

  /** Sets {@link #clipValue}. */
  public SparseLogisticRegression setClipValue(double value) {
    set(training.optimizer.clipValue, value);
    return self();
  }

  /** The value of {@link #clipValue}. */
  public double getClipValue() {
    return (Double) getOrDefault(training.optimizer.clipValue);
  }

  /**
   * Parameter: whether a step changes every weight, as most of Keras's optimizers do: momentum goes
   * on and averages fade where there is no gradient. If false (the default), a weight without a
   * gradient is left alone: else each step would touch all parameters, however few the rows have.
   */
  public BooleanParam denseUpdates() {
    return training.optimizer.denseUpdates;
  }

  /** Sets {@link #denseUpdates}. */
  public SparseLogisticRegression setDenseUpdates(boolean value) {
    set(training.optimizer.denseUpdates, value);
    return self();
  }

  /** The value of {@link #denseUpdates}. */
  public boolean getDenseUpdates() {
    return (Boolean) getOrDefault(training.optimizer.denseUpdates);
  }
}
