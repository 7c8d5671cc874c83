package dev.cairn.spark;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.apache.spark.SparkConf;
import scala.Tuple2;

/**
 * The plugin's settings. They start the plugin and so must be there before the Spark context is
 * made; every key is defined here and nowhere else. Besides, {@code spark.cairn.io.*} takes the
 * settings of Spark's network library ({@code mode}, {@code serverThreads}, {@code clientThreads}
 * ...), as {@code spark.shuffle.io.*} does for shuffles.
 */
public final class CairnConf {
  /** What all keys begin with. */
  public static final String PREFIX = "spark.cairn.";

  private static final String TRANSPORT_PREFIX = PREFIX + "io.";

  /**
   * One setting.
   *
   * @param key its name
   * @param type of its value, for people
   * @param defaultText its value when it is not set
   * @param sentence what it is for
   * @param parse reads and checks a value; throws IllegalArgumentException with what it expects
   */
  public record Key<T>(
      String key, String type, String defaultText, String sentence, Function<String, T> parse) {

    /**
     * The setting's value.
     *
     * @throws IllegalArgumentException naming the key when the value is none
     */
    public T get(SparkConf conf) {
      String text = conf.get(key, defaultText);
      try {
        return parse.apply(text.trim());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            String.format(Locale.ROOT, "Cannot read %s: expected %s, found '%s'", key, type, text),
            e);
      }
    }
  }

  /** What a save does when the one before is not durable yet. */
  public enum InFlight {
    /** It waits. */
    WAIT,
    /** It is left out. */
    SKIP
  }

  /** How long a silent peer is believed in. */
  public static final Key<Duration> PEER_TIMEOUT =
      time(
          "peer.timeout",
          "60s",
          "An executor that answers nothing for that long, while somebody waits, counts as gone.");

  /** How long to wait for executors. */
  public static final Key<Duration> MEMBERS_TIMEOUT =
      time(
          "members.timeout",
          "120s",
          "How long training waits for its executors to register before it gives up.");

  /** How long a segment may take no step. */
  public static final Key<Duration> STALL_TIMEOUT =
      time(
          "stall.timeout",
          "5min",
          "A run that takes no step for that long goes back to its last checkpoint. Lost packed"
              + " data is read again within this time.");

  /** How long a short question may take. */
  public static final Key<Duration> CALL_TIMEOUT =
      time(
          "call.timeout",
          "60s",
          "How long the driver waits for an executor to do something short, such as to freeze.");

  /** How long a restore may take. */
  public static final Key<Duration> RESTORE_TIMEOUT =
      time("restore.timeout", "30min", "How long all executors together may take to restore.");

  /** How long a save may take. */
  public static final Key<Duration> SAVE_TIMEOUT =
      time(
          "save.timeout",
          "30min",
          "How long a save may take until it is durable; then it is aborted and counts as failed.");

  /** What a save does while another is in flight. */
  public static final Key<InFlight> SAVE_IN_FLIGHT =
      new Key<>(
          PREFIX + "save.in-flight",
          "wait or skip",
          "wait",
          "What a save does when the one before is not durable yet: wait for it, or be left out.",
          text -> InFlight.valueOf(text.toUpperCase(Locale.ROOT)));

  /** How many saves may fail in a row. */
  public static final Key<Integer> SAVE_TOLERATED_FAILURES =
      whole(
          "save.tolerated-failures",
          "3",
          0,
          1 << 20,
          "How many saves in a row may fail; one more ends the training.");

  /** How often executors are asked for a sign of life. */
  public static final Key<Duration> HEARTBEAT =
      time("heartbeat.interval", "250ms", 10, "Time between two heartbeats to an executor.");

  /** How long an executor that answers no heartbeat is believed in. */
  public static final Key<Duration> LEASE =
      time(
          "heartbeat.lease",
          "2500ms",
          20,
          "An executor that answers no heartbeat for that long counts as lost and is fenced off.");

  /** How long to wait for a replacement. */
  public static final Key<Duration> REPLACEMENT_WAIT =
      time(
          "recovery.replacement-wait",
          "0s",
          0,
          "How long a recovery waits for the replacement of a lost executor before the survivors"
              + " take over; 0 for at once.");

  /** How many recoveries in a row are too many. */
  public static final Key<Integer> MAX_RECOVERIES =
      whole(
          "recovery.max",
          "10",
          0,
          1 << 20,
          "Recoveries without a new committed step that training survives; one more ends it.");

  /** How many executors keep the packed data. */
  public static final Key<Integer> DATA_COPIES =
      whole(
          "data.copies",
          "2",
          1,
          16,
          "How many executors keep each partition of the packed training data, so that the loss of"
              + " one need not read the input again.");

  /** Whether executors keep the committed state in memory. */
  public static final Key<Boolean> MEMORY_COPY =
      flag(
          "recovery.memory-copy",
          "true",
          "Whether executors keep a copy of the last committed state in memory, so that survivors"
              + " of a loss need not read storage; costs up to the model's memory once more.");

  /** Whether executors that join get shards. */
  public static final Key<Boolean> REBALANCE =
      flag(
          "recovery.rebalance",
          "true",
          "Whether executors that join while training runs get shards, at the next cut.");

  /** How long an ending executor waits until its shards are handed over. */
  public static final Key<Duration> LEAVE_GRACE =
      time(
          "leave.grace",
          "15s",
          0,
          "How long an executor that is told to end (SIGTERM) waits until its shards are handed"
              + " over at a cut.");

  /** Threads for storage. */
  public static final Key<Integer> STORAGE_THREADS =
      whole(
          "storage.threads",
          "2",
          1,
          1024,
          "Threads of an executor that read and write shards: how many models at once.");

  /** How many models that are only read stay loaded. */
  public static final Key<Integer> MODELS_LOADED =
      whole(
          "models.loaded",
          "16",
          1,
          1 << 20,
          "Models that are only read, to score with, that stay in the executors' memory; the"
              + " longest unused goes first, one that is in use never.");

  /** What they may take of the memory. */
  public static final Key<Integer> MODELS_MEMORY =
      whole(
          "models.memory-percent",
          "30",
          1,
          90,
          "Percent of the executors' heaps that models that are only read may take before unused"
              + " ones are freed.");

  /** How long an unused model stays. */
  public static final Key<Duration> MODELS_IDLE =
      time(
          "models.idle",
          "10min",
          "A model that is only read, and that nobody has read for that long, is freed.");

  /** What the pages of models take. */
  public static final Key<Long> MODELS_CACHE =
      size(
          "models.page-cache",
          "64m",
          "Memory of each executor for weights that its tasks have read from others' shards.");

  /** Where fits without a folder of their own save. */
  public static final Key<String> TEMP_DIR =
      new Key<>(
          PREFIX + "temp.dir",
          "a folder, any Hadoop URI; empty for the usual place",
          "",
          "Where fits without checkpointDir and copies of models lie, until the application ends:"
              + " by default the JVM's temporary folder on one machine, /tmp of the default file"
              + " system on a cluster.",
          text -> text);

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

  private static Key<Boolean> flag(String name, String defaultText, String sentence) {
    return new Key<>(
        PREFIX + name,
        "true or false",
        defaultText,
        sentence,
        text -> {
          if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException("neither");
          }
          return text.equals("true");
        });
  }

  private static Key<Duration> time(String name, String defaultText, String sentence) {
    return time(name, defaultText, 1000, sentence);
  }

  private static Key<Duration> time(
      String name, String defaultText, long leastMillis, String sentence) {
    return new Key<>(
        PREFIX + name,
        "a time such as 90s or 5min, at least " + leastMillis + "ms",
        defaultText,
        sentence,
        text -> {
          long millis = new SparkConf(false).set("time", text).getTimeAsMs("time", "0s");
          if (millis < leastMillis) {
            throw new IllegalArgumentException("too short");
          }
          return Duration.ofMillis(millis);
        });
  }

  private static Key<Long> size(String name, String defaultText, String sentence) {
    return new Key<>(
        PREFIX + name,
        "a size such as 64m or 1g, at least 1m",
        defaultText,
        sentence,
        text -> {
          long bytes = new SparkConf(false).set("size", text).getSizeAsBytes("size", "0");
          if (bytes < 1 << 20) {
            throw new IllegalArgumentException("too small");
          }
          return bytes;
        });
  }

  private static Key<Integer> whole(
      String name, String defaultText, int least, int most, String sentence) {
    return new Key<>(
        PREFIX + name,
        String.format(Locale.ROOT, "a whole number from %d to %d", least, most),
        defaultText,
        sentence,
        text -> {
          int value = Integer.parseInt(text);
          if (value < least || value > most) {
            throw new IllegalArgumentException("out of range");
          }
          return value;
        });
  }
}
