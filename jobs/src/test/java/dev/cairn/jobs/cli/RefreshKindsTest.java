package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.spark.CairnPlugin;
import dev.cairn.spark.ml.CairnModel;
import dev.cairn.spark.ml.Estimators;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every kind of model begins, is refreshed, grows, and scores as the version in use. */
@Tag("long")
final class RefreshKindsTest {
  private static final int ROWS = 900;

  @TempDir private Path temp = Path.of("");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private void succeeds(String word, String... args) {
    out.reset();
    int code = CairnCommand.run(Consoles.keeping(out, out), args);
    String said = out.toString(StandardCharsets.UTF_8);
    assertEquals(CairnCommand.OK, code, said);
    assertTrue(said.contains(word), said);
  }

  private void refreshes(int version, String... words) {
    List<String> args = new ArrayList<>(List.of("refresh", temp + "/refresh.properties"));
    args.addAll(Arrays.asList(words));
    args.add("refresh.where=day = " + (version - 1));
    succeeds("Published version " + version, args.toArray(String[]::new));
  }

  /** Rows of 3 days: labels of every kind follow from {@code a}, {@code b} and {@code x}. */
  private void write(String label, String settings) throws IOException {
    StringBuilder rows = new StringBuilder("id,day,a,b,x,two,three,number,events\n");
    for (int i = 0; i < ROWS; i++) {
      int a = i % 7;
      int b = i * 31 % 5;
      double x = (i * 37 % 11) / 11.0;
      rows.append(
          String.format(
              Locale.ROOT,
              "%d,%d,a%d,b%d,%.4f,%d,%d,%.4f,%d%n",
              i,
              i / 300,
              a,
              b,
              x,
              a < 3 ? 1 : 0,
              a % 3,
              a - 0.5 * b + 2 * x,
              a < 3 ? 4 + i % 2 : i % 2));
    }
    Files.writeString(temp.resolve("rows.csv"), rows);
    Files.writeString(
        temp.resolve("refresh.properties"),
        """
        input=rows.csv
        refresh.model=models/m
        refresh.column=day
        split.test=id % 10 < 3
        checkpoint.dir=refreshes
        train.partitions=2
        train.batch-rows=20
        train.epochs=8
        optimizer.learning-rate=0.1
        features.categorical=a,b
        features.numeric=x
        gate.rows=20
        gate.change=loss <= 0.1
        spark.master=local[1]
        """
            + "label="
            + label
            + "\n"
            + settings.replace(";", "\n")
            + "\n");
  }

  private JsonNode version(int number) throws IOException {
    succeeds("", "history", temp + "/models/m", "--json");
    String text = out.toString(StandardCharsets.UTF_8);
    return new ObjectMapper().readTree(text).path("versions").path(number - 1);
  }

  @ParameterizedTest
  @CsvSource({
    "softmax, three, model=softmax, accuracy >= 0.8",
    "linear, number, model=linear, meanSquaredError <= 3",
    "poisson, events, model=linear;model.loss=poisson, meanAbsoluteError <= 1.5",
    "svm, two, model=svm, auc >= 0.9",
    "fm, two, model=fm;model.factor-size=3, logLoss <= 0.6",
    "fm-regression, number, model=fm-regression;model.factor-size=3, r2 >= 0.5"
  })
  void eachKind(String kind, String label, String model, String gate) throws IOException {
    write(label, model + ";gate.value=" + gate + ";features.hash-bits=8");
    refreshes(1);
    refreshes(2);
    write(label, model + ";gate.value=" + gate);
    refreshes(3, "features.hash-bits=9", "model.initial-growth=true");
    for (int number = 2; number <= 3; number++) {
      JsonNode version = version(number);
      assertEquals(number - 1, version.path("parent").asInt(), version::toString);
      String metric = gate.substring(0, gate.indexOf(' '));
      assertTrue(version.path("before").has(metric), version::toString);
      assertTrue(version.path("figures").has(metric), version::toString);
    }
    Map<Long, Double> opened = opened(temp + "/models/m");
    succeeds(
        "",
        "predict",
        temp + "/models/m",
        temp + "/rows.csv",
        temp + "/scores",
        "output.columns=id",
        "output.format=csv",
        "spark.master=local[1]");
    assertEquals(opened, predicted(), kind);
    assertEquals(ROWS, opened.size());
    assertTrue(opened.values().stream().distinct().count() > 1, opened::toString);
  }

  /** The predictions of the version in use, opened in a Spark program. */
  private Map<Long, Double> opened(String path) {
    SparkSession spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", false)
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.plugins", CairnPlugin.class.getName())
            .getOrCreate();
    try (CairnModel<?> model = Estimators.fromCheckpoint(path)) {
      Dataset<Row> rows =
          spark.read().option("header", true).option("inferSchema", true).csv(temp + "/rows.csv");
      Dataset<Row> vectors =
          model.featureEncoder().orElseThrow().setOutputCol("features").transform(rows);
      Map<Long, Double> found = new TreeMap<>();
      model
          .transform(vectors)
          .selectExpr("bigint(id) id", "prediction")
          .collectAsList()
          .forEach(row -> found.put(row.getLong(0), row.getDouble(1)));
      return found;
    } finally {
      spark.stop();
    }
  }

  private Map<Long, Double> predicted() throws IOException {
    Map<Long, Double> found = new TreeMap<>();
    try (Stream<Path> files = Files.list(temp.resolve("scores"))) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith("part-")).toList()) {
        List<String> lines = Files.readAllLines(file);
        int prediction = List.of(lines.get(0).split(",", -1)).indexOf("prediction");
        for (String line : lines.subList(1, lines.size())) {
          String[] fields = line.split(",", -1);
          found.put(Long.parseLong(fields[0]), Double.parseDouble(fields[prediction]));
        }
      }
    }
    return found;
  }
}
