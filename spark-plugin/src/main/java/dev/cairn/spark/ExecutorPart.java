package dev.cairn.spark;

import dev.cairn.checkpoint.concurrent.NamedThreads;
import dev.cairn.spark.coordinator.Leaving;
import dev.cairn.spark.coordinator.Registration;
import dev.cairn.spark.host.ShardHost;
import dev.cairn.spark.internal.SparkInternals;
import dev.cairn.spark.reading.ModelReading;
import dev.cairn.spark.reading.ShardsAnswer;
import dev.cairn.spark.transport.NetworkSettings;
import dev.cairn.spark.transport.ShardAccess;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardClient;
import dev.cairn.spark.transport.ShardServer;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.SparkConf;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An executor's half of the plugin: hosts shards, serves them on a free port, and registers that
 * with the driver. Whatever goes wrong in here leaves an executor that runs plain tasks: an
 * exception out of {@code init} would end the executor, and some such exceptions the application.
 */
final class ExecutorPart implements ExecutorPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorPart.class);
  private static final long RETRY_MILLIS = 500;
  private static final long LEAVE_POLL_MILLIS = 100;
  private static final long HOOK_SLACK_MILLIS = 5_000;

  /** The priority of our shutdown hook: above those of Spark's own, which are below 100. */
  private static final int HOOK_PRIORITY = 1_000;

  /** Spark's id of the executor that local mode has within the driver. */
  private static final String IN_DRIVER = "driver";

  /** The shard host of local mode, for the driver's half of the plugin, which is in this JVM. */
  private static final AtomicReference<@Nullable ShardHost> LOCAL = new AtomicReference<>();

  private final ScheduledExecutorService clock = NamedThreads.clock("cairn-register");
  private @Nullable ShardHost host;
  private @Nullable ShardServer server;
  private @Nullable ShardClient client;
  private @Nullable ShardAccess access;
  private @Nullable ModelReading reading;
  private volatile Runnable leaving = () -> {};
  private boolean left;

  @Override
  public void init(PluginContext context, Map<String, String> extraConf) {
    TerminalInterrupt.ignoreIfEmbedded(context.conf());
    try {
      if (context.executorID().equals(IN_DRIVER)) {
        register(context, startLocal(context));
      } else {
        register(context, start(context));
        leaveWhenToldToEnd(context, CairnConf.LEAVE_GRACE.get(context.conf()));
      }
    } catch (RuntimeException e) {
      LOG.error("Cannot host shards in executor {}: it will not train", context.executorID(), e);
    }
  }

  private Registration start(PluginContext context) {
    NetworkSettings network = NetworkSettings.ofSpark(CairnConf.PEER_TIMEOUT.get(context.conf()));
    ShardHost itsHost = ShardHost.create(CairnConf.STORAGE_THREADS.get(context.conf()));
    host = itsHost;
    itsHost.metrics().register(context.metricRegistry(), itsHost::shardsHeld, itsHost::bytesHeld);
    itsHost.onHoldingChanged(() -> keepFromIdling(itsHost));
    ShardServer itsServer = new ShardServer(network, null, itsHost);
    server = itsServer;
    return serve(
        context,
        network,
        itsHost,
        new ShardAddress(context.executorID(), SparkInternals.host(), itsServer.port()));
  }

  /**
   * Starts the host of local mode, where all callers are in this JVM: it does not listen on the
   * network.
   */
  private Registration startLocal(PluginContext context) {
    ShardHost itsHost = ShardHost.create(CairnConf.STORAGE_THREADS.get(context.conf()));
    host = itsHost;
    itsHost.metrics().register(context.metricRegistry(), itsHost::shardsHeld, itsHost::bytesHeld);
    LOCAL.set(itsHost);
    return serve(
        context,
        NetworkSettings.ofSpark(CairnConf.PEER_TIMEOUT.get(context.conf())),
        itsHost,
        new ShardAddress(context.executorID(), SparkInternals.host(), 0));
  }

  private Registration serve(
      PluginContext context, NetworkSettings network, ShardHost itsHost, ShardAddress address) {
    ShardClient itsClient = new ShardClient(network, address, itsHost);
    client = itsClient;
    ShardAccess itsAccess = new ShardAccess(itsClient, itsHost.metrics());
    access = itsAccess;
    ShardAccess.install(itsAccess);
    ModelReading itsReading =
        new ModelReading(
            itsAccess,
            question -> ShardsAnswer.unpacked(context.ask(question)),
            readingSettings(context.conf()));
    reading = itsReading;
    ModelReading.install(itsReading);
    return new Registration(address, Runtime.getRuntime().maxMemory());
  }

  /** The settings for reading models, on executors and on the driver. */
  static ModelReading.Settings readingSettings(SparkConf conf) {
    return new ModelReading.Settings(
        CairnConf.MODELS_CACHE.get(conf),
        Math.max(1, CairnConf.MAX_RECOVERIES.get(conf)),
        CairnConf.MEMBERS_TIMEOUT.get(conf).plus(CairnConf.RESTORE_TIMEOUT.get(conf)));
  }

  /** The host of the executor that is in the driver's own JVM. */
  static ShardHost hostOfLocalMode() {
    return Objects.requireNonNull(LOCAL.get(), "only the executor of local mode registers here");
  }

  private void keepFromIdling(ShardHost itsHost) {
    try {
      clock.execute(() -> SparkInternals.keepFromIdling(itsHost.holdsShards()));
    } catch (RejectedExecutionException e) {
      LOG.debug("This executor ends", e);
    }
  }

  /** Registers with the driver, at once if it answers, else again and again in the background. */
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

  /**
   * A process that is told to end (SIGTERM: a preemption, a pod that is deleted, an executor that
   * is scaled down; or Spark, which has decommissioned it) first asks the driver to take its shards
   * at the next cut, and serves until then. Hadoop's hooks run before Spark's own when their
   * priority is higher, and while they run everything else goes on.
   */
  private void leaveWhenToldToEnd(PluginContext context, Duration grace) {
    if (!grace.isZero()) {
      leaving = () -> leave(context, grace);
      ShutdownHookManager.get()
          .addShutdownHook(
              leaving, HOOK_PRIORITY, grace.toMillis() + HOOK_SLACK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** Hands the shards over once, however many callers there are; the others wait. */
  private synchronized void leave(PluginContext context, Duration grace) {
    if (left) {
      return;
    }
    left = true;
    long end = System.nanoTime() + grace.toNanos();
    try {
      while (System.nanoTime() < end && !handedOver(context, end)) {
        TimeUnit.MILLISECONDS.sleep(LEAVE_POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether nothing is left here by the driver's answer, or the driver cannot be asked. */
  private static boolean handedOver(PluginContext context, long end) throws InterruptedException {
    FutureTask<Object> answer =
        new FutureTask<>(() -> context.ask(new Leaving(context.executorID())));
    // Spark's own timeout for an answer is longer than we may wait.
    NamedThreads.start("cairn-leave", answer);
    try {
      return !Boolean.FALSE.equals(answer.get(end - System.nanoTime(), TimeUnit.NANOSECONDS));
    } catch (ExecutionException | TimeoutException e) {
      LOG.info("Nobody takes this executor's shards: {}", e.toString());
      return true;
    }
  }

  /** Called on orderly ends only; never when the process is killed. */
  @Override
  public void shutdown() {
    if (host != null && host.holdsShards()) {
      leaving.run();
    }
    clock.shutdownNow();
    if (reading != null) {
      reading.close();
    }
    ShardAccess.uninstall(access);
    if (host != null) {
      LOCAL.compareAndSet(host, null);
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
