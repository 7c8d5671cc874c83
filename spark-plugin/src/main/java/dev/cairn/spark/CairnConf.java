package dev.cairn.spark;

import dev.cairn.spark.settings.SavingSettings;
import dev.cairn.spark.settings.Setting;
import dev.cairn.spark.settings.Values;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkConf;
import scala.Tuple2;

/**
 * The plugin's settings. They start the plugin and so must be there before the Spark context is
 * made. Besides, {@code spark.cairn.io.*} takes the settings of Spark's network library ({@code
 * mode}, {@code serverThreads}, {@code clientThreads} ...), as {@code spark.shuffle.io.*} does for
 * shuffles.
 */
public final class CairnConf {
  /** The prefix of all keys. */
  public static final String PREFIX = "spark.cairn.";

  private static final String TRANSPORT_PREFIX = PREFIX + "io.";
  private static final long MIB = 1L << 20;

  /**
   * A setting.
   *
   * @param setting the setting's description
   */
  public record Key<T>(Setting<T> setting) {

    /** Its name. */
    public String key() {
      return setting.name();
    }

    /**
     * The setting's value.
     *
     * @throws IllegalArgumentException naming the key when the value is none
     */
    public T get(SparkConf conf) {
      String text = conf.get(key(), setting.defaultText());
      try {
        return setting.values().parse(text.trim());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Cannot read %s: expected %s, found '%s'",
                key(),
                setting.values().expected(),
                text),
            e);
      }
    }
  }

  /** The time after which a silent peer counts as gone. */
  public static final Key<Duration> PEER_TIMEOUT =
      time(
          "peer.timeout",
          "60s",
          "An executor that answers nothing for that long, while somebody waits, counts as gone.");

  /** The time to wait for executors. */
  public static final Key<Duration> MEMBERS_TIMEOUT =
      time(
          "members.timeout",
          "120s",
          "How long training waits for its executors to register before it gives up.");

  /** The time that a segment may take no step. */
  public static final Key<Duration> STALL_TIMEOUT =
      time(
          "stall.timeout",
          "5min",
          "A run that takes no step for that long goes back to its last checkpoint. Lost packed"
              + " data is read again within this time.");

  /** The time that a short call may take. */
  public static final Key<Duration> CALL_TIMEOUT =
      time(
          "call.timeout",
          "60s",
          "How long the driver waits for an executor to do something short, such as to freeze.");

  /** The time that a restore may take. */
  public static final Key<Duration> RESTORE_TIMEOUT =
      time("restore.timeout", "30min", "How long all executors together may take to restore.");

  /** The time that a save may take. */
  public static final Key<Duration> SAVE_TIMEOUT =
      time(
          "save.timeout",
          "30min",
          "How long a save may take until it is durable; then it is aborted and counts as failed.");

  /** The behaviour of a save while another is in flight. */
  public static final Key<String> SAVE_IN_FLIGHT = new Key<>(SavingSettings.IN_FLIGHT);

  /** The number of saves that may fail in a row. */
  public static final Key<Integer> SAVE_TOLERATED_FAILURES =
      new Key<>(SavingSettings.TOLERATED_FAILURES);

  /** The time between two heartbeats to an executor. */
  public static final Key<Duration> HEARTBEAT =
      time("heartbeat.interval", "250ms", 10, "Time between two heartbeats to an executor.");

  /** The time after which an executor that answers no heartbeat counts as lost. */
  public static final Key<Duration> LEASE =
      time(
          "heartbeat.lease",
          "2500ms",
          20,
          "An executor that answers no heartbeat for that long counts as lost and is fenced off.");

  /** The time to wait for a replacement. */
  public static final Key<Duration> REPLACEMENT_WAIT =
      time(
          "recovery.replacement-wait",
          "0s",
          0,
          "How long a recovery waits for the replacement of a lost executor before the survivors"
              + " take over; 0 for at once.");

  /** The largest number of recoveries in a row. */
  public static final Key<Integer> MAX_RECOVERIES =
      whole(
          "recovery.max",
          10,
          0,
          1 << 20,
          "Recoveries without a new committed step that training survives; one more ends it.");

  /** The number of executors that keep each partition of the packed data. */
  public static final Key<Integer> DATA_COPIES =
      whole(
          "data.copies",
          2,
          1,
          16,
          "How many executors keep each partition of the packed training data, so that the loss of"
              + " one need not read the input again.");

  /** Whether executors keep the committed state in memory. */
  public static final Key<Boolean> MEMORY_COPY =
      flag(
          "recovery.memory-copy",
          true,
          "Whether executors keep a copy of the last committed state in memory, so that survivors"
              + " of a loss need not read storage; costs up to the model's memory once more.");

  /** Whether executors that join get shards. */
  public static final Key<Boolean> REBALANCE =
      flag(
          "recovery.rebalance",
          true,
          "Whether executors that join while training runs get shards, at the next cut.");

  /** The time that an ending executor waits for its shards to be handed over. */
  public static final Key<Duration> LEAVE_GRACE =
      time(
          "leave.grace",
          "15s",
          0,
          "How long an executor that is told to end (SIGTERM) waits until its shards are handed"
              + " over at a cut.");

  /** The number of threads for storage. */
  public static final Key<Integer> STORAGE_THREADS =
      whole(
          "storage.threads",
          2,
          1,
          1024,
          "Threads of an executor that read and write shards: how many models at once.");

  /** The number of models that are only read and stay loaded. */
  public static final Key<Integer> MODELS_LOADED =
      whole(
          "models.loaded",
          16,
          1,
          1 << 20,
          "Models that are only read, to score with, that stay in the executors' memory; the"
              + " longest unused goes first, one that is in use never.");

  /** The share of the memory that they may take. */
  public static final Key<Integer> MODELS_MEMORY =
      whole(
          "models.memory-percent",
          30,
          1,
          90,
          "Percent of the executors' heaps that models that are only read may take before unused"
              + " ones are freed.");

  /** The time that an unused model stays. */
  public static final Key<Duration> MODELS_IDLE =
      time(
          "models.idle",
          "10min",
          "A model that is only read, and that nobody has read for that long, is freed.");

  /** The memory that the pages of models may take. */
  public static final Key<Long> MODELS_CACHE =
      key(
          "models.page-cache",
          new Sizes(),
          64 * MIB,
          "Memory of each executor for weights that its tasks have read from others' shards.");

  /** The folder of fits that have no folder of their own. */
  public static final Key<String> TEMP_DIR =
      key(
          "temp.dir",
          Values.text(),
          "",
          "Folder, any Hadoop URI, where fits without checkpointDir and copies of models lie, until"
              + " the application ends; empty for the JVM's temporary folder on one machine, /tmp"
              + " of the default file system on a cluster.");

  /** All keys, in the order in which help lists them. */
  public static final List<Key<?>> KEYS =
      List.of(
          MEMBERS_TIMEOUT,
          PEER_TIMEOUT,
          HEARTBEAT,
          LEASE,
          REPLACEMENT_WAIT,
          MAX_RECOVERIES,
          DATA_COPIES,
          MEMORY_COPY,
          REBALANCE,
          LEAVE_GRACE,
          STALL_TIMEOUT,
          CALL_TIMEOUT,
          SAVE_IN_FLIGHT,
          SAVE_TIMEOUT,
          SAVE_TOLERATED_FAILURES,
          RESTORE_TIMEOUT,
          STORAGE_THREADS,
          MODELS_LOADED,
          MODELS_MEMORY,
          MODELS_IDLE,
          MODELS_CACHE,
          TEMP_DIR);

  private CairnConf() {}

  /**
   * Checks every {@code spark.cairn.*} key of a configuration.
   *
   * @throws IllegalArgumentException for an unknown key or a bad value
   */
  public static void check(SparkConf conf) {
    for (Tuple2<String, String> entry : conf.getAllWithPrefix(PREFIX)) {
      String key = PREFIX + entry._1();
      if (!key.startsWith(TRANSPORT_PREFIX) && KEYS.stream().noneMatch(k -> k.key().equals(key))) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Cannot use %s: there is no such key, expected one of %s",
                key,
                String.join(", ", KEYS.stream().map(Key::key).toList())));
      }
    }
    KEYS.forEach(key -> key.get(conf));
  }

  private static <T> Key<T> key(String name, Values<T> values, T otherwise, String sentence) {
    return new Key<>(Setting.of(PREFIX + name, values, otherwise, sentence));
  }

  private static Key<Boolean> flag(String name, boolean otherwise, String sentence) {
    return key(name, Values.flag(), otherwise, sentence);
  }

  private static Key<Duration> time(String name, String otherwise, String sentence) {
    return time(name, otherwise, 1000, sentence);
  }

  private static Key<Duration> time(
      String name, String otherwise, long leastMillis, String sentence) {
    Times times = new Times(leastMillis);
    return key(name, times, times.parse(otherwise), sentence);
  }

  private static Key<Integer> whole(
      String name, int otherwise, int least, int most, String sentence) {
    return key(name, Values.whole(least, most), otherwise, sentence);
  }

  /** Times as Spark writes them. */
  private record Times(long leastMillis) implements Values<Duration> {
    private static final long serialVersionUID = 1L;

    @Override
    public String expected() {
      return "a time such as 90s or 5min, at least " + leastMillis + "ms";
    }

    @Override
    public Duration parse(String text) {
      Duration time =
          Duration.ofMillis(new SparkConf(false).set("time", text).getTimeAsMs("time", "0s"));
      if (!holds(time)) {
        throw new IllegalArgumentException(expected());
      }
      return time;
    }

    @Override
    public boolean holds(Duration value) {
      return value.toMillis() >= leastMillis;
    }

    @Override
    public String text(Duration value) {
      long millis = value.toMillis();
      if (millis % 60_000 == 0 && millis > 0) {
        return millis / 60_000 + "min";
      }
      return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }
  }

  /** Sizes as Spark writes them, in bytes. */
  private record Sizes() implements Values<Long> {
    private static final long serialVersionUID = 1L;

    @Override
    public String expected() {
      return "a size such as 64m or 1g, at least 1m";
    }

    @Override
    public Long parse(String text) {
      long bytes = new SparkConf(false).set("size", text).getSizeAsBytes("size", "0");
      if (!holds(bytes)) {
        throw new IllegalArgumentException(expected());
      }
      return bytes;
    }

    @Override
    public boolean holds(Long value) {
      return value >= MIB;
    }

    @Override
    public String text(Long value) {
      return value % MIB == 0 ? value / MIB + "m" : value + "b";
    }
  }
}
