package dev.cairn.spark.transport;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.shard.ParameterLayout;
import java.util.List;
import java.util.SortedMap;

/**
 * What a shard host can be asked. One record a message; {@link MessageCodec} gives each a fixed
 * number. Messages about a model name it and its generation, and are refused when that is not the
 * current one (invariant I4). A host may own several shards of a model: steps, reads and files name
 * one of them, everything else is meant for all that the host has.
 */
public sealed interface ShardMessage {

  /** Are you there? Answered by {@link ShardReply.Done}. */
  record Ping() implements ShardMessage {}

  /**
   * Own these blocks from now on. Replaces what the host has of an older generation of the model
   * and fails all exchanges that wait there. The shard has no values yet. Answered by {@link
   * ShardReply.Done}.
   *
   * @param shard number of the shard
   * @param firstBlock first block that it owns
   * @param endBlock the block after its last
   * @param optimizer how gradients change the blocks
   * @param partitions how many logical partitions contribute to each step
   */
  record AssignShard(
      String model,
      long generation,
      int shard,
      int firstBlock,
      int endBlock,
      ParameterLayout layout,
      OptimizerSpec optimizer,
      int partitions)
      implements ShardMessage {}

  /**
   * All your shards of the model: start from zero values and fresh slots, at step 0. Answered by
   * {@link ShardReply.Done}.
   */
  record Initialise(String model, long generation) implements ShardMessage {}

  /**
   * All your shards of the model: take values and slots of a checkpoint, from the copy of it in
   * memory if you have that, else from storage. Answered by {@link ShardReply.Restored}.
   *
   * @param step the step that the shards are at then
   * @param path the checkpoint's directory
   * @param slots whether the optimizer's state is restored, too; else it begins anew
   * @param keep whether to keep a copy in memory for recovery to go back to
   * @param hadoopProperties settings of the file system client
   */
  record RestoreShard(
      String model,
      long generation,
      long step,
      String path,
      boolean slots,
      boolean keep,
      SortedMap<String, String> hadoopProperties)
      implements ShardMessage {}

  /**
   * All your shards of the model: a new segment begins, forget what older ones have begun and
   * refuse them from now on. Answered by {@link ShardReply.Done}.
   *
   * @param segment number of the segment, larger than every one before in this generation
   * @param step the step that the shards must be at
   */
  record OpenSegment(String model, long generation, long segment, long step)
      implements ShardMessage {}

  /**
   * All your shards of the model: give a segment up, fail every exchange that waits in it, at once,
   * and refuse later ones. Answered by {@link ShardReply.Done}.
   */
  record AbandonSegment(String model, long generation, long segment, String why)
      implements ShardMessage {}

  /** What a task sends to a shard in a step. */
  sealed interface OfStep extends ShardMessage permits Exchange, Norms {
    /** Number of the shard. */
    int shard();

    /** How many steps will have been applied when it is answered with rows. */
    long step();
  }

  /**
   * The round trip of one step: gradients go in, and when every logical partition's have arrived
   * and the step is applied, the wanted rows come back. Answered by {@link ShardReply.Values}.
   *
   * <p>Where the optimizer limits a norm, no shard can apply a step alone. Gradients are then
   * answered by {@link ShardReply.Squares} before the step is applied, and {@link Norms} applies
   * it.
   *
   * @param shard number of the shard
   * @param segment the segment that the sender belongs to
   * @param step how many steps will have been applied when the wanted rows are read
   * @param opening true in a sender's first exchange of a segment: there are no gradients, and the
   *     shard must be at {@code step} already
   * @param contributions one for each logical partition of the sender, partitions ascending
   * @param shared rows that the answer brings once, whichever contributions want them
   */
  record Exchange(
      String model,
      long generation,
      int shard,
      long segment,
      long step,
      boolean opening,
      List<Contribution> contributions,
      SharedRows shared)
      implements OfStep {

    /** An exchange that shares no rows. */
    public Exchange(
        String model,
        long generation,
        int shard,
        long segment,
        long step,
        boolean opening,
        List<Contribution> contributions) {
      this(model, generation, shard, segment, step, opening, contributions, SharedRows.NONE);
    }
  }

  /**
   * The second round trip of a step whose optimizer limits a norm: the gradients are all there,
   * apply them. The first one to come applies the step, and all bring the same numbers. Answered by
   * {@link ShardReply.Values}: the rows that the partitions wanted in their exchanges.
   *
   * @param shard number of the shard
   * @param segment the segment that the sender belongs to
   * @param step as in the exchange before
   * @param partitions the sender's, as in the exchange before
   * @param squares for each variable the sum of squares of its gradients in all shards, in the
   *     order of the blocks
   * @param shared as in the exchange before
   */
  record Norms(
      String model,
      long generation,
      int shard,
      long segment,
      long step,
      int[] partitions,
      double[] squares,
      SharedRows shared)
      implements OfStep {}

  /**
   * Keep all your shards of the model as they are now, under an id, until they are committed or
   * dropped, or the next ones are frozen. Refused when a shard is not at {@code step} or a step has
   * begun. Answered by {@link ShardReply.Frozen}.
   *
   * @param keep whether they stay in memory when they are written and committed, for recovery to go
   *     back to
   */
  record Freeze(String model, long generation, long step, long saveId, boolean keep)
      implements ShardMessage {}

  /**
   * Write a frozen shard. Unless it is to be kept, it is released, whether that goes well or not.
   * Answered by {@link ShardReply.Written} when the bytes are durable.
   *
   * @param target encoded form of {@code ShardTarget}, which names the shard
   * @param hadoopProperties settings of the file system client
   */
  record WriteShard(
      String model,
      long generation,
      long saveId,
      String target,
      SortedMap<String, String> hadoopProperties)
      implements ShardMessage {}

  /**
   * Release what is frozen under an id; a write that is under way is interrupted at its next block.
   * Answered by {@link ShardReply.Done}, also when there is nothing (any more).
   */
  record DropFrozen(String model, long generation, long saveId) implements ShardMessage {}

  /**
   * Read rows, outside of any segment. Answered by {@link ShardReply.Values}.
   *
   * @param shard number of the shard
   * @param rows global ids, ascending, in {@code [from, to)}
   */
  record Gather(String model, long generation, int shard, int[] rows, int from, int to)
      implements ShardMessage {}

  /** Forget the model. Answered by {@link ShardReply.Done}, also when it is unknown. */
  record ReleaseShard(String model, long generation) implements ShardMessage {}

  /**
   * How is the shard? Answered by {@link ShardReply.Status}.
   *
   * @param shard number of the shard
   * @param sinceStep losses of the steps after this one are wanted
   */
  record AskStatus(String model, long generation, int shard, long sinceStep)
      implements ShardMessage {}

  /**
   * What was frozen under this id is a committed checkpoint now: keep it in memory for recovery to
   * go back to, and let go of the one before. Answered by {@link ShardReply.Done}.
   *
   * @param path the checkpoint's directory, by which {@link RestoreShard} will name it
   */
  record Committed(String model, long generation, long saveId, String path)
      implements ShardMessage {}

  /**
   * The driver is alive and counts you in. Renews the lease: a host that hears none of these for
   * that long serves nobody until it hears one again. Answered by {@link ShardReply.Done}.
   *
   * @param leaseMillis how long the lease lasts from now
   */
  record Heartbeat(long leaseMillis) implements ShardMessage {}

  /**
   * You were counted as lost: drop every shard and begin anew as a fresh member. Answered by {@link
   * ShardReply.Done}.
   *
   * @param number larger than in every fence before; a smaller one is late and changes nothing
   */
  record Fence(long number) implements ShardMessage {}
}
