/**
 * The driver's side: the members, the owners of shards, and the saves.
 *
 * <p>{@link dev.cairn.spark.coordinator.Membership} keeps the executors that have registered;
 * {@link dev.cairn.spark.coordinator.Coordinator} is the entry: it opens a {@link
 * dev.cairn.spark.coordinator.ShardGroup}, the shards of one model in one generation, spread over
 * members. The executors answer its messages in another room, {@code host}, which this one does not
 * import.
 *
 * <p>Invariants. Shards are frozen for a checkpoint only when all are at the same step (I1). Every
 * change of owners begins a new generation (I4). No parameter-sized array ever exists on the
 * driver.
 *
 * <p>{@link dev.cairn.spark.coordinator.Liveness} asks every member for a sign of life and reports
 * the lost ones; {@link dev.cairn.spark.coordinator.Recovery} brings a run back to its last
 * committed step, in a new generation, on the members that are there. There is one way for every
 * change of owners: end the save in flight, deal the blocks out ({@link
 * dev.cairn.spark.shard.Reassignment}), fill every shard from the committed checkpoint, from the
 * copy in memory where there is one. All time and waiting of the driver's side goes through {@link
 * dev.cairn.spark.coordinator.Clock}, so that a simulation can run it in virtual time.
 *
 * <p>In local mode the one executor is the driver itself: its host is called directly and gets no
 * heartbeats. Models that are only read have a room of their own, {@code reading}, which opens
 * groups here as training does.
 *
 * <p>Start at {@link dev.cairn.spark.coordinator.Coordinator}.
 */
@NullMarked
package dev.cairn.spark.coordinator;

import org.jspecify.annotations.NullMarked;
