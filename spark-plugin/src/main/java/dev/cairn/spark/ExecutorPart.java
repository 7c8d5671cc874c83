package dev.cairn.spark;

import dev.cairn.spark.coordinator.Registration;
import dev.cairn.spark.coordinator.ShardAccess;
import dev.cairn.spark.coordinator.ShardHost;
import dev.cairn.spark.internal.SparkInternals;
import dev.cairn.spark.transport.NamedThreads;
import dev.cairn.spark.transport.NetworkSettings;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardClient;
import dev.cairn.spark.transport.ShardServer;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An executor's half: hosts shards, serves them on a free port, tells the driver where. Whatever
 * goes wrong in here leaves an executor that runs plain tasks: an exception out of {@code init}
 * would end the executor, and some of these the application.
 */
final class ExecutorPart implements ExecutorPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorPart.class);
  private static final long RETRY_MILLIS = 500;

  private final ScheduledExecutorService clock = NamedThreads.clock("cairn-register");
  private @Nullable ShardHost host;
  private @Nullable ShardServer server;
  private @Nullable ShardClient client;

  @Override
  public void init(PluginContext context, Map<String, String> extraConf) {
    TerminalInterrupt.ignoreIfEmbedded(context.conf());
    try {
      register(context, start(context));
    } catch (RuntimeException e) {
      LOG.error("Cannot host shards in executor {}: it will not train", context.executorID(), e);
    }
  }

  private Registration start(PluginContext context) {
    NetworkSettings network = NetworkSettings.ofSpark(CairnConf.PEER_TIMEOUT.get(context.conf()));
    ShardHost itsHost = ShardHost.create(CairnConf.STORAGE_THREADS.get(context.conf()));
    host = itsHost;
    ShardServer itsServer = new ShardServer(network, null, itsHost);
    server = itsServer;
    ShardAddress address =
        new ShardAddress(context.executorID(), SparkInternals.host(), itsServer.port());
    ShardClient itsClient = new ShardClient(network, address, itsHost);
    client = itsClient;
    ShardAccess.install(new ShardAccess(itsClient));
    return new Registration(address, Runtime.getRuntime().maxMemory());
  }

  /** Tells the driver, now if it listens, else again and again in the background. */
  private void register(PluginContext context, Registration registration) {
    try {
      context.ask(registration);
    } catch (Exception e) { // ask is declared to throw anything
      LOG.warn("The driver did not take the registration, trying again: {}", e.toString());
      var unused =
          clock.schedule(
              () -> register(context, registration), RETRY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** Called on orderly ends only; never when the process is killed. */
  @Override
  public void shutdown() {
    clock.shutdownNow();
    ShardAccess.install(null);
    if (host != null) {
      host.close();
    }
    if (client != null) {
      client.close();
    }
    if (server != null) {
      server.close();
    }
  }
}
