/**
 * Training data: rows on their way into packed batches. Nothing here depends on what is trained.
 *
 * <p>{@link dev.cairn.spark.data.TrainingData} is the door. {@link dev.cairn.spark.data.RowRouter}
 * checks rows and sends them to their logical partitions, by what is in them ({@code RowHash}), in
 * pieces ({@link dev.cairn.spark.data.RowChunk}); {@code DataSummary} says what rows there are, and
 * {@code ScaleSums} what their numeric features are divided by and centred at ({@link
 * dev.cairn.checkpoint.model.FeatureScales}, a part of the model). {@link
 * dev.cairn.spark.data.InputSpec} says what the features of a row are: one space of any features,
 * or several, dense ones and ids among them.
 *
 * <p>A logical partition's rows are packed once ({@code Packer}) into a {@link
 * dev.cairn.spark.data.PackedPartition}: shuffled by a pure function of seed and content ({@code
 * RowOrder}), cut into the epoch's batches, and in each {@link dev.cairn.spark.data.Batch} the
 * features renumbered, so that a gradient is computed on small dense arrays. {@link
 * dev.cairn.spark.data.BatchOrder} says which batch a step takes.
 *
 * <p>Invariants: what is packed is a pure function of the rows, the seed and {@link
 * dev.cairn.spark.data.TrainingData.Packing}, whatever the order in which rows come, the number of
 * executors, and what is computed again after a loss (I5). Packed arrays are never changed.
 */
@NullMarked
package dev.cairn.spark.data;

import org.jspecify.annotations.NullMarked;
