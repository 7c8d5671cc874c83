package dev.cairn.spark.ml;

import dev.cairn.spark.optimizer.Optimizers;
import java.util.List;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * Parameters of the optimizer, under Keras's names. A setting that the optimizer does not have is
 * refused when it trains.
 *
 * <p>Gradients are sums over the rows of a step, where Keras's are means. Adagrad, Adam, AdamW and
 * RMSprop divide by their size, so that rates of Keras's are right (an epsilon or a first
 * accumulator is not: times the rows of a step, squared for sums of squares). For sgd a rate of
 * Keras's is to be divided by the rows of a step, {@code batchRows}; the limits of gradients are
 * for sums, too.
 *
 * @param <E> the estimator
 */
public interface OptimizerParams<E> extends TrainingParams.Owner {
  /** The names that {@link #optimizer} may have. */
  static List<String> optimizers() {
    return Optimizers.names();
  }

  /**
   * Checks that the optimizer exists and has the settings, as {@code fit} does before a row is
   * read.
   *
   * @throws IllegalArgumentException if not
   */
  default void checkOptimizer() {
    Object unused = trainingParams().optimizer.of(this, Penalties.NONE);
  }

  /** Parameter: adagrad, adam, adamw, ftrl, rmsprop or sgd. */
  default Param<String> optimizer() {
    return trainingParams().optimizer.optimizer;
  }

  /** Sets {@link #optimizer}. */
  default E setOptimizer(String value) {
    return Setters.with(this, trainingParams().optimizer.optimizer, value);
  }

  /** The value of {@link #optimizer}. */
  default String getOptimizer() {
    return getOrDefault(trainingParams().optimizer.optimizer);
  }

  /**
   * Parameter: step size, above 0; if not set, that of the optimizer, or the first value of a
   * piecewise schedule.
   */
  default DoubleParam learningRate() {
    return trainingParams().optimizer.learningRate;
  }

  /** Sets {@link #learningRate}. */
  default E setLearningRate(double value) {
    return Setters.with(this, trainingParams().optimizer.learningRate, value);
  }

  /** The value of {@link #learningRate}: the one in use. */
  default double getLearningRate() {
    return trainingParams().optimizer.value(this, trainingParams().optimizer.learningRate);
  }

  /**
   * Parameter: the schedule of the learning rate: {@code constant}, {@code inverse-time
   * decay_steps=10 decay_rate=0.5 staircase=true}, {@code cosine decay_steps=1000 alpha=0.1
   * warmup_steps=100}, {@code piecewise boundaries=10,30 values=0.1,0.05,0.01}. Names and arguments
   * are those of Keras's schedules. Not for ftrl.
   */
  default Param<String> learningRateSchedule() {
    return trainingParams().optimizer.schedule;
  }

  /** Sets {@link #learningRateSchedule}. */
  default E setLearningRateSchedule(String value) {
    return Setters.with(this, trainingParams().optimizer.schedule, value);
  }

  /** The value of {@link #learningRateSchedule}. */
  default String getLearningRateSchedule() {
    return getOrDefault(trainingParams().optimizer.schedule);
  }

  /** Parameter: adagrad and ftrl: the start of the sums of squared gradients. */
  default DoubleParam initialAccumulator() {
    return trainingParams().optimizer.initialAccumulator;
  }

  /** Sets {@link #initialAccumulator}. */
  default E setInitialAccumulator(double value) {
    return Setters.with(this, trainingParams().optimizer.initialAccumulator, value);
  }

  /** The value of {@link #initialAccumulator}: the one in use, 0 where the optimizer has none. */
  default double getInitialAccumulator() {
    return trainingParams().optimizer.value(this, trainingParams().optimizer.initialAccumulator);
  }

  /** Parameter: FTRL's beta, which damps the first steps. */
  default DoubleParam beta() {
    return trainingParams().optimizer.beta;
  }

  /** Sets {@link #beta}. */
  default E setBeta(double value) {
    return Setters.with(this, trainingParams().optimizer.beta, value);
  }

  /** The value of {@link #beta}: the one in use, 0 where the optimizer has none. */
  default double getBeta() {
    return trainingParams().optimizer.value(this, trainingParams().optimizer.beta);
  }

  /**
   * Parameter: sgd and rmsprop: the part of a step that the next one goes on with, 0 or more, below
   * 1.
   */
  default DoubleParam momentum() {
    return trainingParams().optimizer.momentum;
  }

  /** Sets {@link #momentum}. */
  default E setMomentum(double value) {
    return Setters.with(this, trainingParams().optimizer.momentum, value);
  }

  /** The value of {@link #momentum}: the one in use. */
  default double getMomentum() {
    return trainingParams().optimizer.value(this, trainingParams().optimizer.momentum);
  }

  /** Parameter: sgd with momentum: whether it is Nesterov's. */
  default BooleanParam nesterov() {
    return trainingParams().optimizer.nesterov;
  }

  /** Sets {@link #nesterov}. */
  default E setNesterov(boolean value) {
    return Setters.with(this, trainingParams().optimizer.nesterov, value);
  }

  /** The value of {@link #nesterov}. */
  default boolean getNesterov() {
    return (Boolean) getOrDefault(trainingParams().optimizer.nesterov);
  }

  /** Parameter: rmsprop: the part of the mean square that a step keeps. */
  default DoubleParam rho() {
    return trainingParams().optimizer.rho;
  }

  /** Sets {@link #rho}. */
  default E setRho(double value) {
    return Setters.with(this, trainingParams().optimizer.rho, value);
  }

  /** The value of {@link #rho}: the one in use, 0 where the optimizer has none. */
  default double getRho() {
    return trainingParams().optimizer.value(this, trainingParams().optimizer.rho);
  }

  /**
   * Parameter: rmsprop: whether gradients are divided by their deviation and not by their mean
   * square.
   */
  default BooleanParam centered() {
    return trainingParams().optimizer.centered;
  }

  /** Sets {@link #centered}. */
  default E setCentered(boolean value) {
    return Setters.with(this, trainingParams().optimizer.centered, value);
  }

  /** The value of {@link #centered}. */
  default boolean getCentered() {
    return (Boolean) getOrDefault(trainingParams().optimizer.centered);
  }

  /** Parameter: adam and adamw: the part of the mean gradient that a step keeps. */
  default DoubleParam beta1() {
    return trainingParams().optimizer.beta1;
  }

  /** Sets {@link #beta1}. */
  default E setBeta1(double value) {
    return Setters.with(this, trainingParams().optimizer.beta1, value);
  }

  /** The value of {@link #beta1}: the one in use, 0 where the optimizer has none. */
  default double getBeta1() {
    return trainingParams().optimizer.value(this, trainingParams().optimizer.beta1);
  }

  /** Parameter: adam and adamw: the part of the mean square that a step keeps. */
  default DoubleParam beta2() {
    return trainingParams().optimizer.beta2;
  }

  /** Sets {@link #beta2}. */
  default E setBeta2(double value) {
    return Setters.with(this, trainingParams().optimizer.beta2, value);
  }

  /** The value of {@link #beta2}: the one in use, 0 where the optimizer has none. */
  default double getBeta2() {
    return trainingParams().optimizer.value(this, trainingParams().optimizer.beta2);
  }

  /** Parameter: adagrad, adam, adamw and rmsprop: the term that keeps the divisor from 0. */
  default DoubleParam optimizerEpsilon() {
    return trainingParams().optimizer.epsilon;
  }

  /** Sets {@link #optimizerEpsilon}. */
  default E setOptimizerEpsilon(double value) {
    return Setters.with(this, trainingParams().optimizer.epsilon, value);
  }

  /** The value of {@link #optimizerEpsilon}: the one in use, 0 where the optimizer has none. */
  default double getOptimizerEpsilon() {
    return trainingParams().optimizer.value(this, trainingParams().optimizer.epsilon);
  }

  /** Parameter: adam and adamw: whether gradients are divided by the largest mean square so far. */
  default BooleanParam amsgrad() {
    return trainingParams().optimizer.amsgrad;
  }

  /** Sets {@link #amsgrad}. */
  default E setAmsgrad(boolean value) {
    return Setters.with(this, trainingParams().optimizer.amsgrad, value);
  }

  /** The value of {@link #amsgrad}. */
  default boolean getAmsgrad() {
    return (Boolean) getOrDefault(trainingParams().optimizer.amsgrad);
  }

  /**
   * Parameter: all but ftrl: the part of each weight, times the learning rate, that a step
   * subtracts before its update; the intercept is left out.
   */
  default DoubleParam weightDecay() {
    return trainingParams().optimizer.weightDecay;
  }

  /** Sets {@link #weightDecay}. */
  default E setWeightDecay(double value) {
    return Setters.with(this, trainingParams().optimizer.weightDecay, value);
  }

  /** The value of {@link #weightDecay}: the one in use, 0 where the optimizer has none. */
  default double getWeightDecay() {
    return trainingParams().optimizer.value(this, trainingParams().optimizer.weightDecay);
  }

  /** Parameter: no gradient, summed over the rows of a step, is farther from 0 than this. */
  default DoubleParam clipValue() {
    return trainingParams().optimizer.clipValue;
  }

  /** Sets {@link #clipValue}. */
  default E setClipValue(double value) {
    return Setters.with(this, trainingParams().optimizer.clipValue, value);
  }

  /** The value of {@link #clipValue}. */
  default double getClipValue() {
    return (Double) getOrDefault(trainingParams().optimizer.clipValue);
  }

  /**
   * Parameter: no variable's gradient, summed over the rows of a step, has a larger norm than this:
   * all of it is made smaller by the same factor; not set: no limit. One of {@link #clipValue},
   * this and {@link #globalClipNorm} can be set. A step takes one more round of messages.
   */
  default DoubleParam clipNorm() {
    return trainingParams().optimizer.clipNorm;
  }

  /** Sets {@link #clipNorm}. */
  default E setClipNorm(double value) {
    return Setters.with(this, trainingParams().optimizer.clipNorm, value);
  }

  /** The value of {@link #clipNorm}. */
  default double getClipNorm() {
    return (Double) getOrDefault(trainingParams().optimizer.clipNorm);
  }

  /** Parameter: the same as {@link #clipNorm}, for the gradients of all variables together. */
  default DoubleParam globalClipNorm() {
    return trainingParams().optimizer.globalClipNorm;
  }

  /** Sets {@link #globalClipNorm}. */
  default E setGlobalClipNorm(double value) {
    return Setters.with(this, trainingParams().optimizer.globalClipNorm, value);
  }

  /** The value of {@link #globalClipNorm}. */
  default double getGlobalClipNorm() {
    return (Double) getOrDefault(trainingParams().optimizer.globalClipNorm);
  }

  /**
   * Parameter: whether a step changes every weight, as most of Keras's optimizers do: momentum goes
   * on and averages fade where there is no gradient. If false, a weight without a gradient is left
   * alone: else each step would touch all parameters, however few the rows have.
   */
  default BooleanParam denseUpdates() {
    return trainingParams().optimizer.denseUpdates;
  }

  /** Sets {@link #denseUpdates}. */
  default E setDenseUpdates(boolean value) {
    return Setters.with(this, trainingParams().optimizer.denseUpdates, value);
  }

  /** The value of {@link #denseUpdates}. */
  default boolean getDenseUpdates() {
    return (Boolean) getOrDefault(trainingParams().optimizer.denseUpdates);
  }

  /**
   * Parameter: variables with another optimizer than all others, or other settings of it. Each is a
   * text, such as {@code factors: adam; learning-rate=0.01; l2=0.5}; see {@link #setOptimizerFor}.
   */
  default StringArrayParam optimizerFor() {
    return trainingParams().optimizer.forVariables;
  }

  /**
   * Chooses for one variable: an optimizer, its settings, or both, with semicolons between them:
   * {@code setOptimizerFor("factors", "adam; learning-rate=0.01")}. Settings have the names of the
   * jobs' keys: {@code l1}, {@code l2}, {@code schedule} and all others. Without an optimizer,
   * settings that are not given are those of all variables; another optimizer begins with its own
   * defaults, but for {@code l1} and {@code l2}. This replaces an earlier choice for the variable.
   *
   * @param variable such as {@code weights}, {@code bias} or {@code factors}
   */
  default E setOptimizerFor(String variable, String choice) {
    OptimizerSettings optimizer = trainingParams().optimizer;
    return Setters.with(this, optimizer.forVariables, optimizer.with(this, variable, choice));
  }

  /** The value of {@link #optimizerFor}. */
  default String[] getOptimizerFor() {
    return getOrDefault(trainingParams().optimizer.forVariables);
  }
}
