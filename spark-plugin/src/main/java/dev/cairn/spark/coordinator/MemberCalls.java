package dev.cairn.spark.coordinator;

import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardCalls;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import dev.cairn.spark.transport.TransportException;
import java.util.concurrent.CompletableFuture;

/**
 * Calls that fail at once when they go to a lost member. A process that hangs still accepts
 * connections, and would be waited for. Thread-safe.
 */
final class MemberCalls implements ShardCalls {
  private final ShardCalls calls;
  private final Membership membership;

  MemberCalls(ShardCalls calls, Membership membership) {
    this.calls = calls;
    this.membership = membership;
  }

  @Override
  public CompletableFuture<ShardReply> call(ShardAddress address, ShardMessage message) {
    if (!membership.has(address)) {
      return lost(address);
    }
    CompletableFuture<ShardReply> reply = calls.call(address, message);
    // Lost meanwhile: the calls of before are failed by whoever told of that, this one may not be.
    return membership.has(address) ? reply : lost(address);
  }

  private static CompletableFuture<ShardReply> lost(ShardAddress address) {
    return CompletableFuture.failedFuture(
        new TransportException.PeerGone("Cannot call " + address + ": it is lost", null));
  }

  @Override
  public void forget(ShardAddress address, String why) {
    calls.forget(address, why);
  }
}
