package dev.cairn.spark.model;

import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import java.util.List;

/** The variables of logistic regression: one weight a feature, and an intercept. */
public final class LogisticModel {
  private LogisticModel() {}

  /** Global rows 0 to {@code features - 1} are the weights, the next one is the intercept. */
  public static ParameterLayout layout(int features) {
    if (features < 1 || features > Integer.MAX_VALUE - 16) {
      throw new IllegalArgumentException(
          "Cannot lay out a model: expected 1 to "
              + (Integer.MAX_VALUE - 16)
              + " features, found "
              + features);
    }
    return new ParameterLayout(
        List.of(ParameterVariable.table("weights", features, 1), ParameterVariable.scalar("bias")));
  }
}
