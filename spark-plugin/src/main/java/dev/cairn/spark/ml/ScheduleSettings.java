package dev.cairn.spark.ml;

import dev.cairn.spark.settings.DescentSettings;
import dev.cairn.spark.settings.SavingSettings;
import dev.cairn.spark.trainer.ResumeSettings;
import dev.cairn.spark.trainer.StoppingSettings;
import java.util.Arrays;
import java.util.TreeSet;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/** The parameters of a fit's beginning and end. */
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
  final BooleanParam initialGrowth;

  private final Params owner;

  ScheduleSettings(Params owner) {
    this.owner = owner;
    validationIndicatorCol = SettingParams.text(owner, DescentSettings.VALIDATION_INDICATOR_COL);
    patience = SettingParams.whole(owner, DescentSettings.PATIENCE);
    validationTol = SettingParams.number(owner, DescentSettings.VALIDATION_TOL);
    tol = SettingParams.number(owner, DescentSettings.TOL);
    restoreBestWeights = SettingParams.flag(owner, DescentSettings.RESTORE_BEST_WEIGHTS);
    resume = SettingParams.flag(owner, SavingSettings.RESUME);
    resumeFrom = SettingParams.text(owner, SavingSettings.RESUME_FROM);
    resumeAccept = SettingParams.texts(owner, SavingSettings.RESUME_ACCEPT);
    initialModel = SettingParams.text(owner, SavingSettings.INITIAL_MODEL);
    initialOptimizerState = SettingParams.flag(owner, SavingSettings.INITIAL_OPTIMIZER_STATE);
    initialGrowth = SettingParams.flag(owner, SavingSettings.INITIAL_GROWTH);
  }

  /** The column that marks the rows that are held out; empty if none are. */
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
   * The settings for ending training.
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

  /** The settings for resuming a run. */
  ResumeSettings resuming() {
    return new ResumeSettings(
        (Boolean) owner.getOrDefault(resume),
        owner.isDefined(resumeFrom) ? owner.getOrDefault(resumeFrom) : "",
        new TreeSet<>(Arrays.asList(owner.getOrDefault(resumeAccept))));
  }
}
