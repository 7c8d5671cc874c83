package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.config.TrainConfLoader;
import dev.cairn.jobs.data.CheckedRows;
import dev.cairn.spark.SampleTables;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files of five kinds, trained by {@code train} beside MLlib's LogisticRegression at the same
 * settings: on rows that neither has seen, the log loss is no worse by 0.005.
 */
@Tag("long")
final class AgainstMllibTest {
  private static final double REG_PARAM = 0.001;
  private static final int BATCH_ROWS = 64;

  @TempDir private static Path folder = Path.of("");

  /** The loss of MLlib's model on the test rows, and the penalty of a step that means the same. */
  private record Theirs(double logLoss, double l2) {}

  private static final Map<String, Theirs> MLLIB = new HashMap<>();

  /** Each run of {@code train} has a session of its own: this one has ended by then. */
  @BeforeAll
  static void trainByMllib() throws IOException {
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", 2)
            .getOrCreate()) {
      table(
          "numbers.libsvm",
          assembled(SampleTables.numbers(spark)),
          "split.test=0.25",
          "split.seed=7");
      table(
          "text.csv",
          SampleTables.text(spark),
          "features.categorical=carrier, origin, destination, hour");
      table(
          "missing.parquet",
          SampleTables.missing(spark),
          "features.numeric=age, income, balance",
          "features.categorical=town, kind");
      table(
          "rare.csv",
          SampleTables.rare(spark),
          "features.numeric=amount, minutes, distance",
          "features.categorical=shop",
          "train.weight=weight");
      table(
          "signs.parquet",
          SampleTables.signs(spark),
          "features.numeric=x0, x1, x2, x3, x4, x5, x6, x7");
      for (String name :
          List.of("numbers.libsvm", "text.csv", "missing.parquet", "rare.csv", "signs.parquet")) {
        MLLIB.put(name, theirs(CheckedRows.prepare(spark, conf(name))));
      }
    }
  }

  private static TrainConf conf(String name) {
    return TrainConfLoader.load(folder.resolve(name + ".properties"), List.of());
  }

  private static Dataset<Row> assembled(Dataset<Row> table) {
    String[] inputs =
        Arrays.stream(table.columns()).filter(c -> c.startsWith("x")).toArray(String[]::new);
    return new VectorAssembler()
        .setInputCols(inputs)
        .setOutputCol("features")
        .transform(table)
        .select("label", "features");
  }

  /** Writes rows in the format that the name ends with, and the configuration of a run. */
  private static void table(String name, Dataset<Row> rows, String... lines) throws IOException {
    String format = name.substring(name.indexOf('.') + 1);
    rows.coalesce(1)
        .write()
        .option("header", true)
        .format(format)
        .save(folder.resolve(name).toString());
    StringBuilder text =
        new StringBuilder("input=" + name + "\ncheckpoint.dir=runs/" + name + "\n");
    text.append("optimizer.learning-rate=0.3\ntrain.epochs=40\ntrain.partitions=2\n");
    text.append("train.batch-rows=" + BATCH_ROWS + "\n");
    if (!format.equals("libsvm")) {
      text.append("label=label\nsplit.test=id % 4 = 0\nfeatures.hash-bits=14\n");
    }
    for (String line : lines) {
      text.append(line).append('\n');
    }
    Files.writeString(folder.resolve(name + ".properties"), text);
  }

  private static Theirs theirs(CheckedRows data) {
    long rows = data.counts().train().rows();
    long steps = (rows + BATCH_ROWS - 1) / BATCH_ROWS;
    Dataset<Row> scored =
        new LogisticRegression()
            .setMaxIter(200)
            .setRegParam(REG_PARAM)
            .setWeightCol(CheckedRows.WEIGHT)
            .fit(data.train())
            .transform(data.test().orElseThrow());
    double logLoss =
        new MulticlassClassificationEvaluator().setMetricName("logLoss").evaluate(scored);
    return new Theirs(logLoss, REG_PARAM * rows / steps);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"numbers.libsvm", "text.csv", "missing.parquet", "rare.csv", "signs.parquet"})
  void isNoWorse(String name) throws IOException {
    Theirs theirs = MLLIB.get(name);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console = Consoles.keeping(out, err);
    int code =
        CairnCommand.run(
            console,
            "train",
            folder.resolve(name + ".properties").toString(),
            "spark.master=local[2]",
            "optimizer.l2=" + theirs.l2());
    assertEquals(CairnCommand.OK, code, err.toString(StandardCharsets.UTF_8));
    double ours =
        new ObjectMapper()
            .readTree(folder.resolve("runs/" + name + "/metrics.json").toFile())
            .path("test")
            .path("logLoss")
            .asDouble(Double.NaN);
    assertTrue(ours < 0.65, "learned something: log loss " + ours);
    assertTrue(ours <= theirs.logLoss() + 0.005, "log loss " + ours + ", MLlib " + theirs);
  }
}
