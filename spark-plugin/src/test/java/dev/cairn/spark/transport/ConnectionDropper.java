package dev.cairn.spark.transport;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.apache.spark.network.client.TransportClient;
import org.jspecify.annotations.Nullable;

/**
 * Closes connections between living executors, as a network does: every now and then one that is in
 * use, from within the executor that opened it. {@value #MILLIS} is the mean time between two of
 * them in one executor, {@value #LOG} a file to which each adds a line.
 */
public final class ConnectionDropper implements SparkPlugin {
  private static final String MILLIS = "spark.test.drop.millis";
  private static final String LOG = "spark.test.drop.log";

  /** The settings of a cluster in which connections drop. */
  public static Map<String, String> settings(Path log, long millis) {
    return Map.of(
        "spark.plugins",
        "dev.cairn.spark.CairnPlugin," + ConnectionDropper.class.getName(),
        LOG,
        log.toString(),
        MILLIS,
        Long.toString(millis));
  }

  /** The number of connections that were closed so far. */
  public static long dropped(Path log) throws IOException {
    return Files.exists(log) ? Files.readAllLines(log).size() : 0;
  }

  @Override
  public @Nullable DriverPlugin driverPlugin() {
    return null;
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new Hand();
  }

  private static final class Hand implements ExecutorPlugin {
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private Random random = new Random(0);
    private long mean;
    private Path log = Path.of("");
    private String self = "";

    @Override
    public void init(PluginContext context, Map<String, String> extraConf) {
      SparkConf conf = context.conf();
      self = context.executorID();
      random = new Random(self.hashCode());
      mean = Long.parseLong(conf.get(MILLIS));
      log = Path.of(conf.get(LOG));
      next();
    }

    private void next() {
      var unused = clock.schedule(this::drop, 1 + random.nextLong(2 * mean), TimeUnit.MILLISECONDS);
    }

    private void drop() {
      try {
        List<TransportClient> open = new ArrayList<>();
        Object client = field(ShardAccess.current(), "client");
        for (Object peer : ((Map<?, ?>) field(client, "peers")).values()) {
          if (field(peer, "open") instanceof TransportClient connection && connection.isActive()) {
            open.add(connection);
          }
        }
        if (!open.isEmpty()) {
          TransportClient victim = open.get(random.nextInt(open.size()));
          victim.close();
          Files.writeString(
              log,
              self + " to " + victim.getSocketAddress() + "\n",
              StandardCharsets.UTF_8,
              StandardOpenOption.CREATE,
              StandardOpenOption.APPEND);
        }
      } catch (ReflectiveOperationException | IOException e) {
        throw new IllegalStateException(e);
      } finally {
        next();
      }
    }

    private static @Nullable Object field(@Nullable Object of, String name)
        throws ReflectiveOperationException {
      if (of == null) {
        throw new NoSuchFieldException(name);
      }
      Field field = of.getClass().getDeclaredField(name);
      field.setAccessible(true);
      return field.get(of);
    }

    @Override
    public void shutdown() {
      clock.shutdownNow();
    }
  }
}
