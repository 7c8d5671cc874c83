package dev.cairn.spark.data;

import dev.cairn.checkpoint.model.FeatureScales;
import java.io.Serializable;

/**
 * How the rows of a logical partition become batches; the same for all partitions.
 *
 * @param features number of features, at least 1; global row {@code features} is the intercept
 * @param batches batches of an epoch, 1 or more
 * @param intercept whether there is an intercept
 * @param scales how features are standardised
 * @param weightFactor what rows' weights are multiplied by
 */
record PackRules(
    int features, int batches, boolean intercept, FeatureScales scales, double weightFactor)
    implements Serializable {

  /** With an intercept, features and weights as they are. */
  static PackRules plain(int features, int batches) {
    return new PackRules(features, batches, true, FeatureScales.NONE, 1);
  }
}
