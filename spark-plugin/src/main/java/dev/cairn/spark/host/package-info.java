/**
 * The executor's side: the shards that are here, and the answers to what they are asked.
 *
 * <p>{@link dev.cairn.spark.host.ShardHost} is the door: it answers the messages of {@link
 * dev.cairn.spark.transport.ShardMessage}. Behind it a {@code HostedModel} has the shards of one
 * model in one generation, a {@code HostedShard} the values and the frozen versions of one of them,
 * and a {@code StepGate} is the shard's step clock ({@code AskedRows} has what the partitions ask
 * for, {@code NormRound} the second round of its steps). {@code ShardStorage} writes a frozen shard
 * and reads one back: {@code CheckpointShardStorage} from and to checkpoints, and {@code
 * CommittedCopy} is what recovery goes back to without reading at all. What variables and slots are
 * called there, {@link dev.cairn.spark.shard.ModelGraph} says.
 *
 * <p>Invariants. A shard takes each partition's gradients once a step, applies a step when it has
 * all of them (and, where the optimizer limits a norm, that of all shards' gradients), and answers
 * everybody then (I5). Whatever comes from an older generation, an abandoned segment or another
 * step is refused and changes nothing (I4). A shard is frozen at the step that was asked for, or
 * not at all (I1). No thread of the network ever waits: what must wait is a future, what takes long
 * runs on the host's own threads.
 *
 * <p>This room does not see the driver's side, {@code coordinator}: between the two there are
 * messages alone. Start at {@link dev.cairn.spark.host.ShardHost}, and at {@code StepGate} for what
 * happens in a step.
 */
@NullMarked
package dev.cairn.spark.host;

import org.jspecify.annotations.NullMarked;
