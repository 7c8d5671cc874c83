package dev.cairn.spark.transport;

import dev.cairn.checkpoint.concurrent.NamedThreads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.TransportClientBootstrap;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.crypto.AuthClientBootstrap;
import org.apache.spark.network.sasl.SecretKeyHolder;
import org.jspecify.annotations.Nullable;

/**
 * Calls shards. One connection a peer, shared by all callers; any number of calls may be under way
 * on it. A peer with calls under way is asked for a sign of life at times, so that one that hangs
 * is noticed as well as one that dies. Thread-safe; methods never block.
 */
public final class ShardClient implements ShardCalls, AutoCloseable {
  private final TransportContext context;
  private final TransportClientFactory factory;
  private final ConcurrentMap<ShardAddress, Peer> peers = new ConcurrentHashMap<>();
  private final ExecutorService connecting;
  private final ScheduledExecutorService clock;
  private final Duration timeout;
  private volatile @Nullable Here here;
  private volatile Consumer<ShardAddress> brokenListener = address -> {};
  private volatile boolean closed;

  /** The service that answers in this JVM. */
  private record Here(ShardAddress address, ShardService service) {}

  /**
   * Makes a client.
   *
   * @param self this JVM's own address, null when it has none; calls to it skip the network
   * @param local the service that answers calls to {@code self}
   */
  public ShardClient(
      NetworkSettings network, @Nullable ShardAddress self, @Nullable ShardService local) {
    SecretKeyHolder secrets = network.secrets();
    this.context =
        new TransportContext(network.conf(), new ShardRpcHandler(Unanswered.INSTANCE), false);
    List<TransportClientBootstrap> bootstraps =
        secrets == null
            ? List.of()
            : List.of(new AuthClientBootstrap(network.conf(), network.secretUser(), secrets));
    this.factory = context.createClientFactory(bootstraps);
    this.timeout = network.peerTimeout();
    this.here = self == null || local == null ? null : new Here(self, local);
    this.connecting = NamedThreads.cached("cairn-connect");
    this.clock = NamedThreads.clock("cairn-peer-watch");
    long period = Math.max(1, network.peerTimeout().toMillis() / 4);
    var unused =
        clock.scheduleWithFixedDelay(
            () -> peers.values().forEach(Peer::watch), period, period, TimeUnit.MILLISECONDS);
  }

  /** Makes calls to this address skip the network from now on. */
  public void answerHere(ShardAddress address, ShardService service) {
    here = new Here(address, service);
  }

  /** Calls the listener whenever an open connection is closed, on a thread of the network. */
  public void onBroken(Consumer<ShardAddress> listener) {
    brokenListener = listener;
  }

  @Override
  public CompletableFuture<ShardReply> call(ShardAddress address, ShardMessage message) {
    if (closed) {
      return CompletableFuture.failedFuture(
          new TransportException.PeerGone(
              "Cannot call " + address + ": this client is closed", null));
    }
    Here mine = here;
    if (mine != null && mine.address().equals(address)) {
      return Replies.unwrapped(mine.service().handle(message));
    }
    return peers
        .computeIfAbsent(
            address,
            key ->
                new Peer(key, factory, connecting, timeout, () -> brokenListener.accept(address)))
        .call(message);
  }

  @Override
  public void forget(ShardAddress address, String why) {
    Peer peer = peers.remove(address);
    if (peer != null) {
      peer.fail(why);
    }
  }

  /** Closes the connections; calls under way fail. May be called often. */
  @Override
  public void close() {
    closed = true;
    clock.shutdownNow();
    connecting.shutdownNow();
    peers.keySet().forEach(address -> forget(address, "this client is closed"));
    factory.close();
    context.close();
  }
}
