package dev.cairn.spark.internal;

import java.time.Duration;
import org.apache.spark.MapOutputTrackerMaster;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.network.netty.SparkTransportConf$;
import org.apache.spark.network.sasl.SecretKeyHolder;
import org.apache.spark.network.util.TransportConf;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.storage.RDDBlockId;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;
import scala.Option;
import scala.Some;
import scala.reflect.ClassTag$;

/** The parts of Spark's internals that the plugin needs. */
public final class SparkInternals {
  /** The id of a block that no RDD has: far beyond those that an application makes. */
  private static final RDDBlockId BUSY = new RDDBlockId(Integer.MAX_VALUE, 0);

  private SparkInternals() {}

  /**
   * The host under which Spark's scheduler lists this JVM. {@code PluginContext.hostname()} throws
   * NullPointerException in executors. In local mode the plugin starts before the block manager has
   * an address.
   */
  public static String host() {
    SparkEnv env = SparkEnv.get();
    BlockManagerId here = env.blockManager().blockManagerId();
    return here == null ? env.conf().get("spark.driver.host") : here.host();
  }

  /**
   * The holder of the application's secret, null when {@code spark.authenticate} is off. There is
   * no public way to the secret that Spark has distributed.
   */
  public static @Nullable SecretKeyHolder secrets() {
    SecurityManager security = SparkEnv.get().securityManager();
    return security.isAuthenticationEnabled() ? security : null;
  }

  /** The name of the secret, as Spark's own RPC uses it. */
  public static String secretUser() {
    return SparkEnv.get().securityManager().getSaslUser();
  }

  /**
   * The settings for our connections: {@code spark.cairn.io.*}, and Spark's own for authentication,
   * encryption and TLS, whose passwords are not in the configuration.
   *
   * @param peerTimeout the time after which a silent peer counts as gone. The network library would
   *     close a connection with calls under way that was quiet for {@code io.connectionTimeout};
   *     our own signs of life keep it from being quiet, so that must be the longer time.
   */
  public static TransportConf transportConf(Duration peerTimeout) {
    SparkEnv env = SparkEnv.get();
    SparkConf conf =
        env.conf()
            .clone()
            .setIfMissing("spark.cairn.io.connectionTimeout", 4 * peerTimeout.toMillis() + "ms")
            .setIfMissing(
                "spark.cairn.io.connectionCreationTimeout", peerTimeout.toMillis() + "ms");
    return SparkTransportConf$.MODULE$.fromSparkConf(
        conf, "cairn", 0, Option.empty(), Some.apply(env.securityManager().getRpcSSLOptions()));
  }

  /**
   * Makes Spark's driver forget which blocks and shuffle files an executor has, so that no task
   * waits for one that hangs. Spark itself would rely on it for minutes, and has no public way to
   * change that. An executor that comes back reports its blocks again.
   */
  public static void forgetData(String executorId) {
    SparkEnv env = SparkEnv.get();
    if (env == null) {
      return; // the application ends
    }
    env.blockManager().master().removeExecutorAsync(executorId);
    if (env.mapOutputTracker() instanceof MapOutputTrackerMaster master) {
      master.removeOutputsOnExecutor(executorId);
    }
  }

  /**
   * Keeps dynamic allocation from taking this executor for idle, or ends that. Spark spares only
   * executors that run tasks or have cached blocks of an RDD: so this one gets a cached block, of
   * an RDD that does not exist. ({@code spark.dynamicAllocation.cachedExecutorIdleTimeout} still
   * holds; it is infinite by default.)
   */
  public static void keepFromIdling(boolean busy) {
    SparkEnv env = SparkEnv.get();
    if (env == null) {
      return; // the executor ends
    }
    boolean present = env.blockManager().getStatus(BUSY).isDefined();
    if (busy && !present) {
      boolean unused =
          env.blockManager()
              .putSingle(
                  BUSY,
                  Boolean.TRUE,
                  StorageLevel.MEMORY_AND_DISK(),
                  true,
                  ClassTag$.MODULE$.apply(Boolean.class));
    } else if (!busy && present) {
      env.blockManager().removeBlock(BUSY, true);
    }
  }

  /** Whether Spark is decommissioning an executor; plugins are not told of it. */
  public static boolean decommissioning(SparkContext context, String executorId) {
    return context.taskScheduler().getExecutorDecommissionState(executorId).isDefined();
  }
}
