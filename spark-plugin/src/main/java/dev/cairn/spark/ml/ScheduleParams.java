package dev.cairn.spark.ml;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/**
 * Parameters of a fit's beginning, end and result: resuming, held-out rows, early stopping.
 *
 * @param <E> the estimator
 */
public interface ScheduleParams<E> extends TrainingParams.Owner {
  /**
   * Parameter: a boolean column; rows with true are held out of training. Their mean log loss is
   * reported and stored at the end of each epoch, when the parameters are saved if they are the
   * best so far.
   */
  default Param<String> validationIndicatorCol() {
    return trainingParams().schedule.validationIndicatorCol;
  }

  /** Sets {@link #validationIndicatorCol}. */
  default E setValidationIndicatorCol(String value) {
    return Setters.with(this, trainingParams().schedule.validationIndicatorCol, value);
  }

  /** The value of {@link #validationIndicatorCol}. */
  default String getValidationIndicatorCol() {
    return getOrDefault(trainingParams().schedule.validationIndicatorCol);
  }

  /**
   * Parameter: training ends when so many epochs in a row had no better held-out loss; 0 for never.
   * Needs {@link #validationIndicatorCol}.
   */
  default IntParam patience() {
    return trainingParams().schedule.patience;
  }

  /** Sets {@link #patience}. */
  default E setPatience(int value) {
    return Setters.with(this, trainingParams().schedule.patience, value);
  }

  /** The value of {@link #patience}. */
  default int getPatience() {
    return (Integer) getOrDefault(trainingParams().schedule.patience);
  }

  /**
   * Parameter: an epoch counts as better when its held-out loss is below the best before it by more
   * than this part of that (of 0.01, if that is smaller, as in MLlib). Needs {@link #patience}.
   */
  default DoubleParam validationTol() {
    return trainingParams().schedule.validationTol;
  }

  /** Sets {@link #validationTol}. */
  default E setValidationTol(double value) {
    return Setters.with(this, trainingParams().schedule.validationTol, value);
  }

  /** The value of {@link #validationTol}. */
  default double getValidationTol() {
    return (Double) getOrDefault(trainingParams().schedule.validationTol);
  }

  /**
   * Parameter: training ends when an epoch makes the mean loss of the training rows lower by no
   * more than this part of it (of 0.01, if that is smaller); 0 for never. The loss of a row is
   * taken when its batch is trained.
   */
  default DoubleParam tol() {
    return trainingParams().schedule.tol;
  }

  /** Sets {@link #tol}. */
  default E setTol(double value) {
    return Setters.with(this, trainingParams().schedule.tol, value);
  }

  /** The value of {@link #tol}. */
  default double getTol() {
    return (Double) getOrDefault(trainingParams().schedule.tol);
  }

  /**
   * Parameter: whether the model is that of the lowest held-out loss, not of the last epoch.
   * Without {@link #validationIndicatorCol} the last one is the only one.
   */
  default BooleanParam restoreBestWeights() {
    return trainingParams().schedule.restoreBestWeights;
  }

  /** Sets {@link #restoreBestWeights}. */
  default E setRestoreBestWeights(boolean value) {
    return Setters.with(this, trainingParams().schedule.restoreBestWeights, value);
  }

  /** The value of {@link #restoreBestWeights}. */
  default boolean getRestoreBestWeights() {
    return (Boolean) getOrDefault(trainingParams().schedule.restoreBestWeights);
  }

  /**
   * Parameter: whether a fit goes on from its folder's checkpoints. If not, it begins anew in a new
   * folder below {@code checkpointDir}; a {@code runDir} that holds checkpoints is refused, never
   * written over.
   */
  default BooleanParam resume() {
    return trainingParams().schedule.resume;
  }

  /** Sets {@link #resume}. */
  default E setResume(boolean value) {
    return Setters.with(this, trainingParams().schedule.resume, value);
  }

  /** The value of {@link #resume}. */
  default boolean getResume() {
    return (Boolean) getOrDefault(trainingParams().schedule.resume);
  }

  /**
   * Parameter: the checkpoint to go on from: the name of one in the run's folder, which must be its
   * newest, or the path of another run's, from which a run in an empty folder begins.
   */
  default Param<String> resumeFrom() {
    return trainingParams().schedule.resumeFrom;
  }

  /** Sets {@link #resumeFrom}. */
  default E setResumeFrom(String value) {
    return Setters.with(this, trainingParams().schedule.resumeFrom, value);
  }

  /** The value of {@link #resumeFrom}. */
  default String getResumeFrom() {
    return getOrDefault(trainingParams().schedule.resumeFrom);
  }

  /**
   * Parameter: a model to begin with, if the folder of this fit holds no checkpoint yet: the path
   * of a checkpoint, of a run's folder, or of a model that was written. Training starts from its
   * parameters, whatever data they were trained on; steps and epochs count from 0. It must be of
   * the same kind and shape, and its features made in the same way.
   */
  default Param<String> initialModel() {
    return trainingParams().schedule.initialModel;
  }

  /** Sets {@link #initialModel}. */
  default E setInitialModel(String value) {
    return Setters.with(this, trainingParams().schedule.initialModel, value);
  }

  /** Sets {@link #initialModel} to a model's checkpoint. */
  default E setInitialModel(CairnModel<?> value) {
    return setInitialModel(value.checkpoint());
  }

  /** The value of {@link #initialModel}. */
  default String getInitialModel() {
    return getOrDefault(trainingParams().schedule.initialModel);
  }

  /**
   * Parameter: whether the optimizer of {@link #initialModel} goes on, too, and with it the count
   * of steps, which schedules of the learning rate follow.
   */
  default BooleanParam initialOptimizerState() {
    return trainingParams().schedule.initialOptimizerState;
  }

  /** Sets {@link #initialOptimizerState}. */
  default E setInitialOptimizerState(boolean value) {
    return Setters.with(this, trainingParams().schedule.initialOptimizerState, value);
  }

  /** The value of {@link #initialOptimizerState}. */
  default boolean getInitialOptimizerState() {
    return (Boolean) getOrDefault(trainingParams().schedule.initialOptimizerState);
  }

  /**
   * Parameter: whether the features may be more than those of {@link #initialModel}, which are then
   * among them: a multiple of its hash space, or more columns and crosses. Each feature begins with
   * the weight, and the optimizer's state, that its place had, so that predictions on the old
   * columns stay what they were until training changes them.
   */
  default BooleanParam initialGrowth() {
    return trainingParams().schedule.initialGrowth;
  }

  /** Sets {@link #initialGrowth}. */
  default E setInitialGrowth(boolean value) {
    return Setters.with(this, trainingParams().schedule.initialGrowth, value);
  }

  /** The value of {@link #initialGrowth}. */
  default boolean getInitialGrowth() {
    return (Boolean) getOrDefault(trainingParams().schedule.initialGrowth);
  }
}
