/**
 * The executor's side: the shards that are here, and the answers to messages for them.
 *
 * <p>{@link dev.cairn.spark.host.ShardHost} is the entry: it answers the messages of {@link
 * dev.cairn.spark.transport.ShardMessage}. Behind it a {@code HostedModel} has the shards of one
 * model in one generation, a {@code HostedShard} the values and the frozen versions of one of them,
 * and a {@code StepGate} is the shard's step clock ({@code AskedRows} has what the partitions ask
 * for, {@code NormRound} the second round of its steps). {@code ShardStorage} writes a frozen shard
 * and reads one back: {@code CheckpointShardStorage} from and to checkpoints, and recovery goes
 * back to a {@code CommittedCopy} without reading at all. {@link dev.cairn.spark.shard.ModelGraph}
 * has the keys of variables and slots.
 *
 * <p>Invariants. A shard takes each partition's gradients once a step, applies a step when it has
 * all of them (and, where the optimizer limits a norm, that of all shards' gradients), and answers
 * all senders then (I5). A message from an older generation, an abandoned segment or another step
 * is refused and changes nothing (I4). A shard is frozen at the step that was asked for, or not at
 * all (I1). No thread of the network ever waits: answers that must wait are futures, and long work
 * runs on the host's own threads.
 *
 * <p>This room does not import the driver's side, {@code coordinator}: the two exchange only
 * messages. Start at {@link dev.cairn.spark.host.ShardHost}, and at {@code StepGate} for what
 * happens in a step.
 */
@NullMarked
package dev.cairn.spark.host;

import org.jspecify.annotations.NullMarked;
