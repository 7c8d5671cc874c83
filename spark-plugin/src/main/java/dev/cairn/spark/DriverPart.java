package dev.cairn.spark;

import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.Membership;
import dev.cairn.spark.coordinator.Registration;
import dev.cairn.spark.transport.NetworkSettings;
import dev.cairn.spark.transport.ShardClient;
import java.time.Duration;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.jspecify.annotations.Nullable;

/** The driver's half: knows the members and installs the coordinator. */
final class DriverPart implements DriverPlugin {
  private final Membership membership = new Membership();
  private @Nullable Coordinator coordinator;

  @Override
  public Map<String, String> init(SparkContext spark, PluginContext context) {
    CairnConf.check(context.conf());
    Duration peerTimeout = CairnConf.PEER_TIMEOUT.get(context.conf());
    ShardClient client = new ShardClient(NetworkSettings.ofSpark(peerTimeout), null, null);
    Coordinator made =
        new Coordinator(
            membership,
            client,
            CairnConf.CALL_TIMEOUT.get(context.conf()),
            CairnConf.RESTORE_TIMEOUT.get(context.conf()));
    coordinator = made;
    Coordinator.install(made);
    // The scheduler does not exist yet: this listener hears of every executor.
    spark.addSparkListener(new ExecutorListener(membership));
    return Map.of();
  }

  /** All plugins share the one thread that calls this: it records and returns. */
  @Override
  public Object receive(Object message) {
    if (message instanceof Registration registration) {
      membership.register(registration);
      return true;
    }
    throw new IllegalArgumentException("Cannot receive " + message.getClass().getName());
  }

  @Override
  public void shutdown() {
    if (coordinator != null) {
      coordinator.close();
    }
  }

  private static final class ExecutorListener extends SparkListener {
    private final Membership membership;

    ExecutorListener(Membership membership) {
      this.membership = membership;
    }

    @Override
    public void onExecutorAdded(SparkListenerExecutorAdded added) {
      membership.added(added.executorId(), added.executorInfo().totalCores());
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
      membership.removed(removed.executorId(), removed.reason());
    }
  }
}
