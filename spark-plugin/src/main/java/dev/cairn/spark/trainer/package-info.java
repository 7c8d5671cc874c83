/**
 * Training: the loop over packed batches ({@code data}) that computes and applies the gradients of
 * a {@code model}.
 *
 * <p>{@link dev.cairn.spark.trainer.Trainer} is the entry. {@code RunFolders} keeps two fits out of
 * one folder; {@code RunOrigin} decides from which checkpoint a run begins, or that it must not;
 * {@code RunStart} fills the shards from it or from nothing; {@code TrainingRun} is the loop,
 * segment after segment, with a checkpoint ({@code Saves}) at every cut where one is due, and with
 * {@link dev.cairn.spark.coordinator.Recovery} when an executor is lost. {@code EpochEnds} decides
 * when training ends early and which checkpoint is the result: {@code Judge} judges on the held-out
 * rows as one Spark job ({@code JudgeTask}), and {@code HeldOutLosses} and {@code TrainingLosses}
 * keep the results in every checkpoint. {@code SegmentRunner} runs a segment as one Spark job,
 * whose tasks ({@code SegmentTask}) stay for many steps: {@code TaskSteps} makes the messages to
 * the shards and takes in the answers, {@code StepLoop} waits and measures. Either job is a {@code
 * WatchedJob}: it ends at once when an executor that it needs is lost. {@code LossMeter} reports
 * progress to a {@link dev.cairn.spark.listener.TrainingListener}, {@code RunObserver} to
 * operators, and {@code RecoveryReport} writes the recoveries down.
 *
 * <p>All results are a pure function of data, seed and position, so that any executor computes the
 * same bits.
 */
@NullMarked
package dev.cairn.spark.trainer;

import org.jspecify.annotations.NullMarked;
