package dev.cairn.spark.model;

import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.shard.ParameterVariable;
import java.util.List;

/**
 * Binary logistic regression: one weight a feature, and an intercept.
 *
 * @param features size of the feature space
 * @param intercept whether the intercept is trained; the variable is there in any case
 */
public record LogisticModel(int features, boolean intercept) implements Model {
  private static final long serialVersionUID = 1;

  /** Checks the size. */
  public LogisticModel {
    if (features < 1 || features > Integer.MAX_VALUE - 16) {
      throw new IllegalArgumentException(
          "Cannot lay out a model: expected 1 to "
              + (Integer.MAX_VALUE - 16)
              + " features, found "
              + features);
    }
  }

  @Override
  public String kind() {
    return "logistic";
  }

  /** Global rows 0 to {@code features - 1} are the weights, the next one is the intercept. */
  @Override
  public List<ParameterVariable> variables() {
    return List.of(
        ParameterVariable.table("weights", features, 1), ParameterVariable.scalar("bias"));
  }

  @Override
  public LabelKind labels() {
    return LabelKind.BINARY;
  }

  @Override
  public boolean centres() {
    return intercept;
  }

  @Override
  public Kernel kernel() {
    return new LinearKernel(new LogisticLoss(), intercept);
  }
}
