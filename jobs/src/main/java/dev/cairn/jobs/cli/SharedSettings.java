package dev.cairn.jobs.cli;

import dev.cairn.jobs.config.ConfKey;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import org.apache.spark.SparkConf;

/**
 * Settings that have a name here and one among the plugin's: one value each, whichever name it was
 * given by. The command line wins over the file, the file over Spark's own configuration (its
 * defaults file, spark-submit), that over the default.
 */
final class SharedSettings {
  private static final int COMMAND_LINE = 3;
  private static final int FILE = 2;
  private static final int SPARK = 1;

  private SharedSettings() {}

  /**
   * Sets the plugin's settings in Spark's configuration from those of the run.
   *
   * @param submitted Spark's own configuration
   * @param spark receives them
   * @throws JobException if one place has two different values
   */
  static void set(TrainConf conf, SparkConf submitted, SparkConf spark) {
    for (ConfKey<?> own : TrainConf.keys()) {
      if (own.plugin().isPresent()) {
        set(conf, own, own.plugin().get(), submitted, spark);
      }
    }
  }

  private static void set(
      TrainConf conf, ConfKey<?> own, String key, SparkConf submitted, SparkConf spark) {
    String ours = String.valueOf(conf.get(own));
    int here = rank(conf.place(own.name()));
    int given = conf.spark().containsKey(key) ? rank(conf.place(key)) : 0;
    if (here > 0 && here == given && !ours.equals(conf.spark().get(key))) {
      throw new JobException(
          Text.format(
              "Cannot use %s = %s and %s = %s: they are one setting, expected one value; leave"
                  + " one of them out %s",
              own.name(), ours, key, conf.spark().get(key), conf.where(own)));
    }
    if (here > Math.max(given, submitted.contains(key) ? SPARK : 0)) {
      spark.set(key, ours);
    } else if (given > SPARK) {
      spark.set(key, conf.spark().get(key));
    } else {
      spark.setIfMissing(key, ours);
    }
  }

  private static int rank(String place) {
    return switch (place) {
      case "default" -> 0;
      case "command line" -> COMMAND_LINE;
      default -> FILE;
    };
  }
}
