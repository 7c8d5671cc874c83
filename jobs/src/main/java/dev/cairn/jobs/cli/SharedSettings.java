package dev.cairn.jobs.cli;

import dev.cairn.jobs.config.ConfKey;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.spark.CairnConf;
import java.util.List;
import org.apache.spark.SparkConf;

/**
 * Settings that have a name here and one among the plugin's: one value each, whichever name it was
 * given by. The command line wins over the file, the file over what Spark was told (its defaults
 * file, spark-submit), that over the default.
 */
final class SharedSettings {
  private static final int COMMAND_LINE = 3;
  private static final int FILE = 2;
  private static final int SPARK = 1;

  /**
   * One such setting.
   *
   * @param here its name here
   * @param plugin its name among the plugin's
   */
  private record Shared(ConfKey<?> here, CairnConf.Key<?> plugin) {}

  private static final List<Shared> ALL =
      List.of(
          new Shared(TrainConf.MAX_RECOVERIES, CairnConf.MAX_RECOVERIES),
          new Shared(TrainConf.DATA_COPIES, CairnConf.DATA_COPIES),
          new Shared(TrainConf.CHECKPOINT_IN_FLIGHT, CairnConf.SAVE_IN_FLIGHT),
          new Shared(TrainConf.CHECKPOINT_TOLERATED_FAILURES, CairnConf.SAVE_TOLERATED_FAILURES));

  private SharedSettings() {}

  /**
   * Gives Spark's configuration the plugin's settings that the run's say.
   *
   * @param submitted what Spark was told
   * @param spark receives them
   * @throws JobException if one place says two different things
   */
  static void set(TrainConf conf, SparkConf submitted, SparkConf spark) {
    for (Shared shared : ALL) {
      String key = shared.plugin().key();
      String ours = String.valueOf(conf.get(shared.here()));
      int here = rank(conf.place(shared.here().name()));
      int given = conf.spark().containsKey(key) ? rank(conf.place(key)) : 0;
      if (here > 0 && here == given && !ours.equals(conf.spark().get(key))) {
        throw new JobException(
            Text.format(
                "Cannot use %s = %s and %s = %s: they are one setting, expected one value; leave"
                    + " one of them out %s",
                shared.here().name(), ours, key, conf.spark().get(key), conf.where(shared.here())));
      }
      if (here > Math.max(given, submitted.contains(key) ? SPARK : 0)) {
        spark.set(key, ours);
      } else if (given > SPARK) {
        spark.set(key, conf.spark().get(key));
      } else {
        spark.setIfMissing(key, ours);
      }
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
