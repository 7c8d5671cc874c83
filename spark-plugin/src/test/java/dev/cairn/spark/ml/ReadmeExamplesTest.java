package dev.cairn.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.apache.spark.ml.classification.OneVsRestModel;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The README's Java is compiled and runs as one program, on flights like its own; so does the Java
 * of the pages that go on from it. The README's Scala calls what its Java calls.
 */
class ReadmeExamplesTest {
  private static final Path ROOT = Path.of("..");
  private static final String README = "README.md";

  /** Pages that go on from the README, and which of their variables this test looks at. */
  private static final Map<String, String> FURTHER =
      new TreeMap<>(
          Map.of(
              "docs/checkpoints.md",
              "Map.of()",
              "docs/spark-ml.md",
              "Map.of(\"scored\", scored, \"late\", late, \"three\", three)",
              "docs/predict.md",
              "Map.of()"));

  private static final int MOST_LINES = 10;
  private static final String FLIGHTS = "conf/data/flights-sample.parquet";
  private static final String RUN = "runs/flights";
  private static final String TEXT = "\"[^\"\n]*\"";
  private static final long ROWS = 2_000;

  /** Scala's own words, and what spark-shell has. */
  private static final Set<String> OF_SCALA =
      Set.of("import", "val", "new", "spark", "Array", "foreach", "println");

  /** Settings of a session in this JVM that the README's reader does not need. */
  private static final Map<String, String> OF_THE_TEST =
      Map.of(
          "spark.ui.enabled", "false",
          "spark.driver.host", "127.0.0.1",
          "spark.driver.bindAddress", "127.0.0.1",
          "spark.sql.shuffle.partitions", "2",
          // Many queries on a few rows each are not worth compiling.
          "spark.sql.codegen.wholeStage", "false",
          "spark.sql.codegen.factoryMode", "NO_CODEGEN",
          "spark.sql.adaptive.enabled", "false");

  @TempDir Path folder;

  private static boolean isImport(String line) {
    return line.startsWith("import ");
  }

  /** The fenced blocks of a language, in their order. */
  private static List<String> blocks(String page, String language) throws IOException {
    return Pattern.compile("(?ms)^```" + language + "\\n(.*?)^```$")
        .matcher(Files.readString(ROOT.resolve(page)))
        .results()
        .map(fence -> fence.group(1))
        .toList();
  }

  private static String lines(String page, Predicate<String> wanted) throws IOException {
    return String.join("", blocks(page, "java"))
        .lines()
        .filter(wanted)
        .collect(Collectors.joining("\n"));
  }

  @BeforeEach
  void settings() {
    OF_THE_TEST.forEach(System::setProperty);
  }

  @AfterEach
  void noSettings() {
    OF_THE_TEST.keySet().forEach(System::clearProperty);
  }

  @Test
  void theJavaIsOneProgram() throws Exception {
    assertEquals("run", compiled(program()).getMethod("run").getName());
  }

  @Test
  @Tag("long")
  void theProgramRuns() throws Exception {
    train();
    Map<?, ?> left = (Map<?, ?>) compiled(program()).getMethod("run").invoke(null);
    try (SparkSession spark = (SparkSession) left.get("spark")) {
      assertEquals("local[2]", spark.sparkContext().master());
      CrossValidatorModel validated = (CrossValidatorModel) left.get("validated");
      assertEquals(2, validated.avgMetrics().length);
      for (double auc : validated.avgMetrics()) {
        assertTrue(auc > 0.6, () -> "area under the curve: " + auc);
      }
      long sampled = ((Dataset<?>) left.get("rows")).count();
      assertTrue(sampled > 0 && sampled < ROWS / 2, () -> sampled + " rows");
      assertEquals(sampled, ((Dataset<?>) left.get("scored")).count());

      Map<?, ?> further = (Map<?, ?>) left.get("docs/spark-ml.md");
      Dataset<Row> scored = ((Dataset<?>) further.get("scored")).toDF();
      assertEquals(sampled, scored.count());
      assertTrue(scored.select("probability").distinct().count() > 10, "it learned nothing");
      OneVsRestModel three = (OneVsRestModel) further.get("three");
      assertEquals(3, three.models().length);
      Dataset<Row> rows = ((Dataset<?>) further.get("late")).toDF();
      long right = three.transform(rows).filter("label = prediction").count();
      assertTrue(right > 0.5 * sampled, () -> right + " of " + sampled + " in their class");

      LogisticRegressionModel saved =
          LogisticRegressionModel.load(folder.resolve("flights-model").toString());
      assertEquals(0.3, saved.getThreshold());
      assertEquals(
          scored.select("probability").collectAsList(),
          saved.transform(rows).select("probability").collectAsList());
    }
  }

  /** Flights whose delay follows from where and when, mostly; and the run that the README has. */
  private void train() throws Exception {
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.plugins", "dev.cairn.spark.CairnPlugin")
            .getOrCreate()) {
      Dataset<Row> flights =
          spark
              .range(ROWS)
              .selectExpr(
                  "timestamp_ntz '2001-01-01' + make_dt_interval(int(id % 150), int(id % 24)) date",
                  "id % 7 * 8 + id % 24 - 20 + pmod(hash(id), 10) as delay",
                  "concat('A', id % 7) as origin",
                  "concat('B', id % 5) as destination");
      flights.write().parquet(folder.resolve("flights.parquet").toString());
      Dataset<Row> rows =
          new FeatureEncoder()
              .derive("hour", "hour(date)")
              .setCategoricalCols("origin", "destination", "hour")
              .setNumFeatures(1 << 10)
              .setLabel("delay > 15")
              .setLabelCol("label")
              .transform(flights);
      new LogisticRegression()
          .setMaxIter(5)
          .setBatchRows(100)
          .setRunDir(folder.resolve("run").toString())
          .fit(rows)
          .close();
    }
  }

  /** All pages' Java as one class, with this test's paths for theirs. */
  private String program() throws IOException {
    StringBuilder imports = new StringBuilder(lines(README, ReadmeExamplesTest::isImport));
    StringBuilder calls = new StringBuilder();
    StringBuilder methods = new StringBuilder();
    for (Map.Entry<String, String> page : FURTHER.entrySet()) {
      String code = lines(page.getKey(), line -> !isImport(line));
      assertTrue(!code.isBlank(), page.getKey());
      imports.append('\n').append(lines(page.getKey(), ReadmeExamplesTest::isImport));
      String method = page.getKey().replaceAll("[^a-z]", "");
      calls.append(", \"%s\", %s(spark, flights)".formatted(page.getKey(), method));
      methods.append(
          """

            // %s
            static Map<String, Object> %s(SparkSession spark, Dataset<Row> flights) throws Exception {
          %s
              return %s;
            }
          """
              .formatted(page.getKey(), method, code, page.getValue()));
    }
    String text =
        """
        import dev.cairn.spark.serving.*;
        %s
        public final class Readme {
          public static Map<String, Object> run() throws Exception {
        %s
            return Map.of(
                "spark", spark, "rows", rows, "validated", validated, "scored", scored%s);
          }
        %s}
        """
            .formatted(imports, lines(README, line -> !isImport(line)), calls, methods);
    for (String path : List.of(FLIGHTS, RUN)) {
      assertTrue(text.contains("\"" + path + "\""), "the README says nothing of " + path);
    }
    return text.replace("\"/tmp/", "\"" + folder + "/")
        .replace("\"" + FLIGHTS, "\"" + folder.resolve("flights.parquet"))
        .replace("\"" + RUN, "\"" + folder.resolve("run"));
  }

  private Class<?> compiled(String program) throws Exception {
    Path source = Files.writeString(folder.resolve("Readme.java"), program);
    Path classes = Files.createDirectories(folder.resolve("classes"));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> options = List.of("-proc:none", "-cp", classPath, "-d", classes.toString());
    try (StandardJavaFileManager files = compiler.getStandardFileManager(said, null, null)) {
      var sources = files.getJavaFileObjects(source);
      boolean good = compiler.getTask(null, files, said, options, null, sources).call();
      assertTrue(good, () -> errors(said) + "\n" + program);
    }
    // Not closed: what it loads is used as long as this test runs.
    return new URLClassLoader(new URL[] {classes.toUri().toURL()}).loadClass("Readme");
  }

  private static String errors(DiagnosticCollector<JavaFileObject> said) {
    return said.getDiagnostics().stream()
        .filter(one -> one.getKind() == Diagnostic.Kind.ERROR)
        .map(one -> one.getLineNumber() + ": " + one.getMessage(null))
        .collect(
            Collectors.joining("\n", "The Java of the README and docs does not compile:\n", ""));
  }

  /** No compiler of Scala is here: names that the Java does not use are wrong, or not in step. */
  @Test
  void theScalaCallsWhatTheJavaCalls() throws Exception {
    List<String> java =
        blocks(README, "java").stream().filter(b -> !b.lines().allMatch(l -> isImport(l))).toList();
    List<String> scala = blocks(README, "scala");
    assertEquals(3, java.size(), "cross-validate, load; the core has no Scala");
    assertEquals(2, scala.size(), "both of the estimators in both languages");
    Set<String> always = names(lines(README, ReadmeExamplesTest::isImport));
    always.addAll(OF_SCALA);
    for (int i = 0; i < scala.size(); i++) {
      Set<String> unknown = names(scala.get(i));
      unknown.removeAll(always);
      unknown.removeAll(names(java.get(i)));
      assertEquals(Set.of(), unknown, scala.get(i));
      Set<String> otherTexts = found(TEXT, scala.get(i));
      otherTexts.removeAll(found(TEXT, java.get(i)));
      assertEquals(Set.of(), otherTexts, scala.get(i));
    }
  }

  @Test
  void noExampleIsLongerThanTenLines() throws Exception {
    for (String language : List.of("java", "scala")) {
      for (String block : blocks(README, language)) {
        assertTrue(block.lines().count() <= MOST_LINES, block);
      }
    }
  }

  /** The files that the examples name are there when they are run from the top. */
  @Test
  void theFilesOfTheExamplesAreThere() throws Exception {
    assertTrue(Files.isRegularFile(ROOT.resolve(FLIGHTS)), FLIGHTS);
    String run = Files.readString(ROOT.resolve("conf/flights.properties"));
    assertTrue(run.contains("\ncheckpoint.dir = ../" + RUN + "\n"), run);
  }

  /** Names outside quotes and comments. */
  private static Set<String> names(String code) {
    return found("[A-Za-z]\\w*", code.replaceAll("//.*", "").replaceAll(TEXT, ""));
  }

  private static Set<String> found(String pattern, String code) {
    return Pattern.compile(pattern)
        .matcher(code)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
