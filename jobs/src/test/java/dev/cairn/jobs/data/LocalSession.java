package dev.cairn.jobs.data;

import org.apache.spark.sql.SparkSession;

/** A session in this JVM alone: reading and checking need no executors. */
final class LocalSession {
  private LocalSession() {}

  /** One for many queries on a few rows each, which are not worth compiling. */
  static SparkSession startForFewRows() {
    SparkSession spark = start();
    spark.conf().set("spark.sql.codegen.wholeStage", false);
    spark.conf().set("spark.sql.codegen.factoryMode", "NO_CODEGEN");
    spark.conf().set("spark.sql.adaptive.enabled", false);
    return spark;
  }

  /** Starts it; whoever does so stops it, since later tests want executors. */
  static SparkSession start() {
    return SparkSession.builder()
        .master("local[2]")
        .config("spark.ui.enabled", false)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", 1)
        .getOrCreate();
  }
}
