/**
 * Training data and mathematics: packed batches and what is computed from them.
 *
 * <p>A logical partition's rows are packed once ({@link dev.cairn.spark.trainer.Packer}) into a
 * {@link dev.cairn.spark.trainer.PackedPartition}: shuffled by a pure function of seed and
 * partition, cut into the epoch's batches, and in each batch the features renumbered so that a
 * gradient is computed on small dense arrays. {@link dev.cairn.spark.trainer.BatchOrder} says which
 * batch a step takes. {@link dev.cairn.spark.trainer.LogisticLoss} turns a batch and the current
 * values of its rows into gradients.
 *
 * <p>Everything here is a pure function of data, seed and position, so that any executor computes
 * the same bits.
 */
@NullMarked
package dev.cairn.spark.trainer;

import org.jspecify.annotations.NullMarked;
