package dev.cairn.spark;

import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.Leaving;
import dev.cairn.spark.coordinator.Membership;
import dev.cairn.spark.coordinator.Registration;
import dev.cairn.spark.coordinator.SystemClock;
import dev.cairn.spark.internal.SparkInternals;
import dev.cairn.spark.reading.ModelReading;
import dev.cairn.spark.reading.ReadModels;
import dev.cairn.spark.reading.ShardsAnswer;
import dev.cairn.spark.reading.ShardsWanted;
import dev.cairn.spark.transport.NetworkSettings;
import dev.cairn.spark.transport.ShardClient;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/** The driver's half of the plugin: keeps the members and installs the coordinator. */
final class DriverPart implements DriverPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(DriverPart.class);

  private final SystemClock clock = new SystemClock();
  private final Membership membership = new Membership(clock);
  private @Nullable Coordinator coordinator;
  private @Nullable ShardClient client;
  private @Nullable ReadModels models;
  private @Nullable ModelReading reading;

  /** A lease that never ends, for local mode: in its own JVM an executor needs no heartbeats. */
  private static final Duration NO_LEASE = Duration.ofDays(1_000);

  private boolean local;

  @Override
  public Map<String, String> init(SparkContext spark, PluginContext context) {
    CairnConf.check(context.conf());
    local = spark.isLocal();
    Duration peerTimeout = CairnConf.PEER_TIMEOUT.get(context.conf());
    ShardClient made = new ShardClient(NetworkSettings.ofSpark(peerTimeout), null, null);
    client = made;
    Coordinator itsCoordinator =
        new Coordinator(
            membership,
            made,
            clock,
            new Coordinator.Settings(
                CairnConf.CALL_TIMEOUT.get(context.conf()),
                CairnConf.RESTORE_TIMEOUT.get(context.conf()),
                CairnConf.HEARTBEAT.get(context.conf()),
                local ? NO_LEASE : CairnConf.LEASE.get(context.conf())));
    made.onBroken(itsCoordinator::connectionBroke);
    // What Spark still counts as there must not be asked for blocks.
    var unused =
        itsCoordinator.onLoss(loss -> SparkInternals.forgetData(loss.member().executorId()));
    coordinator = itsCoordinator;
    Coordinator.install(itsCoordinator);
    readModels(itsCoordinator, context.conf());
    // The scheduler does not exist yet: this listener is told of every executor.
    spark.addSparkListener(new ExecutorListener(itsCoordinator));
    return Map.of();
  }

  private void readModels(Coordinator of, SparkConf conf) {
    SortedMap<String, String> hadoop = new TreeMap<>();
    for (Tuple2<String, String> entry : conf.getAllWithPrefix("spark.hadoop.")) {
      hadoop.put(entry._1(), entry._2());
    }
    ReadModels made =
        new ReadModels(
            of,
            new ReadModels.Settings(
                CairnConf.MODELS_LOADED.get(conf),
                CairnConf.MODELS_MEMORY.get(conf),
                CairnConf.MODELS_IDLE.get(conf),
                Math.max(1, CairnConf.MAX_RECOVERIES.get(conf)),
                CairnConf.MEMBERS_TIMEOUT.get(conf),
                hadoop));
    models = made;
    ReadModels.install(made);
    // The driver reads a row at a time as executors do; it asks itself.
    ModelReading itsReading =
        new ModelReading(of.access(), made::answer, ExecutorPart.readingSettings(conf));
    reading = itsReading;
    ModelReading.install(itsReading);
  }

  @Override
  public void registerMetrics(String appId, PluginContext context) {
    if (coordinator != null) {
      coordinator.metrics().register(context.metricRegistry(), () -> membership.members().size());
    }
  }

  /** Records a message and returns: all plugins share the thread that calls this. */
  @Override
  public Object receive(Object message) {
    if (message instanceof Registration registration) {
      if (local) {
        takeLocal(registration);
      }
      membership.register(registration);
      return true;
    }
    if (message instanceof Leaving leaving) {
      membership.leaves(leaving.executorId());
      return coordinator == null || !coordinator.owns(leaving.executorId());
    }
    if (message instanceof ShardsWanted question) {
      return (models == null
              ? new ShardsAnswer.Failed("the driver starts")
              : models.answer(question))
          .packed();
    }
    throw new IllegalArgumentException("Cannot receive " + message.getClass().getName());
  }

  /** Takes the one executor of local mode, which is in this JVM: calls to it skip the network. */
  private void takeLocal(Registration registration) {
    if (client != null) {
      client.answerHere(registration.address(), ExecutorPart.hostOfLocalMode());
    }
    LOG.warn(
        "Local mode: parameters live in the driver's own JVM. Training and scoring work as on a"
            + " cluster, but the parameters are lost with this process; the same call goes on from"
            + " the last checkpoint");
  }

  @Override
  public void shutdown() {
    if (reading != null) {
      reading.close();
    }
    if (models != null) {
      models.close();
    }
    if (coordinator != null) {
      coordinator.close();
    }
    if (client != null) {
      client.close();
    }
    clock.close();
  }

  /** Spark's events of executors, from one thread. */
  private static final class ExecutorListener extends SparkListener {
    private final Coordinator coordinator;
    private boolean ended;

    ExecutorListener(Coordinator coordinator) {
      this.coordinator = coordinator;
    }

    @Override
    public void onExecutorAdded(SparkListenerExecutorAdded added) {
      coordinator.membership().added(added.executorId(), added.executorInfo().totalCores());
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
      if (!ended) {
        coordinator.executorRemoved(removed.executorId(), removed.reason());
      }
    }

    /** Ends the watch: executors that go now are no losses. */
    @Override
    public void onApplicationEnd(SparkListenerApplicationEnd end) {
      ended = true;
      coordinator.close();
    }
  }
}
