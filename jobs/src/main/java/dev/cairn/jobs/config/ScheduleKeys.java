package dev.cairn.jobs.config;

import static dev.cairn.jobs.config.ConfKey.optional;

/** The keys that say where a run begins and where it ends, beside its number of epochs. */
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
      optional(
          "train.patience",
          "integer",
          "0",
          "Stop when so many epochs in a row had no better loss on the validation rows; 0 for"
              + " never.",
          Parsers.integer(0, Integer.MAX_VALUE));

  public static final ConfKey<Double> VALIDATION_TOL =
      optional(
          "train.validation-tol",
          "number",
          "0",
          "An epoch is better for train.patience when its validation loss is lower by more than"
              + " this part of the best.",
          Parsers.number(0, true));

  public static final ConfKey<Double> TOL =
      optional(
          "train.tol",
          "number",
          "0",
          "Stop when an epoch lowers the mean training loss by no more than this part of it; 0 for"
              + " never.",
          Parsers.number(0, true));

  public static final ConfKey<String> RESULT =
      optional(
          "train.result",
          "best or last",
          "best",
          "Which checkpoint is the model where there are validation rows: that of the epoch with"
              + " the lowest loss on them, or the last one.",
          Parsers.oneOf("best", "last"));

  public static final ConfKey<Boolean> RESUME =
      optional(
          "resume",
          "true or false",
          "true",
          "Go on from what checkpoint.dir holds; if false, a folder that holds checkpoints is"
              + " refused.",
          Parsers.bool());

  public static final ConfKey<String> RESUME_FROM =
      optional(
          "resume.from",
          "name or path of a checkpoint",
          "",
          "Go on from this checkpoint: one of checkpoint.dir by its name, which must be the newest,"
              + " or that of another run by its path, into an empty checkpoint.dir.",
          Parsers.nameOrPath());
}
