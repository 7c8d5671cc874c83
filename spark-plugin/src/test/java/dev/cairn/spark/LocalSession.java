package dev.cairn.spark;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** Sessions whose executor is this JVM ({@code local[2]}), with the plugin loaded. */
public final class LocalSession {
  private LocalSession() {}

  /** A session. */
  public static SparkSession start() {
    return start(Map.of());
  }

  /** A session with further settings. */
  public static SparkSession start(Map<String, String> settings) {
    SparkConf conf =
        new SparkConf(false)
            .setMaster("local[2]")
            .setAppName("test")
            .set("spark.plugins", "dev.cairn.spark.CairnPlugin")
            .set("spark.sql.shuffle.partitions", "2")
            .set("spark.ui.enabled", "false");
    settings.forEach(conf::set);
    return SparkSession.builder().config(conf).getOrCreate();
  }
}
