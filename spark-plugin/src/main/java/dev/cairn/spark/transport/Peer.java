package dev.cairn.spark.transport;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientFactory;
import org.jspecify.annotations.Nullable;

/**
 * The one connection to a peer and the calls under way on it. It is made by the first call, and
 * again by the first call after it broke.
 */
final class Peer {
  private final ShardAddress address;
  private final TransportClientFactory factory;
  private final ExecutorService connecting;
  private final Duration timeout;
  private final Runnable broken;
  private final AtomicLong nextCall = new AtomicLong();
  private final Map<Long, CompletableFuture<ShardReply>> calls = new ConcurrentHashMap<>();

  @GuardedBy("this")
  private @Nullable CompletableFuture<TransportClient> connection;

  /** The connection once it is open, for use without a lock. */
  private volatile @Nullable TransportClient open;

  private volatile long lastSign = System.nanoTime();
  private volatile boolean pinging;

  Peer(
      ShardAddress address,
      TransportClientFactory factory,
      ExecutorService connecting,
      Duration timeout,
      Runnable broken) {
    this.address = address;
    this.factory = factory;
    this.connecting = connecting;
    this.timeout = timeout;
    this.broken = broken;
  }

  CompletableFuture<ShardReply> call(ShardMessage message) {
    CompletableFuture<ShardReply> answer = new CompletableFuture<>();
    if (calls.isEmpty()) {
      lastSign = System.nanoTime();
    }
    Long call = nextCall.getAndIncrement();
    calls.put(call, answer);
    TransportClient client = open;
    if (client != null && client.isActive()) {
      send(client, message, call, answer);
    } else {
      var unused =
          connection()
              .whenComplete(
                  (made, failure) -> {
                    if (failure != null) {
                      finish(call, answer, null, gone("it cannot be reached", failure));
                    } else {
                      send(made, message, call, answer);
                    }
                  });
    }
    return answer;
  }

  private void send(
      TransportClient client,
      ShardMessage message,
      Long call,
      CompletableFuture<ShardReply> answer) {
    ByteBuffer bytes;
    try {
      bytes = MessageCodec.encode(message);
    } catch (RuntimeException e) {
      finish(call, answer, null, e);
      return;
    }
    client.sendRpc(
        bytes,
        new RpcResponseCallback() {
          @Override
          public void onSuccess(ByteBuffer response) {
            lastSign = System.nanoTime();
            try {
              ShardReply reply = MessageCodec.decodeReply(response);
              if (reply instanceof ShardReply.Refused refused) {
                finish(call, answer, null, Replies.exception(refused));
              } else {
                finish(call, answer, reply, null);
              }
            } catch (TransportException.Malformed e) {
              finish(call, answer, null, e);
            }
          }

          @Override
          public void onFailure(Throwable cause) {
            finish(call, answer, null, gone("the connection broke", cause));
          }
        });
  }

  private void finish(
      Long call,
      CompletableFuture<ShardReply> answer,
      @Nullable ShardReply reply,
      @Nullable Throwable failure) {
    calls.remove(call);
    if (reply != null) {
      answer.complete(reply);
    } else if (failure != null) {
      answer.completeExceptionally(failure);
    }
  }

  private synchronized CompletableFuture<TransportClient> connection() {
    CompletableFuture<TransportClient> now = connection;
    if (now == null || now.isCompletedExceptionally() || (now.isDone() && !now.join().isActive())) {
      now = new CompletableFuture<>();
      connection = now;
      connect(now);
    }
    return now;
  }

  private void connect(CompletableFuture<TransportClient> made) {
    try {
      connecting.execute(
          () -> {
            try {
              TransportClient client = factory.createClient(address.host(), address.port());
              open = client;
              lastSign = System.nanoTime();
              var unused = client.getChannel().closeFuture().addListener(closed -> closed(client));
              made.complete(client);
            } catch (IOException | RuntimeException e) {
              made.completeExceptionally(e);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
              made.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) {
      made.completeExceptionally(e);
    }
  }

  /** Called at every end of the connection but our own. */
  private void closed(TransportClient client) {
    if (client.equals(open)) {
      broken.run();
    }
  }

  /** Asks for a sign of life when calls wait; gives the peer up when none came for too long. */
  void watch() {
    if (calls.isEmpty()) {
      return;
    }
    long silent = System.nanoTime() - lastSign;
    if (silent > timeout.toNanos()) {
      fail("it gave no sign of life for " + timeout.toMillis() + " ms");
    } else if (silent > timeout.toNanos() / 4 && !pinging) {
      TransportClient client = open;
      if (client != null && client.isActive()) {
        pinging = true;
        CompletableFuture<ShardReply> sign = new CompletableFuture<>();
        var unused = sign.whenComplete((reply, failure) -> pinging = false);
        send(client, new ShardMessage.Ping(), nextCall.getAndIncrement(), sign);
      }
    }
  }

  /** Closes the connection and fails the calls under way. */
  void fail(String why) {
    TransportClient client = open;
    open = null;
    pinging = false;
    if (client != null) {
      client.close();
    }
    calls.forEach((call, answer) -> finish(call, answer, null, gone(why, null)));
  }

  private TransportException.PeerGone gone(String why, @Nullable Throwable cause) {
    String detail = cause == null ? "" : " (" + cause.getMessage() + ")";
    return new TransportException.PeerGone(
        "Cannot get an answer from " + address + ": " + why + detail, cause);
  }
}
