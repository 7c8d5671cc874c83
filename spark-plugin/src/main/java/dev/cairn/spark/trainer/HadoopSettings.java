package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.FolderOptions;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.SparkContext;
import scala.Tuple2;

/** The application's file system settings, from {@code spark.hadoop.*}. */
public final class HadoopSettings {
  private static final String PREFIX = "spark.hadoop.";

  private HadoopSettings() {}

  static SortedMap<String, String> of(SparkContext context) {
    SortedMap<String, String> settings = new TreeMap<>();
    for (Tuple2<String, String> entry : context.getConf().getAll()) {
      if (entry._1.startsWith(PREFIX)) {
        settings.put(entry._1.substring(PREFIX.length()), entry._2);
      }
    }
    return settings;
  }

  /** The options with which the application reaches files, and its id. */
  public static FolderOptions options(SparkContext context) {
    return FolderOptions.defaults()
        .withHadoopProperties(of(context))
        .withApplicationId(context.applicationId());
  }
}
