/**
 * Who takes part, who owns what, and when a checkpoint is taken.
 *
 * <p>On the driver, {@link dev.cairn.spark.coordinator.Membership} knows the executors that have
 * registered; {@link dev.cairn.spark.coordinator.Coordinator} is the door: it opens a {@link
 * dev.cairn.spark.coordinator.ShardGroup}, the shards of one model in one generation, spread over
 * members. On every executor, {@link dev.cairn.spark.coordinator.ShardHost} holds the shards and
 * answers the messages of {@link dev.cairn.spark.transport.ShardMessage}; tasks reach all shards
 * through {@link dev.cairn.spark.coordinator.ShardAccess}.
 *
 * <p>Invariants. A shard takes each partition's gradients once a step, applies a step when it has
 * all of them, and answers everybody then (I5). Whatever comes from an older generation, an
 * abandoned run or another step is refused and changes nothing (I4). Shards are frozen for a
 * checkpoint only when all are at the same step (I1). No parameter-sized array ever exists on the
 * driver. No thread of the network ever waits: what must wait is a future, what takes long runs on
 * the host's own threads.
 *
 * <p>{@link dev.cairn.spark.coordinator.Liveness} asks every member for a sign of life and says who
 * is lost; {@link dev.cairn.spark.coordinator.Recovery} brings a run back to its last committed
 * step, in a new generation, on whoever is there. There is one way for every change of who owns
 * what: end the save in flight, deal the blocks out ({@link dev.cairn.spark.shard.Reassignment}),
 * fill every shard from the committed checkpoint, from the copy in memory where there is one. All
 * time and waiting of the driver's side goes through {@link dev.cairn.spark.coordinator.Clock}, so
 * that a simulation can run it in virtual time.
 *
 * <p>In local mode the one executor is the driver itself: its host is called directly, and nobody
 * watches over it. Models that are only read have a room of their own, {@code reading}, which opens
 * groups here as training does.
 *
 * <p>Start at {@link dev.cairn.spark.coordinator.Coordinator} for the driver's side and at {@code
 * StepGate} for what happens in a step.
 */
@NullMarked
package dev.cairn.spark.coordinator;

import org.jspecify.annotations.NullMarked;
