package dev.cairn.spark.transport;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decodes messages, hands them to the service, and sends the replies when they come. */
final class ShardRpcHandler extends RpcHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ShardRpcHandler.class);

  private final ShardService service;
  private final StreamManager noStreams = new OneForOneStreamManager();

  ShardRpcHandler(ShardService service) {
    this.service = service;
  }

  @Override
  public void receive(TransportClient client, ByteBuffer bytes, RpcResponseCallback callback) {
    ShardMessage message;
    try {
      // Decoded here, on netty's thread: its buffer is only ours until this method returns.
      message = MessageCodec.decodeMessage(bytes);
    } catch (TransportException.Malformed e) {
      LOG.warn("Refused a message of {}: {}", client.getSocketAddress(), e.getMessage());
      respond(callback, new ShardReply.Refused(Refusal.MALFORMED, String.valueOf(e.getMessage())));
      return;
    }
    var unused =
        answer(message)
            .whenComplete((reply, failure) -> respond(callback, orRefusal(reply, failure)));
  }

  private CompletableFuture<ShardReply> answer(ShardMessage message) {
    try {
      return service.handle(message);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static ShardReply orRefusal(@Nullable ShardReply reply, @Nullable Throwable failure) {
    if (reply != null) {
      return reply;
    }
    LOG.warn("A shard message failed", failure);
    return new ShardReply.Refused(Refusal.INTERNAL, String.valueOf(failure));
  }

  private static void respond(RpcResponseCallback callback, ShardReply reply) {
    callback.onSuccess(MessageCodec.encode(reply));
  }

  @Override
  public StreamManager getStreamManager() {
    return noStreams;
  }
}
