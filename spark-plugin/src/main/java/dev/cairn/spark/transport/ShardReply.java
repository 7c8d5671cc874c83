package dev.cairn.spark.transport;

/** What a shard host answers to a {@link ShardMessage}; {@link MessageCodec} numbers them. */
public sealed interface ShardReply {

  /** It is done. */
  record Done() implements ShardReply {}

  /** It was not done. A {@link ShardClient} turns this into an exception. */
  record Refused(Refusal reason, String message) implements ShardReply {}

  /**
   * Rows.
   *
   * @param step how many steps had been applied
   * @param values the wanted rows' numbers, in the order in which they were asked for; of an
   *     exchange those of its shared rows first, and then of each contribution those of the others
   */
  record Values(long step, float[] values) implements ShardReply {}

  /**
   * The shards were restored.
   *
   * @param storageBytes bytes read from storage
   * @param memoryBytes bytes taken over from the copy in memory
   */
  record Restored(long storageBytes, long memoryBytes) implements ShardReply {}

  /** The shards are frozen; writing them will take so many bytes. */
  record Frozen(long bytes) implements ShardReply {}

  /** The shard is durable; the report is an encoded {@code ShardReport}. */
  record Written(byte[] report) implements ShardReply {}

  /**
   * Every partition's gradients are there, and the step waits for the norms of all shards'.
   *
   * @param squares for each block of the shard the sum of the squares of its gradients
   */
  record Squares(double[] squares) implements ShardReply {}

  /**
   * The state of a shard.
   *
   * @param step steps applied
   * @param segment the open segment, 0 before the first
   * @param rows rows that the shard owns
   * @param bytes memory of values and slots
   * @param copiedBytes bytes kept for frozen shards before they changed, so far
   * @param waiting exchanges that wait for others
   * @param firstLossStep the step of the first entry of {@code lossSums}
   * @param lossSums for each step from {@code firstLossStep} on, the sum of its rows' losses. The
   *     host remembers a limited number of steps: the first may be later than was asked for.
   * @param lossRows for each of these steps, how many rows it had
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
