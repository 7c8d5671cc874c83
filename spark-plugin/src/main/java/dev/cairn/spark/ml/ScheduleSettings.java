package dev.cairn.spark.ml;

import dev.cairn.spark.trainer.ResumeSettings;
import dev.cairn.spark.trainer.StoppingSettings;
import java.util.Arrays;
import java.util.TreeSet;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/** The parameters of where a fit begins and ends, with their defaults. */
final class ScheduleSettings {
  final Param<String> validationIndicatorCol;
  final IntParam patience;
  final DoubleParam validationTol;
  final DoubleParam tol;
  final BooleanParam restoreBestWeights;
  final BooleanParam resume;
  final Param<String> resumeFrom;
  final StringArrayParam resumeAccept;
  final Param<String> initialModel;
  final BooleanParam initialOptimizerState;

  private final Params owner;

  ScheduleSettings(Params owner) {
    this.owner = owner;
    validationIndicatorCol =
        new Param<>(
            owner,
            "validationIndicatorCol",
            "boolean column: rows with true are held out of training, and judged on at the end of"
                + " each epoch");
    patience =
        new IntParam(
            owner,
            "patience",
            "end when so many epochs in a row had no better held-out loss, 0 for never",
            ParamValidators.gtEq(0.0));
    validationTol =
        new DoubleParam(
            owner,
            "validationTol",
            "an epoch is better when its held-out loss is lower by more than this part of the best",
            ParamValidators.gtEq(0.0));
    tol =
        new DoubleParam(
            owner,
            "tol",
            "end when an epoch lowers the mean training loss by no more than this part, 0 for"
                + " never",
            ParamValidators.gtEq(0.0));
    restoreBestWeights =
        new BooleanParam(
            owner,
            "restoreBestWeights",
            "whether the model is that of the lowest held-out loss, not of the last epoch");
    resume = new BooleanParam(owner, "resume", "whether a fit goes on from what its folder holds");
    resumeFrom =
        new Param<>(
            owner,
            "resumeFrom",
            "checkpoint to go on from: a name in the run's folder, or the path of another run's");
    resumeAccept =
        new StringArrayParam(
            owner,
            "resumeAccept",
            "changes that are meant when resuming: data, or names of changed settings");
    initialModel =
        new Param<>(
            owner,
            "initialModel",
            "checkpoint, or folder of a run or a model, whose parameters a fit begins with");
    initialOptimizerState =
        new BooleanParam(
            owner,
            "initialOptimizerState",
            "whether the initial model's optimizer goes on, too, with its count of steps");
    defaults();
  }

  private void defaults() {
    owner.setDefault(initialOptimizerState, false);
    owner.setDefault(patience, 0);
    owner.setDefault(validationTol, 0.0);
    owner.setDefault(tol, 0.0);
    owner.setDefault(restoreBestWeights, true);
    owner.setDefault(resume, true);
    owner.setDefault(resumeAccept, new String[0]);
  }

  /** The column that says which rows are held out; empty if none are. */
  String indicator() {
    return owner.isDefined(validationIndicatorCol)
        ? owner.getOrDefault(validationIndicatorCol)
        : "";
  }

  /** Whether rows are held out. */
  boolean holdsOut() {
    return !indicator().isEmpty();
  }

  /**
   * When training ends.
   *
   * @throws IllegalArgumentException for patience without rows to judge on
   */
  StoppingSettings stopping() {
    int epochs = (Integer) owner.getOrDefault(patience);
    double better = (Double) owner.getOrDefault(validationTol);
    if (epochs > 0 && !holdsOut()) {
      throw new IllegalArgumentException(
          "Cannot train with patience "
              + epochs
              + ": it counts epochs without a better held-out loss, expected rows that are held out"
              + " (validationIndicatorCol, or split.validation on the command line)");
    }
    if (better > 0 && epochs == 0) {
      throw new IllegalArgumentException(
          "Cannot train with validationTol "
              + better
              + ": it says which epochs patience counts, expected patience above 0");
    }
    return new StoppingSettings(
        epochs,
        better,
        (Double) owner.getOrDefault(tol),
        (Boolean) owner.getOrDefault(restoreBestWeights));
  }

  /** What a run goes on from. */
  ResumeSettings resuming() {
    return new ResumeSettings(
        (Boolean) owner.getOrDefault(resume),
        owner.isDefined(resumeFrom) ? owner.getOrDefault(resumeFrom) : "",
        new TreeSet<>(Arrays.asList(owner.getOrDefault(resumeAccept))));
  }
}
