package dev.cairn.jobs.cli;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.spark.SparkMaster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import scala.Tuple2;

/**
 * Makes Spark's configuration of a run. Later ones win: Cairn's defaults, Spark's own (by
 * spark-submit, by its defaults file), the properties file, the command line; {@link
 * SharedSettings} may be given by either of their names. Without a master from anywhere it is the
 * embedded cluster: executor processes started from this JVM's class path. With {@code
 * spark.master=local[n]} all of it runs in this JVM.
 */
final class SparkSettings {
  /**
   * The time zone by which Spark computes the hour of an instant; it is one of the settings that
   * decide the trained bits.
   */
  static final String TIME_ZONE = "spark.sql.session.timeZone";

  /** The time zone unless another one is set. */
  static final String UTC = "UTC";

  private static final String MASTER = SparkMaster.KEY;
  private static final String PLUGINS = "spark.plugins";
  private static final String PLUGIN = "dev.cairn.spark.CairnPlugin";
  private static final String MEMORY = "spark.executor.memory";
  private static final long MIB = 1L << 20;

  private SparkSettings() {}

  /**
   * The settings for a session that reads rows as the session did that trained a model: an instant
   * has the same hour there, unless the user says otherwise.
   */
  static SparkConf asTrained(Optional<TrainingState> training, TrainConf conf, SparkConf settings) {
    if (training.isPresent() && !conf.spark().containsKey(TIME_ZONE)) {
      String zone = training.get().configuration().getOrDefault(TIME_ZONE, UTC);
      return settings.clone().set(TIME_ZONE, zone);
    }
    return settings;
  }

  /**
   * The settings for a session.
   *
   * @param submitted the settings of spark-submit or the JVM's properties: {@code new SparkConf()}
   */
  static SparkConf of(TrainConf conf, SparkConf submitted) {
    SparkConf spark = submitted.clone();
    conf.spark().forEach(spark::set); // the file's, and the command line's in their place
    spark.setIfMissing("spark.app.name", conf.get(TrainConf.RUN_NAME));
    // hour(date) must not depend on the machine.
    spark.setIfMissing(TIME_ZONE, UTC);
    // A small file is still worth reading on every core.
    spark.setIfMissing("spark.sql.files.openCostInBytes", "262144");
    spark.setIfMissing("spark.serializer", "org.apache.spark.serializer.KryoSerializer");
    spark.setIfMissing("spark.kryo.registrator", "dev.cairn.spark.CairnKryoRegistrator");
    spark.setIfMissing("spark.ui.showConsoleProgress", "false");
    SharedSettings.set(conf, submitted, spark);
    addPlugin(spark);
    if (!spark.contains(MASTER)) {
      embed(spark, conf.get(TrainConf.EXECUTORS));
    } else if (SparkMaster.of(spark).isLocalCluster()) {
      runFromThisClassPath(spark);
    } else if (SparkMaster.of(spark).isLocal()) {
      stayOnThisMachine(spark); // the parameters live in the driver's own executor
    }
    return spark;
  }

  /**
   * The file system settings of an application, for files that it reads and writes without Spark.
   */
  static FolderOptions checkpointOptions(SparkConf spark) {
    TreeMap<String, String> hadoop = new TreeMap<>();
    for (Tuple2<String, String> entry : spark.getAllWithPrefix("spark.hadoop.")) {
      hadoop.put(entry._1(), entry._2());
    }
    return FolderOptions.defaults().withHadoopProperties(hadoop);
  }

  private static void addPlugin(SparkConf spark) {
    String plugins = spark.get(PLUGINS, "");
    if (!plugins.contains(PLUGIN)) {
      spark.set(PLUGINS, plugins.isEmpty() ? PLUGIN : plugins + "," + PLUGIN);
    }
  }

  private static void embed(SparkConf spark, int executors) {
    spark.setIfMissing(MEMORY, "1g");
    long mib;
    try {
      mib = spark.getSizeAsBytes(MEMORY) / MIB;
    } catch (NumberFormatException e) {
      throw new JobException(
          Text.format(
              "Cannot use %s: expected a size such as 1g, found \"%s\"", MEMORY, spark.get(MEMORY)),
          e);
    }
    makeHome();
    spark.set(MASTER, SparkMaster.localCluster(executors, mib));
    runFromThisClassPath(spark);
  }

  /**
   * Makes executors run from the jars that this JVM runs from, since Spark's own installation may
   * be missing.
   */
  private static void runFromThisClassPath(SparkConf spark) {
    spark.setIfMissing("spark.executor.extraClassPath", System.getProperty("java.class.path", ""));
    spark.setIfMissing("spark.master.rest.enabled", "false");
    stayOnThisMachine(spark);
    if (spark.getBoolean("spark.authenticate", false)
        && !spark.contains("spark.authenticate.secret")) {
      throw new JobException(
          "Cannot start the embedded cluster: spark.authenticate=true needs"
              + " spark.authenticate.secret there, found none; set it, or use a cluster that makes"
              + " secrets");
    }
  }

  private static void stayOnThisMachine(SparkConf spark) {
    spark.setIfMissing("spark.ui.enabled", "false");
    spark.setIfMissing("spark.driver.host", "127.0.0.1");
    spark.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
  }

  /**
   * Makes a home for Spark, which looks for a folder of jars there before it starts executors, even
   * if none is needed.
   */
  private static void makeHome() {
    String home = System.getenv("SPARK_HOME");
    if (home == null) {
      throw new JobException(
          "Cannot start the embedded cluster: expected SPARK_HOME to be set, found nothing; start"
              + " with jobs/cairn, or set spark.master");
    }
    try {
      Files.createDirectories(Path.of(home, "jars"));
    } catch (IOException e) {
      throw new JobException(
          Text.format(
              "Cannot start the embedded cluster: %s cannot be written to (SPARK_HOME=%s)",
              e.getMessage(), home),
          e);
    }
  }
}
