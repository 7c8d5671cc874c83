package dev.cairn.spark.model;

import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.shard.ParameterVariable;
import java.util.List;

/**
 * Binary logistic regression: a {@link LinearModel} with the {@link LogisticLoss}.
 *
 * @param features size of the feature space
 * @param intercept whether the intercept is trained; the variable is there in any case
 */
public record LogisticModel(int features, boolean intercept) implements Model {
  private static final long serialVersionUID = 1;

  /** Checks the size. */
  public LogisticModel {
    Sizes.checkFeatures(features, 1, 0);
  }

  private LinearModel linear() {
    return new LinearModel(features, intercept, new LogisticLoss());
  }

  @Override
  public String kind() {
    return linear().kind();
  }

  /** Global rows 0 to {@code features - 1} are the weights, the next one is the intercept. */
  @Override
  public List<ParameterVariable> variables() {
    return linear().variables();
  }

  @Override
  public LabelKind labels() {
    return linear().labels();
  }

  @Override
  public boolean centres() {
    return linear().centres();
  }

  @Override
  public Kernel kernel() {
    return linear().kernel();
  }
}
