package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.data.Batch;
import dev.cairn.spark.data.LabelKind;
import dev.cairn.spark.data.RowChunk;
import dev.cairn.spark.data.SampleRows;
import dev.cairn.spark.model.Kernel;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.RowSet;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.apache.spark.SparkConf;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The models of one's own of docs/models.md compile, learn what no linear model can, are read. */
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
    // Not closed: what it loads is used as long as this test runs.
    return new URLClassLoader(new URL[] {classes().toUri().toURL()}, getClass().getClassLoader());
  }

  private Path classes() throws Exception {
    String program =
        blocks().get(0)
            + blocks().get(2)
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
    return classes;
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

  private static final int USERS = 30;
  private static final int ITEMS = 20;
  private static final int NUMBERS = 2;
  private static final int RANK = 3;

  private static Model ratings(ClassLoader loader) throws Exception {
    var made =
        loader
            .loadClass("Ratings")
            .getDeclaredConstructor(int.class, int.class, int.class, int.class);
    made.setAccessible(true);
    return (Model) made.newInstance(USERS, ITEMS, NUMBERS, RANK);
  }

  /** A row of several spaces: a user, an item, two numbers, one of which is often 0. */
  private record Rating(int user, int item, double[] numbers, double label) {
    static List<Rating> random(int count, long seed) {
      Random random = new Random(seed);
      List<Rating> all = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int user = random.nextInt(USERS);
        int item = random.nextInt(ITEMS);
        float[] numbers = {(float) random.nextGaussian(), i % 3 == 0 ? random.nextFloat() : 0};
        double label = (user % 2 == item % 2 ? 1 : -1) + item / 10.0 + numbers[0] - numbers[1] / 2;
        all.add(new Rating(user, item, new double[] {numbers[0], numbers[1]}, (float) label));
      }
      return all;
    }

    Vector vector() {
      return Vectors.sparse(
          USERS + ITEMS + NUMBERS,
          new int[] {user, USERS + item, USERS + ITEMS, USERS + ITEMS + 1},
          new double[] {1, 1, numbers[0], numbers[1]});
    }

    /** The error by the definition, of all numbers of each variable. */
    double error(double[][] variables) {
      double score = variables[1][item * (RANK + 1) + RANK] - label;
      for (int f = 0; f < RANK; f++) {
        score += variables[0][user * RANK + f] * variables[1][item * (RANK + 1) + f];
      }
      return score + numbers[0] * variables[2][0] + numbers[1] * variables[2][1];
    }

    static double loss(List<Rating> rows, double[][] variables) {
      return rows.stream().mapToDouble(row -> Math.pow(row.error(variables), 2) / 2).sum();
    }
  }

  /** A batch of rows, which packing makes of them. */
  private static Batch batch(List<Rating> rows, Model model) {
    int[][] ids = new int[rows.size()][];
    float[][] values = new float[rows.size()][];
    float[] labels = new float[rows.size()];
    for (int i = 0; i < labels.length; i++) {
      SparseVector kept = rows.get(i).vector().toSparse();
      ids[i] = kept.indices();
      values[i] = new float[ids[i].length];
      for (int k = 0; k < ids[i].length; k++) {
        values[i][k] = (float) kept.values()[k];
      }
      labels[i] = (float) rows.get(i).label;
    }
    RowChunk chunk = SampleRows.sparse(labels, ids, values);
    return SampleRows.batch(chunk, LabelKind.NUMBER, model.features(), FeatureScales.NONE);
  }

  /** Its gradient is the slope of its definition, by every number that a batch needs. */
  @Test
  void theModelOfSeveralSpacesIsItsDefinition() throws Exception {
    Model model = ratings(compiled());
    Random random = new Random(2);
    double[][] variables =
        model.variables().stream()
            .map(v -> random.doubles((int) v.rows() * v.width(), -0.5, 0.5).toArray())
            .toArray(double[][]::new);
    Kernel kernel = model.kernel();
    for (int count : new int[] {1, 5, 40}) {
      List<Rating> rows = Rating.random(count, count);
      Batch batch = batch(rows, model);
      RowSet at = new RowSet(model.layout()).fill(kernel, batch);
      long users = rows.stream().map(Rating::user).distinct().count();
      long items = rows.stream().map(Rating::item).distinct().count();
      assertEquals(users + items + NUMBERS, at.count(), "the dense space is wanted whole");
      int[] variable = new int[at.elements()];
      int[] place = new int[at.elements()];
      float[] values = new float[at.elements()];
      int next = 0;
      for (int r = 0; r < at.count(); r++) {
        int v = model.layout().variableOfRow(at.rows()[r]);
        int width = model.variables().get(v).width();
        for (int e = 0; e < width; e++) {
          variable[next] = v;
          place[next] = (at.rows()[r] - model.layout().firstRow(v)) * width + e;
          variables[v][place[next]] = (float) variables[v][place[next]];
          values[next] = (float) variables[v][place[next]];
          next++;
        }
      }
      float[] gradients = new float[at.elements()];
      double loss = kernel.gradient(batch, at, values, gradients);
      assertEquals(Rating.loss(rows, variables), loss, 1e-5 * Math.max(1, loss));
      for (int i = 0; i < next; i++) {
        double number = variables[variable[i]][place[i]];
        variables[variable[i]][place[i]] = number + 1e-5;
        double above = Rating.loss(rows, variables);
        variables[variable[i]][place[i]] = number - 1e-5;
        double slope = (above - Rating.loss(rows, variables)) / 2e-5;
        variables[variable[i]][place[i]] = number;
        assertEquals(slope, gradients[i], 1e-4 * Math.max(1, Math.abs(slope)), "number " + i);
      }
    }
  }

  private Path jar() throws Exception {
    Path folder = classes();
    Path jar = folder.resolveSibling("own.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        out.putNextEntry(new JarEntry(String.valueOf(file.getFileName())));
        out.write(Files.readAllBytes(file));
      }
    }
    return jar;
  }

  /** A model in a jar, as a project of its own has it: executors have the model only from there. */
  @Test
  @Tag("long")
  void theModelOfSeveralSpacesIsTrainedOnTwoExecutors() throws Exception {
    Path jar = jar();
    ClassLoader loader =
        new URLClassLoader(new URL[] {jar.toUri().toURL()}, getClass().getClassLoader());
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    Thread.currentThread().setContextClassLoader(loader);
    try (LocalCluster cluster = LocalCluster.start(2, Map.of("spark.jars", jar.toString()))) {
      SparkSession spark = SparkSession.builder().config(cluster.spark().getConf()).getOrCreate();
      Model model = ratings(loader);
      CustomPredictor estimator =
          new CustomPredictor(LabelKind.NUMBER, (features, classes) -> model)
              .setPartitions(4)
              .setBatchRows(64)
              .setMaxIter(40)
              .setLearningRate(0.1)
              .setCheckpointDir(folder.resolve("ratings").toUri().toString());
      Dataset<Row> rows = ratings(spark, Rating.random(1500, 4));
      CustomPredictionModel trained = estimator.fit(rows);
      double rmse = new RegressionEvaluator().evaluate(trained.transform(rows));
      assertTrue(rmse < 0.3, "the mean's would be above 1: " + rmse);
      assertBadRowsAreNamed(estimator, trained, rows);
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  private static Dataset<Row> ratings(SparkSession spark, List<Rating> ratings) {
    List<Row> rows = new ArrayList<>();
    ratings.forEach(one -> rows.add(RowFactory.create(one.label, one.vector())));
    StructType schema =
        new StructType().add("label", "double").add("features", SQLDataTypes.VectorType());
    return spark.createDataFrame(rows, schema);
  }

  private static void assertBadRowsAreNamed(
      CustomPredictor estimator, CustomPredictionModel trained, Dataset<Row> rows) {
    double[] ones = {1, 1, 1};
    Vector twoUsers = Vectors.sparse(USERS + ITEMS + NUMBERS, new int[] {1, 2, USERS}, ones);
    Row bad = RowFactory.create(1.0, twoUsers);
    Dataset<Row> more =
        rows.union(rows.sparkSession().createDataFrame(List.of(bad), rows.schema()));
    String expected =
        "space user, features 0 to 29, expected exactly one of them, with the value 1, found 2 of"
            + " them, the first is 1";
    Exception e = assertThrows(IllegalArgumentException.class, () -> estimator.fit(more));
    assertTrue(String.valueOf(e.getMessage()).contains(expected), e.getMessage());
    e = assertThrows(IllegalArgumentException.class, () -> trained.predict(twoUsers));
    assertTrue(String.valueOf(e.getMessage()).contains(expected), e.getMessage());
  }
}
