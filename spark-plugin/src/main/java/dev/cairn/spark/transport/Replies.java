package dev.cairn.spark.transport;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Turns replies into results and errors for the caller. */
final class Replies {
  private Replies() {}

  /** The same future, where a refusal is a failure. */
  static CompletableFuture<ShardReply> unwrapped(CompletableFuture<ShardReply> replies) {
    return replies.thenApply(
        reply -> {
          if (reply instanceof ShardReply.Refused refused) {
            throw new CompletionException(exception(refused));
          }
          return reply;
        });
  }

  static TransportException.Refused exception(ShardReply.Refused refused) {
    return new TransportException.Refused(refused.reason(), refused.message());
  }
}
