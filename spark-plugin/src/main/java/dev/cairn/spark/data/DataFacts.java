package dev.cairn.spark.data;

import dev.cairn.checkpoint.model.FeatureScales;

/**
 * What a run's data is, without the data.
 *
 * @param samples number of samples
 * @param batchesPerEpoch steps of an epoch
 * @param fingerprint of the rows as a multiset
 * @param scales what numeric features are divided by
 */
public record DataFacts(
    long samples, int batchesPerEpoch, String fingerprint, FeatureScales scales) {}
