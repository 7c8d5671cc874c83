package dev.cairn.jobs.config;

import static dev.cairn.jobs.config.ConfKey.optional;
import static dev.cairn.jobs.config.ConfKey.own;

import dev.cairn.spark.settings.DescentSettings;
import dev.cairn.spark.settings.SavingSettings;
import dev.cairn.spark.settings.Values;
import java.util.List;

/** The keys of a run's beginning and end, beside its number of epochs. */
public final class ScheduleKeys {
  private ScheduleKeys() {}

  public static final ConfKey<String> VALIDATION =
      optional(
          "split.validation",
          "SQL predicate, or a share",
          "",
          "Rows that are kept out of training and judge it at the end of every epoch: a condition,"
              + " or a share such as 0.1, drawn as that of split.test is; empty for none.",
          Parsers.text());

  public static final ConfKey<Integer> PATIENCE =
      ConfKey.of("train.patience", DescentSettings.PATIENCE);

  public static final ConfKey<Double> VALIDATION_TOL =
      ConfKey.of("train.validation-tol", DescentSettings.VALIDATION_TOL);

  public static final ConfKey<Double> TOL = ConfKey.of("train.tol", DescentSettings.TOL);

  public static final ConfKey<String> RESULT =
      own(
          "train.result",
          Values.oneOf(List.of("best", "last")),
          "best",
          "Which checkpoint is the model where there are validation rows: that of the epoch with"
              + " the lowest loss on them, or the last one.");

  public static final ConfKey<Boolean> RESUME = ConfKey.of("resume", SavingSettings.RESUME);

  public static final ConfKey<String> RESUME_FROM =
      ConfKey.of(
          "resume.from",
          "name or path of a checkpoint",
          SavingSettings.RESUME_FROM,
          Parsers.nameOrPath());
}
