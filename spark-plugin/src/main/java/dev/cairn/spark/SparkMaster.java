package dev.cairn.spark;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;

/**
 * What {@code spark.master} says, as far as it matters here.
 *
 * @param kind where executors are
 * @param executors how many there will be, where the master says so; 1 elsewhere
 */
public record SparkMaster(Kind kind, int executors) {
  /** Spark's key. */
  public static final String KEY = "spark.master";

  private static final Pattern LOCAL = Pattern.compile("local(\\[.*)?");
  private static final String LOCAL_CLUSTER = "local-cluster";
  private static final Pattern EXECUTORS =
      Pattern.compile(Pattern.quote(LOCAL_CLUSTER) + "\\[\\s*(\\d{1,9})");

  /** Where executors are. */
  public enum Kind {
    /** The driver is the only one: {@code local[2]}. */
    LOCAL,
    /** Processes that the driver starts on its machine: {@code local-cluster[2,1,1024]}. */
    LOCAL_CLUSTER,
    /** Elsewhere, or not known yet. */
    CLUSTER
  }

  /** Of an application's settings. */
  public static SparkMaster of(SparkConf conf) {
    return of(conf.get(KEY, ""));
  }

  /** Of a value of the key; what is wrong in it is Spark's to say. */
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

  /** The value that has the driver start executors of one core each on its machine. */
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
