/**
 * Training: packed batches, what is computed from them, and the loop that does it.
 *
 * <p>{@link dev.cairn.spark.trainer.Trainer} is the door. {@code RunFolders} keeps two fits out of
 * one folder; {@code RunOrigin} decides from which checkpoint a run begins, or that it must not;
 * {@code RunStart} fills the shards from it or from nothing; {@code TrainingRun} is the loop,
 * segment after segment, with a checkpoint ({@code Saves}) at every cut that asks for one, and with
 * {@link dev.cairn.spark.coordinator.Recovery} when an executor is lost. {@code EpochEnds} says
 * when it is enough and which checkpoint is the result: {@code Judge} has the held-out rows judged
 * as one Spark job ({@code JudgeTask}), {@code HeldOutLosses} and {@code TrainingLosses} are what
 * is remembered of it, in every checkpoint. {@code SegmentRunner} has a segment done as one Spark
 * job, whose tasks ({@code SegmentTask}, {@code StepLoop}) stay for many steps. Either job is a
 * {@code WatchedJob}: it ends at once when an executor that it needs is lost. {@code LossMeter}
 * tells a {@link dev.cairn.spark.trainer.TrainingListener} how it goes, {@code RunObserver} tells
 * operators, and {@code RecoveryReport} writes down what was lost.
 *
 * <p>{@code RowRouter} checks rows and sends them to their logical partitions, {@code DataSummary}
 * says what they are, and {@code ScaleSums} what their numeric features are divided by and centred
 * at ({@link dev.cairn.checkpoint.model.FeatureScales}, a part of the model).
 *
 * <p>A logical partition's rows are packed once ({@link dev.cairn.spark.trainer.Packer}) into a
 * {@link dev.cairn.spark.trainer.PackedPartition}: shuffled by a pure function of seed and
 * partition, cut into the epoch's batches, and in each batch the features renumbered so that a
 * gradient is computed on small dense arrays. {@link dev.cairn.spark.trainer.BatchOrder} says which
 * batch a step takes. {@link dev.cairn.spark.trainer.LogisticLoss} turns a batch and the current
 * values of its rows into gradients.
 *
 * <p>What is computed is a pure function of data, seed and position, so that any executor computes
 * the same bits.
 */
@NullMarked
package dev.cairn.spark.trainer;

import org.jspecify.annotations.NullMarked;
