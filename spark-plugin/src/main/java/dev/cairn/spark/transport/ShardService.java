package dev.cairn.spark.transport;

import java.util.concurrent.CompletableFuture;

/** Whoever answers shard messages. Thread-safe. */
public interface ShardService {

  /**
   * Takes a message. Must return at once: what takes long, or waits for others, completes the
   * future later.
   *
   * @return completes with the reply; a failure is sent as {@link Refusal#INTERNAL}
   */
  CompletableFuture<ShardReply> handle(ShardMessage message);
}
