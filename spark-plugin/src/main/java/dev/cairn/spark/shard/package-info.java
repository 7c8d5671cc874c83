/**
 * Parameters in the memory of one executor: their cut into blocks, the owners of these, their
 * change by gradients, and their freeze for a checkpoint while training goes on.
 *
 * <p>A model is a list of {@linkplain dev.cairn.spark.shard.ParameterVariable variables}, each a
 * float32 table of rows. {@link dev.cairn.spark.shard.ParameterLayout} lays their rows one after
 * the other, so that one {@code int}, the global row id, names any row; and it cuts every variable
 * once into fixed <em>blocks</em> of rows. A block is the unit of three things: of ownership
 * ({@link dev.cairn.spark.shard.ShardAssignment}), of storage (one slice in the checkpoint), and of
 * undoing when a checkpoint freezes a shard. The cut is a pure function of a variable's shape, and
 * the place of a cut never changes a trained bit.
 *
 * <p>{@link dev.cairn.spark.shard.ParameterShard} holds the blocks of one owner, values and
 * optimizer slots alike. {@link dev.cairn.spark.shard.StepAggregator} waits for the gradients of
 * all logical partitions, sums them <em>in partition order</em>, and lets an {@link
 * dev.cairn.spark.optimizer.Optimizer} change each touched row once; a limit of the norm needs the
 * squares that the aggregators of all shards have summed. {@link dev.cairn.spark.shard.FrozenShard}
 * is the shard as it was at one instant: training changes blocks in place and first keeps the old
 * numbers ({@code LiveBlock}, {@code UndoLog}), so that a frozen shard costs as much memory as is
 * touched, and not the model once more.
 *
 * <p>{@link dev.cairn.spark.shard.ModelGraph} is the model as TensorFlow's object graph: the
 * contents of its checkpoint and their keys. Executors and driver derive it from the same layout
 * and optimizer.
 *
 * <p>Invariants: results depend only on the sequence of steps and the contributions to each, never
 * on the number of owners, threads or the order of arrival. No platform-dependent arithmetic. No
 * I/O, no network, no Spark in this package.
 *
 * <p>Start at {@link dev.cairn.spark.shard.ParameterLayout}, then {@link
 * dev.cairn.spark.shard.ParameterShard}.
 */
@NullMarked
package dev.cairn.spark.shard;

import org.jspecify.annotations.NullMarked;
