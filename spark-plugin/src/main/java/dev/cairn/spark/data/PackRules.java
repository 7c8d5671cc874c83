package dev.cairn.spark.data;

import dev.cairn.checkpoint.model.FeatureScales;
import java.io.Serializable;

/**
 * The rules that make batches of a logical partition's rows; the same for all partitions.
 *
 * @param labels the kind of the labels
 * @param features the number of features, at least 1
 * @param batches the number of batches of an epoch, 1 or more
 * @param scales the scales of features
 * @param weightFactor the factor of the rows' weights
 */
record PackRules(
    LabelKind labels, int features, int batches, FeatureScales scales, double weightFactor)
    implements Serializable {

  /** Rules for labels of two classes, with features and weights as they are. */
  static PackRules plain(int features, int batches) {
    return new PackRules(LabelKind.BINARY, features, batches, FeatureScales.NONE, 1);
  }

  /** The same with other scales. */
  PackRules scaledBy(FeatureScales others) {
    return new PackRules(labels, features, batches, others, weightFactor);
  }
}
