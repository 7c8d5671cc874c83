package dev.cairn.spark;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;

/**
 * The parts of {@code spark.master} that matter here.
 *
 * @param kind the place of the executors
 * @param executors the number of executors, where the master gives it; 1 elsewhere
 */
public record SparkMaster(Kind kind, int executors) {
  /** The key of Spark's setting. */
  public static final String KEY = "spark.master";

  private static final Pattern LOCAL = Pattern.compile("local(\\[.*)?");
  private static final String LOCAL_CLUSTER = "local-cluster";
  private static final Pattern EXECUTORS =
      Pattern.compile(Pattern.quote(LOCAL_CLUSTER) + "\\[\\s*(\\d{1,9})");

  /** The place of the executors. */
  public enum Kind {
    /** The driver is the only executor: {@code local[2]}. */
    LOCAL,
    /**
     * Executors are processes that the driver starts on its machine: {@code
     * local-cluster[2,1,1024]}.
     */
    LOCAL_CLUSTER,
    /** Executors are elsewhere, or their place is not known yet. */
    CLUSTER
  }

  /** Reads it from an application's settings. */
  public static SparkMaster of(SparkConf conf) {
    return of(conf.get(KEY, ""));
  }

  /** Reads it from a value of the key; mistakes in it are left to Spark to report. */
  public static SparkMaster of(String master) {
    if (LOCAL.matcher(master).matches()) {
      return new SparkMaster(Kind.LOCAL, 1);
    }
    if (!master.startsWith(LOCAL_CLUSTER)) {
      return new SparkMaster(Kind.CLUSTER, 1);
    }
    Matcher found = EXECUTORS.matcher(master);
    int executors = found.lookingAt() ? Integer.parseInt(found.group(1)) : 1;
    return new SparkMaster(Kind.LOCAL_CLUSTER, executors);
  }

  /** The value for executors of one core each, which the driver starts on its machine. */
  public static String localCluster(int executors, long mib) {
    return String.format(Locale.ROOT, "%s[%d,1,%d]", LOCAL_CLUSTER, executors, mib);
  }

  /** Whether the driver's own executor is the only one. */
  public boolean isLocal() {
    return kind == Kind.LOCAL;
  }

  /** Whether the driver starts the executors on its machine. */
  public boolean isLocalCluster() {
    return kind == Kind.LOCAL_CLUSTER;
  }
}
