package dev.cairn.jobs.config;

import static dev.cairn.jobs.config.ConfKey.optional;

/** The keys that say how much rows count, what is added to them, and how numbers are scaled. */
public final class RowKeys {
  private RowKeys() {}

  public static final ConfKey<String> WEIGHT =
      optional(
          "train.weight",
          "SQL expression",
          "",
          "How much each row counts, such as a column of weights; empty for all the same.",
          Parsers.text());

  public static final ConfKey<String> OFFSET =
      optional(
          "train.offset",
          "SQL expression",
          "",
          "What is added to each row's margin and not trained, such as ln(exposure) beside"
              + " model.loss=poisson; empty for nothing.",
          Parsers.text());

  public static final ConfKey<String> CLASS_WEIGHT =
      optional(
          "class.weight",
          "none or balanced",
          "none",
          "balanced weighs rows so that both labels count the same in all, however rare one is.",
          Parsers.oneOf("none", "balanced"));

  public static final ConfKey<Boolean> STANDARDIZATION =
      optional(
          "train.standardization",
          "true or false",
          "true",
          "Divide numeric features by their standard deviations while training; the model is for the values as they are.",
          Parsers.bool());

  public static final ConfKey<Boolean> FIT_INTERCEPT =
      optional(
          "train.fit-intercept",
          "true or false",
          "true",
          "Whether an intercept is trained.",
          Parsers.bool());
}
