package dev.cairn.spark.transport;

import java.util.concurrent.CompletableFuture;

/** A way to call shard hosts; {@link ShardClient} is the one over the network. Never blocks. */
public interface ShardCalls {

  /**
   * Calls a shard host.
   *
   * @return completes with the reply, which is never {@link ShardReply.Refused}, or fails with a
   *     {@link TransportException}
   */
  CompletableFuture<ShardReply> call(ShardAddress address, ShardMessage message);

  /**
   * Does the same as {@link #call(ShardAddress, ShardMessage)}, for a message that has one kind of
   * reply.
   */
  default <R extends ShardReply> CompletableFuture<R> call(
      ShardAddress address, ShardMessage message, Class<R> reply) {
    return call(address, message).thenApply(reply::cast);
  }

  /** Fails all calls that are under way at a peer, at once: it is known to be gone. */
  void forget(ShardAddress address, String why);
}
