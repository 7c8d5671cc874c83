package dev.cairn.spark.transport;

import java.util.concurrent.CompletableFuture;

/** The service of a JVM that only calls: it refuses everything. */
enum Unanswered implements ShardService {
  INSTANCE;

  @Override
  public CompletableFuture<ShardReply> handle(ShardMessage message) {
    return CompletableFuture.completedFuture(
        new ShardReply.Refused(Refusal.CLOSED, "Cannot answer: this side only calls"));
  }
}
