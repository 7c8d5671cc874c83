package dev.cairn.spark.ml;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * Parameters of saving and resuming a fit, which change no trained bit.
 *
 * @param <E> the estimator
 */
public interface CheckpointedParams<E> extends TrainingParams.Owner {
  /**
   * Parameter: folder below which each fit has a folder of its own, any Hadoop URI. Its name comes
   * from what decides the trained bits: parameters, data, and the uid if it was given. So the fits
   * of a CrossValidator never share one, and the same fit again goes on where it was stopped. Not
   * set: a folder that is deleted when the application ends ({@code spark.cairn.temp.dir}).
   */
  default Param<String> checkpointDir() {
    return trainingParams().saving.checkpointDir;
  }

  /** Sets {@link #checkpointDir}. */
  default E setCheckpointDir(String value) {
    return Setters.with(this, trainingParams().saving.checkpointDir, value);
  }

  /** The value of {@link #checkpointDir}. */
  default String getCheckpointDir() {
    return getOrDefault(trainingParams().saving.checkpointDir);
  }

  /**
   * Parameter: folder of one run's checkpoints, instead of one below {@link #checkpointDir}. A fit
   * goes on from what lies there, also with more passes than before; changes of data or settings
   * are refused unless {@link #resumeAccept} names them.
   */
  default Param<String> runDir() {
    return trainingParams().saving.runDir;
  }

  /** Sets {@link #runDir}. */
  default E setRunDir(String value) {
    return Setters.with(this, trainingParams().saving.runDir, value);
  }

  /** The value of {@link #runDir}. */
  default String getRunDir() {
    return getOrDefault(trainingParams().saving.runDir);
  }

  /** Parameter: steps between checkpoints, 0 for one at the end only. */
  default LongParam checkpointEverySteps() {
    return trainingParams().saving.checkpointEverySteps;
  }

  /** Sets {@link #checkpointEverySteps}. */
  default E setCheckpointEverySteps(long value) {
    return Setters.with(this, trainingParams().saving.checkpointEverySteps, value);
  }

  /** The value of {@link #checkpointEverySteps}. */
  default long getCheckpointEverySteps() {
    return (Long) getOrDefault(trainingParams().saving.checkpointEverySteps);
  }

  /** Parameter: number of newest checkpoints that are kept, 0 for all. */
  default IntParam checkpointKeep() {
    return trainingParams().saving.checkpointKeep;
  }

  /** Sets {@link #checkpointKeep}. */
  default E setCheckpointKeep(int value) {
    return Setters.with(this, trainingParams().saving.checkpointKeep, value);
  }

  /** The value of {@link #checkpointKeep}. */
  default int getCheckpointKeep() {
    return (Integer) getOrDefault(trainingParams().saving.checkpointKeep);
  }

  /** Parameter: whether training goes on while a save writes. */
  default BooleanParam checkpointAsync() {
    return trainingParams().saving.checkpointAsync;
  }

  /** Sets {@link #checkpointAsync}. */
  default E setCheckpointAsync(boolean value) {
    return Setters.with(this, trainingParams().saving.checkpointAsync, value);
  }

  /** The value of {@link #checkpointAsync}. */
  default boolean getCheckpointAsync() {
    return (Boolean) getOrDefault(trainingParams().saving.checkpointAsync);
  }

  /**
   * Parameter: the behaviour of a save that is due while another is being written: wait or skip.
   * Not set: the value of {@code spark.cairn.save.in-flight}.
   */
  default Param<String> checkpointInFlight() {
    return trainingParams().saving.checkpointInFlight;
  }

  /** Sets {@link #checkpointInFlight}. */
  default E setCheckpointInFlight(String value) {
    return Setters.with(this, trainingParams().saving.checkpointInFlight, value);
  }

  /** The value of {@link #checkpointInFlight}. */
  default String getCheckpointInFlight() {
    return getOrDefault(trainingParams().saving.checkpointInFlight);
  }

  /**
   * Parameter: failed saves in a row that training survives. Not set: the value of {@code
   * spark.cairn.save.tolerated-failures}.
   */
  default IntParam checkpointToleratedFailures() {
    return trainingParams().saving.checkpointToleratedFailures;
  }

  /** Sets {@link #checkpointToleratedFailures}. */
  default E setCheckpointToleratedFailures(int value) {
    return Setters.with(this, trainingParams().saving.checkpointToleratedFailures, value);
  }

  /** The value of {@link #checkpointToleratedFailures}. */
  default int getCheckpointToleratedFailures() {
    return (Integer) getOrDefault(trainingParams().saving.checkpointToleratedFailures);
  }

  /** Parameter: changes that are meant when resuming: data, or names of changed settings. */
  default StringArrayParam resumeAccept() {
    return trainingParams().schedule.resumeAccept;
  }

  /** Sets {@link #resumeAccept}. */
  default E setResumeAccept(String[] value) {
    return Setters.with(this, trainingParams().schedule.resumeAccept, value);
  }

  /** The value of {@link #resumeAccept}. */
  default String[] getResumeAccept() {
    return getOrDefault(trainingParams().schedule.resumeAccept);
  }
}
