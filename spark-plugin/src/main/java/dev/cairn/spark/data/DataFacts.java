package dev.cairn.spark.data;

import dev.cairn.checkpoint.model.FeatureScales;

/**
 * A description of a run's data, without the data.
 *
 * @param samples the number of samples
 * @param batchesPerEpoch the number of steps of an epoch
 * @param fingerprint the fingerprint of the rows as a multiset
 * @param scales the scales of numeric features
 */
public record DataFacts(
    long samples, int batchesPerEpoch, String fingerprint, FeatureScales scales) {}
