package dev.cairn.spark.ml;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/** Where and how a fit saves, and what it may resume: parameters that change no trained bit. */
abstract sealed class CheckpointedParams extends ScheduleParams permits SparseLogisticRegression {
  private static final long serialVersionUID = 1L;

  CheckpointedParams(String uid) {
    super(uid);
  }

  /**
   * Parameter: folder below which each fit has a folder of its own, any Hadoop URI. Its name comes
   * from what decides the trained bits: parameters, data, and the uid if it was given. So the fits
   * of a CrossValidator never share one, and the same fit again goes on where it was stopped. Not
   * set: a folder that is deleted when the application ends ({@code spark.cairn.temp.dir}).
   */
  public Param<String> checkpointDir() {
    return training.saving.checkpointDir;
  }

  /** Sets {@link #checkpointDir}. */
  public SparseLogisticRegression setCheckpointDir(String value) {
    set(training.saving.checkpointDir, value);
    return self();
  }

  /** The value of {@link #checkpointDir}. */
  public String getCheckpointDir() {
    return getOrDefault(training.saving.checkpointDir);
  }

  /**
   * Parameter: folder of one run's checkpoints, instead of one below {@link #checkpointDir}. A fit
   * goes on from what lies there, also with more passes than before; changes of data or settings
   * are refused unless {@link #resumeAccept} names them.
   */
  public Param<String> runDir() {
    return training.saving.runDir;
  }

  /** Sets {@link #runDir}. */
  public SparseLogisticRegression setRunDir(String value) {
    set(training.saving.runDir, value);
    return self();
  }

  /** The value of {@link #runDir}. */
  public String getRunDir() {
    return getOrDefault(training.saving.runDir);
  }

  /** Parameter: steps between checkpoints, 0 (the default) for one at the end only. */
  public LongParam checkpointEverySteps() {
    return training.saving.checkpointEverySteps;
  }

  /** Sets {@link #checkpointEverySteps}. */
  public SparseLogisticRegression setCheckpointEverySteps(long value) {
    set(training.saving.checkpointEverySteps, value);
    return self();
  }

  /** The value of {@link #checkpointEverySteps}. */
  public long getCheckpointEverySteps() {
    return (Long) getOrDefault(training.saving.checkpointEverySteps);
  }

  /** Parameter: number of newest checkpoints that are kept, 0 for all; 3 by default. */
  public IntParam checkpointKeep() {
    return training.saving.checkpointKeep;
  }

  /** Sets {@link #checkpointKeep}. */
  public SparseLogisticRegression setCheckpointKeep(int value) {
    set(training.saving.checkpointKeep, value);
    return self();
  }

  /** The value of {@link #checkpointKeep}. */
  public int getCheckpointKeep() {
    return (Integer) getOrDefault(training.saving.checkpointKeep);
  }

  /** Parameter: whether training goes on while a save writes; true by default. */
  public BooleanParam checkpointAsync() {
    return training.saving.checkpointAsync;
  }

  /** Sets {@link #checkpointAsync}. */
  public SparseLogisticRegression setCheckpointAsync(boolean value) {
    set(training.saving.checkpointAsync, value);
    return self();
  }

  /** The value of {@link #checkpointAsync}. */
  public boolean getCheckpointAsync() {
    return (Boolean) getOrDefault(training.saving.checkpointAsync);
  }

  /**
   * Parameter: what a save does that is due while another is being written: wait or skip. Not set:
   * what {@code spark.cairn.save.in-flight} says.
   */
  public Param<String> checkpointInFlight() {
    return training.saving.checkpointInFlight;
  }

  /** Sets {@link #checkpointInFlight}. */
  public SparseLogisticRegression setCheckpointInFlight(String value) {
    set(training.saving.checkpointInFlight, value);
    return self();
  }

  /** The value of {@link #checkpointInFlight}. */
  public String getCheckpointInFlight() {
    return getOrDefault(training.saving.checkpointInFlight);
  }

  /**
   * Parameter: failed saves in a row that training survives. Not set: what {@code
   * spark.cairn.save.tolerated-failures} says.
   */
  public IntParam checkpointToleratedFailures() {
    return training.saving.checkpointToleratedFailures;
  }

  /** Sets {@link #checkpointToleratedFailures}. */
  public SparseLogisticRegression setCheckpointToleratedFailures(int value) {
    set(training.saving.checkpointToleratedFailures, value);
    return self();
  }

  /** The value of {@link #checkpointToleratedFailures}. */
  public int getCheckpointToleratedFailures() {
    return (Integer) getOrDefault(training.saving.checkpointToleratedFailures);
  }

  /** Parameter: changes that are meant when resuming: data, or names of changed settings. */
  public StringArrayParam resumeAccept() {
    return training.resumeAccept;
  }

  /** Sets {@link #resumeAccept}. */
  public SparseLogisticRegression setResumeAccept(String[] value) {
    set(training.resumeAccept, value);
    return self();
  }

  /** The value of {@link #resumeAccept}. */
  public String[] getResumeAccept() {
    return getOrDefault(training.resumeAccept);
  }
}
