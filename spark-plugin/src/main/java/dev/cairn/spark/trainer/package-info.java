/**
 * Training: the loop over packed batches ({@code data}) that computes what a {@code model} says.
 *
 * <p>{@link dev.cairn.spark.trainer.Trainer} is the door. {@code RunFolders} keeps two fits out of
 * one folder; {@code RunOrigin} decides from which checkpoint a run begins, or that it must not;
 * {@code RunStart} fills the shards from it or from nothing; {@code TrainingRun} is the loop,
 * segment after segment, with a checkpoint ({@code Saves}) at every cut that asks for one, and with
 * {@link dev.cairn.spark.coordinator.Recovery} when an executor is lost. {@code EpochEnds} says
 * when it is enough and which checkpoint is the result: {@code Judge} has the held-out rows judged
 * as one Spark job ({@code JudgeTask}), {@code HeldOutLosses} and {@code TrainingLosses} are what
 * is remembered of it, in every checkpoint. {@code SegmentRunner} has a segment done as one Spark
 * job, whose tasks ({@code SegmentTask}) stay for many steps: {@code TaskSteps} says what goes to
 * the shards and takes in what comes, {@code StepLoop} waits and measures. Either job is a {@code
 * WatchedJob}: it ends at once when an executor that it needs is lost. {@code LossMeter} tells a
 * {@link dev.cairn.spark.listener.TrainingListener} how it goes, {@code RunObserver} tells
 * operators, and {@code RecoveryReport} writes down what was lost.
 *
 * <p>What is computed is a pure function of data, seed and position, so that any executor computes
 * the same bits.
 */
@NullMarked
package dev.cairn.spark.trainer;

import org.jspecify.annotations.NullMarked;
