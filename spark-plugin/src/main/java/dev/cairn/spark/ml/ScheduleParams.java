package dev.cairn.spark.ml;

import dev.cairn.spark.trainer.ResumeSettings;
import dev.cairn.spark.trainer.StoppingSettings;
import java.util.Set;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;

/**
 * Where a fit begins, where it ends, and what its result is: resuming, held-out rows, early
 * stopping.
 */
abstract sealed class ScheduleParams extends OptimizerParams permits CheckpointedParams {
  private static final long serialVersionUID = 1L;

  private final Param<String> validationIndicatorCol;
  private final IntParam patience;
  private final DoubleParam validationTol;
  private final DoubleParam tol;
  private final BooleanParam restoreBestWeights;
  private final BooleanParam resume;
  private final Param<String> resumeFrom;

  ScheduleParams(String uid) {
    super(uid);
    validationIndicatorCol =
        new Param<>(
            this,
            "validationIndicatorCol",
            "boolean column: rows with true are held out of training, and judged on at the end of"
                + " each epoch");
    patience =
        new IntParam(
            this,
            "patience",
            "end when so many epochs in a row had no better held-out loss, 0 for never",
            ParamValidators.gtEq(0.0));
    validationTol =
        new DoubleParam(
            this,
            "validationTol",
            "an epoch is better when its held-out loss is lower by more than this part of the best",
            ParamValidators.gtEq(0.0));
    tol =
        new DoubleParam(
            this,
            "tol",
            "end when an epoch lowers the mean training loss by no more than this part, 0 for"
                + " never",
            ParamValidators.gtEq(0.0));
    restoreBestWeights =
        new BooleanParam(
            this,
            "restoreBestWeights",
            "whether the model is that of the lowest held-out loss, not of the last epoch");
    resume = new BooleanParam(this, "resume", "whether a fit goes on from what its folder holds");
    resumeFrom =
        new Param<>(
            this,
            "resumeFrom",
            "checkpoint to go on from: a name in the run's folder, or the path of another run's");
    setDefault(patience, 0);
    setDefault(validationTol, 0.0);
    setDefault(tol, 0.0);
    setDefault(restoreBestWeights, true);
    setDefault(resume, true);
  }

  /**
   * Parameter: a boolean column; rows with true are held out of training. Their mean log loss is
   * told and stored at the end of each epoch, when the parameters are saved if they are the best so
   * far.
   */
  public Param<String> validationIndicatorCol() {
    return validationIndicatorCol;
  }

  /** Sets {@link #validationIndicatorCol}. */
  public SparseLogisticRegression setValidationIndicatorCol(String value) {
    set(validationIndicatorCol, value);
    return self();
  }

  /** The value of {@link #validationIndicatorCol}. */
  public String getValidationIndicatorCol() {
    return getOrDefault(validationIndicatorCol);
  }

  /**
   * Parameter: training ends when so many epochs in a row had no better held-out loss; 0 (the
   * default) for never. Needs {@link #validationIndicatorCol}.
   */
  public IntParam patience() {
    return patience;
  }

  /** Sets {@link #patience}. */
  public SparseLogisticRegression setPatience(int value) {
    set(patience, value);
    return self();
  }

  /** The value of {@link #patience}. */
  public int getPatience() {
    return (Integer) getOrDefault(patience);
  }

  /**
   * Parameter: an epoch counts as better when its held-out loss is below the best before it by more
   * than this part of that (of 0.01, if that is smaller, as in MLlib); 0 by default. Needs {@link
   * #patience}.
   */
  public DoubleParam validationTol() {
    return validationTol;
  }

  /** Sets {@link #validationTol}. */
  public SparseLogisticRegression setValidationTol(double value) {
    set(validationTol, value);
    return self();
  }

  /** The value of {@link #validationTol}. */
  public double getValidationTol() {
    return (Double) getOrDefault(validationTol);
  }

  /**
   * Parameter: training ends when an epoch makes the mean loss of the training rows lower by no
   * more than this part of it (of 0.01, if that is smaller); 0 (the default) for never. The loss of
   * a row is taken when its batch is trained.
   */
  public DoubleParam tol() {
    return tol;
  }

  /** Sets {@link #tol}. */
  public SparseLogisticRegression setTol(double value) {
    set(tol, value);
    return self();
  }

  /** The value of {@link #tol}. */
  public double getTol() {
    return (Double) getOrDefault(tol);
  }

  /**
   * Parameter: whether the model is that of the lowest held-out loss, not of the last epoch; true
   * by default. Without {@link #validationIndicatorCol} the last one is the only one.
   */
  public BooleanParam restoreBestWeights() {
    return restoreBestWeights;
  }

  /** Sets {@link #restoreBestWeights}. */
  public SparseLogisticRegression setRestoreBestWeights(boolean value) {
    set(restoreBestWeights, value);
    return self();
  }

  /** The value of {@link #restoreBestWeights}. */
  public boolean getRestoreBestWeights() {
    return (Boolean) getOrDefault(restoreBestWeights);
  }

  /**
   * Parameter: whether a fit goes on from what its folder holds; true by default. If not, it begins
   * anew in a new folder below {@code checkpointDir}; a {@code runDir} that holds checkpoints is
   * refused, never written over.
   */
  public BooleanParam resume() {
    return resume;
  }

  /** Sets {@link #resume}. */
  public SparseLogisticRegression setResume(boolean value) {
    set(resume, value);
    return self();
  }

  /** The value of {@link #resume}. */
  public boolean getResume() {
    return (Boolean) getOrDefault(resume);
  }

  /**
   * Parameter: the checkpoint to go on from: the name of one in the run's folder, which must be its
   * newest, or the path of another run's, from which a run in an empty folder begins.
   */
  public Param<String> resumeFrom() {
    return resumeFrom;
  }

  /** Sets {@link #resumeFrom}. */
  public SparseLogisticRegression setResumeFrom(String value) {
    set(resumeFrom, value);
    return self();
  }

  /** The value of {@link #resumeFrom}. */
  public String getResumeFrom() {
    return getOrDefault(resumeFrom);
  }

  /** Whether rows are held out. */
  final boolean holdsOut() {
    return isDefined(validationIndicatorCol) && !getValidationIndicatorCol().isEmpty();
  }

  /**
   * When training ends.
   *
   * @throws IllegalArgumentException for patience without rows to judge on
   */
  final StoppingSettings stopping() {
    if (getPatience() > 0 && !holdsOut()) {
      throw new IllegalArgumentException(
          "Cannot train with patience "
              + getPatience()
              + ": it counts epochs without a better held-out loss, expected rows that are held out"
              + " (validationIndicatorCol, or split.validation on the command line)");
    }
    if (getValidationTol() > 0 && getPatience() == 0) {
      throw new IllegalArgumentException(
          "Cannot train with validationTol "
              + getValidationTol()
              + ": it says which epochs patience counts, expected patience above 0");
    }
    return new StoppingSettings(
        getPatience(), getValidationTol(), getTol(), getRestoreBestWeights());
  }

  /** What a run goes on from. */
  final ResumeSettings resuming(Set<String> accepted) {
    return new ResumeSettings(getResume(), isDefined(resumeFrom) ? getResumeFrom() : "", accepted);
  }
}
