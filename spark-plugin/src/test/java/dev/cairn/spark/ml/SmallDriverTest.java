package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.spark.LocalCluster;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.spark.launcher.JavaModuleOptions;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that nothing of the model's size is ever made on the driver: a driver with less heap than
 * the model fits, saves, loads and transforms. The driver is a JVM of its own here.
 */
@Tag("long")
class SmallDriverTest {
  /** 2^27 weights and as many accumulators, four bytes each: 1 GiB. */
  private static final int FEATURES = 1 << 27;

  private static final String DRIVER_HEAP = "-Xmx480m";

  @TempDir Path folder;

  @Test
  void driverSmallerThanTheModelFitsSavesLoadsAndTransforms() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    command.addAll(
        List.of(DRIVER_HEAP, "-cp", classPath, Driver.class.getName(), folder.toUri().toString()));
    File log = folder.resolve("driver.log").toFile();
    Process driver =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
    try {
      assertTrue(driver.waitFor(8, TimeUnit.MINUTES), () -> "the driver hangs\n" + tail(log));
      assertEquals(0, driver.exitValue(), () -> tail(log));
      assertTrue(Files.readString(log.toPath()).contains("same scores: true"), () -> tail(log));
    } finally {
      driver.destroyForcibly();
    }
  }

  private static String tail(File log) {
    try {
      String text = Files.readString(log.toPath());
      return text.substring(Math.max(0, text.length() - 6000));
    } catch (IOException e) {
      return "no log: " + e;
    }
  }

  /** The program of the small driver. */
  static final class Driver {
    private Driver() {}

    public static void main(String[] args) throws Exception {
      try (SparkSession spark =
          SparkSession.builder()
              .config(LocalCluster.conf(2, 1))
              .config("spark.sql.shuffle.partitions", "2")
              .config("spark.master", "local-cluster[2,1,2048]")
              .config("spark.executor.memory", "2048m")
              .getOrCreate()) {
        run(spark, args[0]);
      }
    }

    private static void run(SparkSession spark, String folder) throws Exception {
      Random random = new Random(1);
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < 2000; i++) {
        int[] ids = random.ints(10, 0, FEATURES).distinct().sorted().toArray();
        double[] ones = new double[ids.length];
        java.util.Arrays.fill(ones, 1);
        rows.add(RowFactory.create(i % 2 * 1.0, Vectors.sparse(FEATURES, ids, ones)));
      }
      Dataset<Row> data =
          spark.createDataFrame(
              rows,
              new StructType()
                  .add("label", DataTypes.DoubleType)
                  .add("features", SQLDataTypes.VectorType()));
      LogisticRegressionModel model =
          new LogisticRegression()
              .setPartitions(2)
              .setBatchRows(500)
              .setMaxIter(2)
              .setRunDir(folder + "run")
              .fit(data);
      String before = scores(model, data);
      model.write().save(folder + "saved");
      model.close();
      LogisticRegressionModel loaded = LogisticRegressionModel.load(folder + "saved");
      System.out.println("same scores: " + before.equals(scores(loaded, data)));
    }

    private static String scores(LogisticRegressionModel model, Dataset<Row> data) {
      return model.transform(data.limit(50)).select("probability").collectAsList().stream()
          .map(Row::toString)
          .sorted()
          .toList()
          .toString();
    }
  }
}
