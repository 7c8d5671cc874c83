package dev.cairn.spark.model;

import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.shard.Initializer;
import dev.cairn.spark.shard.ParameterVariable;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A factorization machine: S. Rendle, "Factorization Machines", ICDM 2010. The margin is that of a
 * linear model plus, for each pair of a sample's features, the product of their values and of their
 * factors: {@code bias + sum of w_i x_i + sum over i < j of <v_i, v_j> x_i x_j}. With the {@link
 * LogisticLoss} it classifies, with the {@link SquaredLoss} it is a regression.
 *
 * <p>Features are not centred: absent ones would then take part in every pair. All three variables
 * are regularised, the intercept, too, as in MLlib.
 *
 * @param features size of the feature space
 * @param rank the number of factors of a feature, 1 or more
 * @param intercept whether the intercept is trained; the variable is there in any case
 * @param linear whether the linear term's weights are trained; the variable is there in any case
 * @param loss the loss of a margin
 * @param factors the factors before training; zeros would stay zeros
 */
public record FactorizationMachine(
    int features, int rank, boolean intercept, boolean linear, MarginLoss loss, Initializer factors)
    implements Model {
  private static final long serialVersionUID = 1;

  /**
   * The largest rank: with more, a row of factors would be larger than the first block of a shard.
   */
  private static final int LARGEST_RANK = 1 << 16;

  /** Checks the sizes. */
  public FactorizationMachine {
    Objects.requireNonNull(loss, "loss");
    Sizes.check("factors a feature", rank, 1, LARGEST_RANK);
    Sizes.checkFeatures(features, 2, 1);
    if (factors.deviation() == 0) {
      throw new IllegalArgumentException(
          "Cannot lay out a model: expected factors that start with a deviation above 0, found 0:"
              + " they would never change");
    }
  }

  /**
   * Makes a machine.
   *
   * @param deviation standard deviation of the normal distribution that factors start with
   * @param seed the seed of that distribution
   */
  public static FactorizationMachine of(
      int features,
      int rank,
      boolean intercept,
      boolean linear,
      MarginLoss loss,
      double deviation,
      long seed) {
    return new FactorizationMachine(
        features, rank, intercept, linear, loss, Initializer.normal(deviation, seed));
  }

  @Override
  public ModelDefinition definition() {
    SortedMap<String, String> settings = new TreeMap<>(loss.settings());
    settings.put(Models.FEATURES, Integer.toString(features));
    settings.put(Models.RANK, Integer.toString(rank));
    settings.put(Models.FIT_INTERCEPT, Boolean.toString(intercept));
    settings.put(Models.FIT_LINEAR, Boolean.toString(linear));
    settings.put(Models.FACTORS_DEVIATION, Double.toString(factors.deviation()));
    settings.put(Models.FACTORS_SEED, Long.toString(factors.seed()));
    return new ModelDefinition(Models.MACHINE + loss.kind(), settings);
  }

  @Override
  public List<ParameterVariable> variables() {
    return List.of(
        ParameterVariable.table("weights", features, 1),
        ParameterVariable.table("factors", features, rank).startingWith(factors),
        new ParameterVariable("bias", 1, 1, 0, true, Initializer.ZEROS));
  }

  @Override
  public LabelKind labels() {
    return loss.labels();
  }

  @Override
  public boolean centres() {
    return false;
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
    return new FactorizationKernel(rank, intercept, linear, loss);
  }
}
