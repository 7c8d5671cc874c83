package dev.cairn.spark.ml;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.spark.CairnConf;
import dev.cairn.spark.trainer.HadoopSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder that lives as long as the application: for fits without a folder of their own, and for
 * copies of models whose own folder may be overwritten. A driver that is killed leaves it behind.
 * Thread-safe.
 */
final class ApplicationFolder {
  private static final Logger LOG = LoggerFactory.getLogger(ApplicationFolder.class);
  private static final ConcurrentMap<String, String> FOLDERS = new ConcurrentHashMap<>();

  private ApplicationFolder() {}

  /**
   * The path of the application's folder, which is not made yet.
   *
   * @throws IOException if there is no place that all executors can reach
   */
  static String of(SparkContext context) throws IOException {
    String present = FOLDERS.get(context.applicationId());
    if (present != null) {
      return present;
    }
    FolderOptions options = HadoopSettings.options(context);
    String folder =
        Folders.qualify(base(context, options) + "/cairn-" + context.applicationId(), options);
    if (FOLDERS.putIfAbsent(context.applicationId(), folder) == null) {
      context.addSparkListener(
          new SparkListener() {
            @Override
            public void onApplicationEnd(SparkListenerApplicationEnd end) {
              delete(context.applicationId(), options);
            }
          });
    }
    return folder;
  }

  private static String base(SparkContext context, FolderOptions options) throws IOException {
    String set = CairnConf.TEMP_DIR.get(context.getConf());
    if (!set.isEmpty()) {
      return set;
    }
    if (context.master().matches("local(-cluster)?(\\[.*)?")) {
      return Path.of(System.getProperty("java.io.tmpdir")).toUri().toString();
    }
    String shared = Folders.qualify("/tmp", options);
    if (shared.startsWith("file:")) {
      throw new IOException(
          "Cannot find a folder for the checkpoints: expected one that all executors see, found "
              + shared
              + " as the default file system's; set checkpointDir, or "
              + CairnConf.TEMP_DIR.key());
    }
    return shared;
  }

  private static void delete(String applicationId, FolderOptions options) {
    String folder = FOLDERS.remove(applicationId);
    try {
      if (folder != null) {
        Folders.delete(folder, options);
      }
    } catch (IOException e) {
      LOG.warn("The temporary folder {} was not deleted: {}", folder, e.getMessage());
    }
  }
}
