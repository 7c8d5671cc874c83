package dev.cairn.spark.transport;

import dev.cairn.spark.shard.ParameterLayout;
import java.util.List;
import java.util.SortedMap;

/**
 * What a shard host can be asked. One record a message; {@link MessageCodec} gives each a fixed
 * number. All messages but {@link Ping} name a model; those that change or read its parameters name
 * the generation too and are refused when it is not the current one (invariant I4).
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
   * @param optimizer name of the optimizer
   * @param hyperparameters of the optimizer
   * @param partitions how many logical partitions contribute to each step
   */
  record AssignShard(
      String model,
      long generation,
      int shard,
      int firstBlock,
      int endBlock,
      ParameterLayout layout,
      String optimizer,
      SortedMap<String, Double> hyperparameters,
      int partitions)
      implements ShardMessage {}

  /** Start from zero values and fresh slots, at step 0. Answered by {@link ShardReply.Done}. */
  record Initialise(String model, long generation) implements ShardMessage {}

  /**
   * Read the shard's blocks, values and slots, from a checkpoint. Answered by {@link
   * ShardReply.Restored}.
   *
   * @param step the step that the checkpoint holds
   * @param path the checkpoint's directory
   * @param hadoopProperties settings of the file system client
   */
  record RestoreShard(
      String model,
      long generation,
      long step,
      String path,
      SortedMap<String, String> hadoopProperties)
      implements ShardMessage {}

  /**
   * A new run of steps begins: forget what older runs have begun and refuse them from now on.
   * Answered by {@link ShardReply.Done}.
   *
   * @param run number of the run, larger than every one before in this generation
   * @param step the step that the shard must be at
   */
  record OpenRun(String model, long generation, long run, long step) implements ShardMessage {}

  /**
   * Give a run up: fail every exchange that waits in it, at once, and refuse later ones. Answered
   * by {@link ShardReply.Done}.
   */
  record AbandonRun(String model, long generation, long run, String why) implements ShardMessage {}

  /**
   * The round trip of one step: gradients go in, and when every logical partition's have arrived
   * and the step is applied, the wanted rows come back. Answered by {@link ShardReply.Values}.
   *
   * @param run the run that the sender belongs to
   * @param step how many steps will have been applied when the wanted rows are read
   * @param opening true in a sender's first exchange of a run: there are no gradients, and the
   *     shard must be at {@code step} already
   * @param contributions one for each logical partition of the sender, partitions ascending
   */
  record Exchange(
      String model,
      long generation,
      long run,
      long step,
      boolean opening,
      List<Contribution> contributions)
      implements ShardMessage {}

  /**
   * Keep the shard as it is now, under an id, until it is written or dropped. Refused when the
   * shard is not at {@code step} or a step has begun. Answered by {@link ShardReply.Frozen}.
   */
  record Freeze(String model, long generation, long step, long saveId) implements ShardMessage {}

  /**
   * Write a frozen shard and release it, whether that goes well or not. Answered by {@link
   * ShardReply.Written} when the bytes are durable.
   *
   * @param target encoded form of {@code ShardTarget}
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
   * Release a frozen shard; a write of it that is under way is interrupted at its next block.
   * Answered by {@link ShardReply.Done}, also when there is nothing (any more).
   */
  record DropFrozen(String model, long generation, long saveId) implements ShardMessage {}

  /**
   * Read rows, outside of any run. Answered by {@link ShardReply.Values}.
   *
   * @param rows global ids, ascending, in {@code [from, to)}
   */
  record Gather(String model, long generation, int[] rows, int from, int to)
      implements ShardMessage {}

  /** Forget the model. Answered by {@link ShardReply.Done}, also when it is unknown. */
  record ReleaseShard(String model, long generation) implements ShardMessage {}

  /**
   * How is the shard? Answered by {@link ShardReply.Status}.
   *
   * @param sinceStep losses of the steps after this one are wanted
   */
  record AskStatus(String model, long generation, long sinceStep) implements ShardMessage {}
}
