package dev.cairn.spark.transport;

/** A shard host's answer to a {@link ShardMessage}; {@link MessageCodec} numbers them. */
public sealed interface ShardReply {

  /** The message's task is done. */
  record Done() implements ShardReply {}

  /** The message was refused. A {@link ShardClient} turns this into an exception. */
  record Refused(Refusal reason, String message) implements ShardReply {}

  /**
   * The values of rows.
   *
   * @param step the number of steps that had been applied
   * @param values the wanted rows' numbers, in the order in which they were asked for; for an
   *     exchange first those of its shared rows, and then those of the others for each contribution
   */
  record Values(long step, float[] values) implements ShardReply {}

  /**
   * The shards were restored.
   *
   * @param storageBytes the number of bytes read from storage
   * @param memoryBytes the number of bytes taken over from the copy in memory
   */
  record Restored(long storageBytes, long memoryBytes) implements ShardReply {}

  /** The shards are frozen; writing them will take so many bytes. */
  record Frozen(long bytes) implements ShardReply {}

  /** The shard is durable; the report is an encoded {@code ShardReport}. */
  record Written(byte[] report) implements ShardReply {}

  /**
   * Every partition's gradients are there, and the step waits for the norms of all shards'.
   *
   * @param squares the sum of the squares of the gradients of each block of the shard
   */
  record Squares(double[] squares) implements ShardReply {}

  /**
   * The state of a shard.
   *
   * @param step the number of steps applied
   * @param segment the open segment, 0 before the first
   * @param rows the number of rows that the shard owns
   * @param bytes memory of values and slots
   * @param copiedBytes bytes kept for frozen shards before they changed, so far
   * @param waiting the number of exchanges that wait for others
   * @param firstLossStep the step of the first entry of {@code lossSums}
   * @param lossSums the sum of the rows' losses of each step from {@code firstLossStep} on. The
   *     host keeps a limited number of steps: the first may be later than was asked for.
   * @param lossRows the number of rows of each of these steps
   */
  record Status(
      long step,
      long segment,
      long rows,
      long bytes,
      long copiedBytes,
      int waiting,
      long firstLossStep,
      double[] lossSums,
      long[] lossRows)
      implements ShardReply {}
}
