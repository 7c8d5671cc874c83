/**
 * Training data: rows on their way into packed batches. Nothing here depends on the model.
 *
 * <p>{@link dev.cairn.spark.data.TrainingData} is the entry. {@link dev.cairn.spark.data.RowRouter}
 * checks rows and sends them to their logical partitions, by what is in them ({@code RowHash}), in
 * pieces ({@link dev.cairn.spark.data.RowChunk}); {@code DataSummary} summarises them, and {@code
 * ScaleSums} computes the scales and means of their numeric features ({@link
 * dev.cairn.checkpoint.model.FeatureScales}, a part of the model). {@link
 * dev.cairn.spark.data.InputSpec} describes the features of a row: one space of any features, or
 * several, dense ones and ids among them.
 *
 * <p>A logical partition's rows are packed once ({@code Packer}) into a {@link
 * dev.cairn.spark.data.PackedPartition}: shuffled by a pure function of seed and content ({@code
 * RowOrder}), cut into the epoch's batches, and in each {@link dev.cairn.spark.data.Batch} the
 * features renumbered, so that a gradient is computed on small dense arrays. {@link
 * dev.cairn.spark.data.BatchOrder} chooses the batch of a step.
 *
 * <p>Invariants: packed data is a pure function of the rows, the seed and {@link
 * dev.cairn.spark.data.TrainingData.Packing}, whatever the order in which rows come, the number of
 * executors, and whatever is computed again after a loss (I5). Packed arrays are never changed.
 */
@NullMarked
package dev.cairn.spark.data;

import org.jspecify.annotations.NullMarked;
