package dev.cairn.spark.transport;

import java.util.concurrent.CompletableFuture;

/** Answers shard messages. Thread-safe. */
public interface ShardService {

  /**
   * Handles a message. It must return at once: work that takes long, or waits for others, completes
   * the future later.
   *
   * @return completes with the reply; a failure is sent as {@link Refusal#INTERNAL}
   */
  CompletableFuture<ShardReply> handle(ShardMessage message);
}
