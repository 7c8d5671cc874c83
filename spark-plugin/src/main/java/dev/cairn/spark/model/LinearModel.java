package dev.cairn.spark.model;

import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.shard.ParameterVariable;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A linear model: one weight a feature, an intercept, and a loss of the margin {@code w x + bias},
 * to which a row may add its offset. Linear regression is one with {@link SquaredLoss}, {@link
 * HuberLoss} or {@link PoissonLoss}, a linear support vector machine is one with {@link HingeLoss}
 * or {@link SquaredHingeLoss}.
 *
 * @param features size of the feature space
 * @param intercept whether the intercept is trained; the variable is there in any case
 * @param loss the loss of a margin
 */
public record LinearModel(int features, boolean intercept, MarginLoss loss) implements Model {
  private static final long serialVersionUID = 1;

  /** Checks the size. */
  public LinearModel {
    Objects.requireNonNull(loss, "loss");
    Sizes.checkFeatures(features, 1, 0);
  }

  @Override
  public ModelDefinition definition() {
    SortedMap<String, String> settings = new TreeMap<>(loss.settings());
    settings.put(Models.FEATURES, Integer.toString(features));
    settings.put(Models.FIT_INTERCEPT, Boolean.toString(intercept));
    return new ModelDefinition(loss.kind(), settings);
  }

  /**
   * The variables: global rows 0 to {@code features - 1} are the weights, the next one is the
   * intercept.
   */
  @Override
  public List<ParameterVariable> variables() {
    return List.of(
        ParameterVariable.table("weights", features, 1), ParameterVariable.scalar("bias"));
  }

  @Override
  public LabelKind labels() {
    return loss.labels();
  }

  @Override
  public boolean centres() {
    return intercept;
  }

  @Override
  public boolean addsOffsets() {
    return true;
  }

  @Override
  public Decision decision(double threshold) {
    return loss.decision(threshold);
  }

  @Override
  public Kernel kernel() {
    return new LinearKernel(loss, intercept);
  }
}
