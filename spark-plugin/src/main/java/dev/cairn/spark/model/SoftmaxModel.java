package dev.cairn.spark.model;

import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.shard.ParameterVariable;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Multinomial logistic regression: a weight for each feature and class, an intercept for each
 * class. Labels are the numbers of classes.
 *
 * @param features size of the feature space
 * @param classes the number of classes, 2 or more
 * @param intercept whether the intercepts are trained; the variable is there in any case
 */
public record SoftmaxModel(int features, int classes, boolean intercept) implements Model {
  private static final long serialVersionUID = 1;

  /** The most classes: floats have all whole numbers up to here. */
  private static final int MOST_CLASSES = 1 << 24;

  /** Checks the sizes. */
  public SoftmaxModel {
    Sizes.check("classes", classes, 2, MOST_CLASSES);
    Sizes.checkFeatures(features, 1, classes);
  }

  @Override
  public ModelDefinition definition() {
    SortedMap<String, String> settings = new TreeMap<>();
    settings.put(Models.FEATURES, Integer.toString(features));
    settings.put(Models.CLASSES, Integer.toString(classes));
    settings.put(Models.FIT_INTERCEPT, Boolean.toString(intercept));
    return new ModelDefinition(Models.SOFTMAX, settings);
  }

  @Override
  public List<ParameterVariable> variables() {
    return List.of(
        ParameterVariable.table("weights", features, classes),
        ParameterVariable.vector("bias", classes));
  }

  @Override
  public LabelKind labels() {
    return LabelKind.CLASS;
  }

  @Override
  public boolean centres() {
    return intercept;
  }

  @Override
  public Kernel kernel() {
    return new SoftmaxKernel(classes, intercept);
  }
}
