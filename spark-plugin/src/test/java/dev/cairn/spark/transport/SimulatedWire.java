package dev.cairn.spark.transport;

import java.util.concurrent.CompletableFuture;

/** The wire's own code, for a simulated network. */
public final class SimulatedWire {
  private SimulatedWire() {}

  /** A message as its receiver sees it. */
  public static ShardMessage copy(ShardMessage message) {
    try {
      return MessageCodec.decodeMessage(MessageCodec.encode(message));
    } catch (TransportException.Malformed e) {
      throw new AssertionError(message.toString(), e);
    }
  }

  /** A reply as its receiver sees it. */
  public static ShardReply copy(ShardReply reply) {
    try {
      return MessageCodec.decodeReply(MessageCodec.encode(reply));
    } catch (TransportException.Malformed e) {
      throw new AssertionError(reply.toString(), e);
    }
  }

  /** The same future, where a refusal is a failure. */
  public static CompletableFuture<ShardReply> unwrapped(CompletableFuture<ShardReply> replies) {
    return Replies.unwrapped(replies);
  }

  /** The caller's exception for a refusal. */
  public static TransportException exception(ShardReply.Refused refused) {
    return Replies.exception(refused);
  }
}
