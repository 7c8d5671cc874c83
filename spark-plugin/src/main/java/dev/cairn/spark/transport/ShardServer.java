package dev.cairn.spark.transport;

import java.util.List;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.crypto.AuthServerBootstrap;
import org.apache.spark.network.sasl.SecretKeyHolder;
import org.apache.spark.network.server.TransportServer;
import org.apache.spark.network.server.TransportServerBootstrap;
import org.jspecify.annotations.Nullable;

/**
 * Puts a {@link ShardService} on the network, on a free port. Peers must authenticate when a secret
 * is given. Thread-safe.
 */
public final class ShardServer implements AutoCloseable {
  private final TransportContext context;
  private final TransportServer server;

  /**
   * Starts listening.
   *
   * @param bindAddress the local address to bind, null for all
   */
  public ShardServer(NetworkSettings network, @Nullable String bindAddress, ShardService service) {
    SecretKeyHolder secrets = network.secrets();
    this.context = new TransportContext(network.conf(), new ShardRpcHandler(service));
    List<TransportServerBootstrap> bootstraps =
        secrets == null ? List.of() : List.of(new AuthServerBootstrap(network.conf(), secrets));
    this.server =
        bindAddress == null
            ? context.createServer(0, bootstraps)
            : context.createServer(bindAddress, 0, bootstraps);
  }

  /** The port on which it listens. */
  public int port() {
    return server.getPort();
  }

  /** Stops listening and closes all connections. */
  @Override
  public void close() {
    server.close();
    context.close();
  }
}
