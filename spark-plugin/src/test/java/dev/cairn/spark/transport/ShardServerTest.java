package dev.cairn.spark.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.spark.network.sasl.SecretKeyHolder;
import org.apache.spark.network.util.MapConfigProvider;
import org.apache.spark.network.util.TransportConf;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real sockets: who is let in, what happens when the other side goes. */
final class ShardServerTest {
  private final List<AutoCloseable> open = new ArrayList<>();

  private record Secret(String value) implements SecretKeyHolder {
    @Override
    public String getSaslUser(String appId) {
      return "user";
    }

    @Override
    public String getSecretKey(String appId) {
      return value;
    }
  }

  private static NetworkSettings settings(
      @Nullable String secret, boolean encrypt, Duration timeout) {
    return new NetworkSettings(
        new TransportConf(
            "cairn",
            new MapConfigProvider(Map.of("spark.network.crypto.enabled", String.valueOf(encrypt)))),
        secret == null ? null : new Secret(secret),
        "user",
        timeout);
  }

  private static NetworkSettings plain() {
    return settings(null, false, Duration.ofSeconds(60));
  }

  private ShardAddress serve(NetworkSettings settings, ShardService service) {
    ShardServer server = new ShardServer(settings, "127.0.0.1", service);
    open.add(server);
    return new ShardAddress("0", "127.0.0.1", server.port());
  }

  private ShardClient client(NetworkSettings settings) {
    ShardClient client = new ShardClient(settings, null, null);
    open.add(0, client);
    return client;
  }

  private static CompletableFuture<ShardReply> reply(ShardReply reply) {
    return CompletableFuture.completedFuture(reply);
  }

  private static Throwable failure(Future<?> call) {
    return assertThrows(ExecutionException.class, () -> call.get(60, TimeUnit.SECONDS)).getCause();
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closeable : open) {
      closeable.close();
    }
  }

  @ParameterizedTest
  @CsvSource({",false", "s,false", "s,true"})
  void peersWithTheSecretSpeak(@Nullable String secret, boolean encrypt) throws Exception {
    NetworkSettings settings = settings(secret, encrypt, Duration.ofSeconds(60));
    float[] values = new float[1 << 20];
    values[values.length - 1] = 5;
    ShardAddress address = serve(settings, m -> reply(new ShardReply.Values(1, values)));
    ShardClient client = client(settings);
    for (int i = 0; i < 20; i++) {
      ShardReply.Values back =
          client.call(address, new ShardMessage.Ping(), ShardReply.Values.class).get();
      assertEquals(5, back.values()[values.length - 1]);
    }
  }

  @ParameterizedTest
  @CsvSource({"wrong,false", "wrong,true", ",false", ",true"})
  void aPeerWithoutTheSecretIsRefused(@Nullable String secret, boolean encrypt) {
    CountDownLatch letIn = new CountDownLatch(1);
    ShardAddress address =
        serve(
            settings("right", encrypt, Duration.ofSeconds(60)),
            message -> {
              letIn.countDown();
              return reply(new ShardReply.Done());
            });
    Throwable e =
        failure(
            client(settings(secret, encrypt, Duration.ofSeconds(60)))
                .call(address, new ShardMessage.Ping()));
    assertInstanceOf(TransportException.PeerGone.class, e);
    assertTrue(
        String.valueOf(e.getMessage()).startsWith("Cannot get an answer from executor 0"),
        e.getMessage());
    assertEquals(1, letIn.getCount());
  }

  @Test
  void refusalsAreTyped() {
    ShardAddress address =
        serve(plain(), m -> reply(new ShardReply.Refused(Refusal.WRONG_STEP, "x")));
    Throwable e = failure(client(plain()).call(address, new ShardMessage.Ping()));
    assertEquals(
        Refusal.WRONG_STEP, assertInstanceOf(TransportException.Refused.class, e).reason());
  }

  /** A reply may come much later, and other calls pass by meanwhile. */
  @Test
  void repliesCanBeDeferred() throws Exception {
    CompletableFuture<ShardReply> later = new CompletableFuture<>();
    CountDownLatch waits = new CountDownLatch(1);
    ShardAddress address =
        serve(
            plain(),
            message -> {
              if (message instanceof ShardMessage.Ping) {
                return reply(new ShardReply.Done());
              }
              waits.countDown();
              return later;
            });
    ShardClient client = client(plain());
    CompletableFuture<ShardReply> slow = client.call(address, new ShardMessage.Initialise("m", 1));
    waits.await();
    assertEquals(new ShardReply.Done(), client.call(address, new ShardMessage.Ping()).get());
    assertFalse(slow.isDone());
    later.complete(new ShardReply.Frozen(1));
    assertEquals(new ShardReply.Frozen(1), slow.get());
  }

  @Test
  void callsFailWhenThePeerDies() throws Exception {
    CountDownLatch waits = new CountDownLatch(1);
    ShardServer server =
        new ShardServer(
            plain(),
            "127.0.0.1",
            message -> {
              waits.countDown();
              return new CompletableFuture<>();
            });
    ShardAddress address = new ShardAddress("0", "127.0.0.1", server.port());
    CompletableFuture<ShardReply> call =
        client(plain()).call(address, new ShardMessage.Initialise("m", 1));
    waits.await();
    server.close();
    assertInstanceOf(TransportException.PeerGone.class, failure(call));
  }

  /** A peer whose process lives but hangs (SIGSTOP) is given up after the timeout. */
  @Test
  void callsFailWhenThePeerFallsSilent() {
    NetworkSettings settings = settings(null, false, Duration.ofMillis(200));
    ShardAddress address = serve(settings, message -> new CompletableFuture<>());
    Throwable e = failure(client(settings).call(address, new ShardMessage.Initialise("m", 1)));
    // On a busy machine connecting alone may take longer than the timeout; either way it is gone.
    assertInstanceOf(TransportException.PeerGone.class, e);
    assertTrue(e.getMessage().startsWith("Cannot get an answer from " + address), e.getMessage());
  }

  /** A slow call of a living peer outlasts the timeout: pings are signs of life. */
  @Test
  void aSlowAnswerIsNotSilence() throws Exception {
    NetworkSettings settings = settings(null, false, Duration.ofMillis(2000));
    CountDownLatch pings = new CountDownLatch(6);
    CompletableFuture<ShardReply> later = new CompletableFuture<>();
    ShardAddress address =
        serve(
            settings,
            message -> {
              if (message instanceof ShardMessage.Ping) {
                pings.countDown();
                return reply(new ShardReply.Done());
              }
              return later;
            });
    CompletableFuture<ShardReply> call =
        client(settings).call(address, new ShardMessage.Initialise("m", 1));
    pings.await();
    later.complete(new ShardReply.Done());
    assertEquals(new ShardReply.Done(), call.get());
  }

  @Test
  void ownCallsSkipTheNetwork() throws Exception {
    ShardAddress self = new ShardAddress("1", "nowhere.invalid", 1);
    try (ShardClient client =
        new ShardClient(
            plain(),
            self,
            m ->
                reply(
                    m instanceof ShardMessage.Ping
                        ? new ShardReply.Frozen(3)
                        : new ShardReply.Refused(Refusal.CLOSED, "x")))) {
      assertEquals(new ShardReply.Frozen(3), client.call(self, new ShardMessage.Ping()).get());
      assertInstanceOf(
          TransportException.Refused.class,
          failure(client.call(self, new ShardMessage.Initialise("m", 1))));
    }
  }
}
