package dev.cairn.spark.transport;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.shard.ParameterLayout;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;

/**
 * A message to a shard host. There is one record for each; {@link MessageCodec} gives each a fixed
 * number. Messages about a model name it and its generation, and are refused when that is not the
 * current one (invariant I4). A host may own several shards of a model: steps, reads and files name
 * one of them, everything else is for all shards of the host.
 */
public sealed interface ShardMessage {

  /** Asks for a sign of life. Answered by {@link ShardReply.Done}. */
  record Ping() implements ShardMessage {}

  /**
   * Makes the host own these blocks from now on. Replaces the host's shards of an older generation
   * of the model and fails all exchanges that wait there. The shard has no values yet. Answered by
   * {@link ShardReply.Done}.
   *
   * @param shard number of the shard
   * @param firstBlock first block that it owns
   * @param endBlock the block after its last
   * @param optimizer the optimizer that changes the blocks
   * @param partitions the number of logical partitions that contribute to each step
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
   * Makes all shards of the model start from initial values and fresh slots, at step 0. Answered by
   * {@link ShardReply.Done}.
   */
  record Initialise(String model, long generation) implements ShardMessage {}

  /**
   * Makes all shards of the model take values and slots of a checkpoint, from the copy of it in
   * memory if the host has that, else from storage. Answered by {@link ShardReply.Restored}.
   *
   * @param step the step that the shards are at then
   * @param path the checkpoint's directory
   * @param slots whether the optimizer's state is restored, too; else it begins anew
   * @param keep whether to keep a copy in memory for recovery to go back to
   * @param grown the variables that have fewer rows in the checkpoint, with the number of these; a
   *     row begins as the one of its number modulo that
   * @param hadoopProperties settings of the file system client
   */
  record RestoreShard(
      String model,
      long generation,
      long step,
      String path,
      boolean slots,
      boolean keep,
      SortedMap<String, Long> grown,
      SortedMap<String, String> hadoopProperties)
      implements ShardMessage {
    /** Takes a checkpoint of the same variables. */
    public RestoreShard(
        String model,
        long generation,
        long step,
        String path,
        boolean slots,
        boolean keep,
        SortedMap<String, String> hadoopProperties) {
      this(
          model,
          generation,
          step,
          path,
          slots,
          keep,
          Collections.emptySortedMap(),
          hadoopProperties);
    }
  }

  /**
   * Begins a new segment on all shards of the model: they drop what older ones have begun and
   * refuse these from now on. Answered by {@link ShardReply.Done}.
   *
   * @param segment number of the segment, larger than every one before in this generation
   * @param step the step that the shards must be at
   */
  record OpenSegment(String model, long generation, long segment, long step)
      implements ShardMessage {}

  /**
   * Makes all shards of the model give a segment up: they fail every exchange that waits in it, at
   * once, and refuse later ones. Answered by {@link ShardReply.Done}.
   */
  record AbandonSegment(String model, long generation, long segment, String why)
      implements ShardMessage {}

  /** A message of a task to a shard in a step. */
  sealed interface OfStep extends ShardMessage permits Exchange, Norms {
    /** The number of the shard. */
    int shard();

    /** The number of steps that will have been applied when it is answered with rows. */
    long step();
  }

  /**
   * Makes the round trip of one step: gradients go in, and when every logical partition's have
   * arrived and the step is applied, the wanted rows come back. Answered by {@link
   * ShardReply.Values}.
   *
   * <p>Where the optimizer limits a norm, no shard can apply a step alone. Gradients are then
   * answered by {@link ShardReply.Squares} before the step is applied, and {@link Norms} applies
   * it.
   *
   * @param shard number of the shard
   * @param segment the segment that the sender belongs to
   * @param step the number of steps that will have been applied when the wanted rows are read
   * @param opening true in a sender's first exchange of a segment: there are no gradients, and the
   *     shard must be at {@code step} already
   * @param contributions the contributions, one for each logical partition of the sender,
   *     partitions ascending
   * @param shared the rows that the answer brings once, whichever contributions want them
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

    /** Makes an exchange that shares no rows. */
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
   * Makes the second round trip of a step whose optimizer limits a norm: the gradients are all
   * there and are applied. The first one to come applies the step, and all bring the same numbers.
   * Answered by {@link ShardReply.Values}: the rows that the partitions wanted in their exchanges.
   *
   * @param shard number of the shard
   * @param segment the segment that the sender belongs to
   * @param step the step of the exchange before
   * @param partitions the sender's partitions, as in the exchange before
   * @param squares the sum of squares of each variable's gradients in all shards, in the order of
   *     the blocks
   * @param shared the shared rows of the exchange before
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
   * Freezes all shards of the model as they are now, under an id, until they are committed or
   * dropped, or the next ones are frozen. Refused when a shard is not at {@code step} or a step has
   * begun. Answered by {@link ShardReply.Frozen}.
   *
   * @param keep whether they stay in memory when they are written and committed, for recovery to go
   *     back to
   */
  record Freeze(String model, long generation, long step, long saveId, boolean keep)
      implements ShardMessage {}

  /**
   * Writes a frozen shard. Unless it is to be kept, it is released afterwards, whether that goes
   * well or not. Answered by {@link ShardReply.Written} when the bytes are durable.
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
   * Releases the shards that are frozen under an id; a write that is under way is interrupted at
   * its next block. Answered by {@link ShardReply.Done}, also when there is nothing (any more).
   */
  record DropFrozen(String model, long generation, long saveId) implements ShardMessage {}

  /**
   * Reads rows, outside of any segment. Answered by {@link ShardReply.Values}.
   *
   * @param shard number of the shard
   * @param rows global ids, ascending, in {@code [from, to)}
   */
  record Gather(String model, long generation, int shard, int[] rows, int from, int to)
      implements ShardMessage {}

  /**
   * Releases the shards of the model. Answered by {@link ShardReply.Done}, also when it is unknown.
   */
  record ReleaseShard(String model, long generation) implements ShardMessage {}

  /**
   * Asks for the state of a shard. Answered by {@link ShardReply.Status}.
   *
   * @param shard number of the shard
   * @param sinceStep the step after which losses are wanted
   */
  record AskStatus(String model, long generation, int shard, long sinceStep)
      implements ShardMessage {}

  /**
   * Reports that the shards frozen under this id are a committed checkpoint now: the host keeps
   * them in memory for recovery to go back to, and releases the ones before. Answered by {@link
   * ShardReply.Done}.
   *
   * @param path the checkpoint's directory, by which {@link RestoreShard} will name it
   */
  record Committed(String model, long generation, long saveId, String path)
      implements ShardMessage {}

  /**
   * Reports that the driver is alive and counts the host as a member. Renews the lease: a host that
   * gets none of these for that long serves no calls until it gets one again. Answered by {@link
   * ShardReply.Done}.
   *
   * @param leaseMillis the time that the lease lasts from now
   */
  record Heartbeat(long leaseMillis) implements ShardMessage {}

  /**
   * Makes a host that was counted as lost drop every shard and begin anew as a fresh member.
   * Answered by {@link ShardReply.Done}.
   *
   * @param number larger than in every fence before; a smaller one is late and changes nothing
   */
  record Fence(long number) implements ShardMessage {}
}
