package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.apache.spark.SparkConf;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model of one's own of docs/models.md compiles, learns what no linear model can, is read. */
class OwnModelTest {
  private static final int MOST_LINES = 80;
  private static final int FEATURES = 100;

  @TempDir Path folder;

  private static List<String> blocks() throws Exception {
    return Pattern.compile("(?ms)^```java\\n(.*?)^```$")
        .matcher(Files.readString(Path.of("../docs/models.md")))
        .results()
        .map(fence -> fence.group(1))
        .toList();
  }

  private ClassLoader compiled() throws Exception {
    String program =
        blocks().get(0)
            + """
            class Use {
              static CustomPredictionModel read(
                  org.apache.spark.sql.Dataset<org.apache.spark.sql.Row> train) throws Exception {
            %s
                return read;
              }
            }
            """
                .formatted(blocks().get(1).replace("\"models\"", "\"" + folder + "/models\""))
                .replace("\"perceptron\"", "\"" + folder + "/perceptron\"");
    Path source = Files.writeString(folder.resolve("Use.java"), program);
    Path classes = Files.createDirectories(folder.resolve("classes"));
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> options = List.of("-proc:none", "-cp", classPath, "-d", classes.toString());
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      var sources = files.getJavaFileObjects(source);
      boolean good = compiler.getTask(said, files, null, options, null, sources).call();
      assertTrue(good, () -> said + "\n" + program);
    }
    // Not closed: what it loads is used as long as this test runs.
    return new URLClassLoader(new URL[] {classes.toUri().toURL()}, getClass().getClassLoader());
  }

  /** Its sign is that of two features together. */
  private static Dataset<Row> rows(SparkSession spark) {
    Random random = new Random(1);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      int one = random.nextInt(FEATURES / 2);
      int other = FEATURES / 2 + random.nextInt(FEATURES / 2);
      double label = one % 2 == other % 2 ? 1 : -1;
      double[] ones = {1, 1};
      rows.add(RowFactory.create(label, Vectors.sparse(FEATURES, new int[] {one, other}, ones)));
    }
    StructType schema =
        new StructType().add("label", "double").add("features", SQLDataTypes.VectorType());
    return spark.createDataFrame(rows, schema);
  }

  @Test
  void theModelOfTheDocsIsShortAndLearns() throws Exception {
    assertTrue(blocks().get(0).lines().count() < MOST_LINES, "lines of the model");
    ClassLoader loader = compiled();
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    Thread.currentThread().setContextClassLoader(loader);
    SparkConf conf =
        new SparkConf(false)
            .setMaster("local[2]")
            .setAppName("test")
            .set("spark.plugins", "dev.cairn.spark.CairnPlugin")
            .set("spark.ui.enabled", "false");
    try (SparkSession spark = SparkSession.builder().config(conf).getOrCreate()) {
      Dataset<Row> rows = rows(spark);
      var read = loader.loadClass("Use").getDeclaredMethod("read", Dataset.class);
      read.setAccessible(true);
      CustomPredictionModel model = (CustomPredictionModel) read.invoke(null, rows);
      assertEquals(FEATURES, model.numFeatures());
      double rmse = new RegressionEvaluator().evaluate(model.transform(rows));
      assertTrue(rmse < 0.3, "the mean's would be 1: " + rmse);
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }
}
