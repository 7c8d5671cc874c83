package dev.cairn.spark.data;

import dev.cairn.checkpoint.model.FeatureScales;
import java.io.Serializable;

/**
 * How the rows of a logical partition become batches; the same for all partitions.
 *
 * @param labels what labels are
 * @param features number of features, at least 1
 * @param batches batches of an epoch, 1 or more
 * @param scales how features are standardised
 * @param weightFactor what rows' weights are multiplied by
 */
record PackRules(
    LabelKind labels, int features, int batches, FeatureScales scales, double weightFactor)
    implements Serializable {

  /** Labels of two classes, features and weights as they are. */
  static PackRules plain(int features, int batches) {
    return new PackRules(LabelKind.BINARY, features, batches, FeatureScales.NONE, 1);
  }

  /** The same with other scales. */
  PackRules scaledBy(FeatureScales others) {
    return new PackRules(labels, features, batches, others, weightFactor);
  }
}
