package dev.cairn.jobs.config;

import static dev.cairn.jobs.config.ConfKey.optional;
import static dev.cairn.jobs.config.ConfKey.own;

import dev.cairn.spark.settings.DescentSettings;
import dev.cairn.spark.settings.FeatureSettings;
import dev.cairn.spark.settings.Values;
import java.util.List;

/** The keys of rows' weights, their offsets, and the scaling of numbers. */
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
      ConfKey.of("train.offset", "SQL expression", FeatureSettings.OFFSET, Parsers.text());

  public static final ConfKey<String> CLASS_WEIGHT =
      own(
          "class.weight",
          Values.oneOf(List.of("none", "balanced")),
          "none",
          "balanced weighs rows so that both labels count the same in all, however rare one"
              + " is.");

  public static final ConfKey<Boolean> STANDARDIZATION =
      ConfKey.of("train.standardization", DescentSettings.STANDARDIZATION);

  public static final ConfKey<Boolean> FIT_INTERCEPT =
      ConfKey.of("train.fit-intercept", DescentSettings.FIT_INTERCEPT);
}
