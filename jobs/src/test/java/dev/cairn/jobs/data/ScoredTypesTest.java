package dev.cairn.jobs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.config.TrainConfLoader;
import dev.cairn.spark.ml.FeatureEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rows are scored from other files than those that were trained on: a value is the same feature
 * there, or it is refused by name.
 */
final class ScoredTypesTest {
  @SuppressWarnings("NullAway.Init")
  private static SparkSession spark;

  @TempDir private Path folder = Path.of("");

  @BeforeAll
  static void start() {
    spark = LocalSession.startForFewRows();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private TrainConf conf(String input, String... words) throws IOException {
    Path file = folder.resolve("run.properties");
    Files.writeString(
        file,
        "checkpoint.dir=runs\nlabel=y\ntrain.partitions=1\nfeatures.hash-bits=20\ninput="
            + input
            + "\n");
    return TrainConfLoader.load(file, List.of(words));
  }

  private String csv(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
    return name;
  }

  private String parquet(String name, String... expressions) {
    spark
        .range(0, 4, 1, 1)
        .selectExpr(expressions)
        .write()
        .parquet(folder.resolve(name).toString());
    return name;
  }

  /** The definition that training keeps, and the vectors that it trained on. */
  private record Trained(FeatureDefinition definition, List<String> vectors) {}

  private Trained train(TrainConf conf) {
    return trained(CheckedRows.prepare(spark, conf).train());
  }

  private List<String> scored(Trained trained, String input) throws IOException {
    TrainConf conf = conf(input);
    Optional<FeatureEncoder> encoder = Optional.of(FeatureEncoder.of(trained.definition()));
    Dataset<Row> rows = ScoringData.read(spark, conf, encoder);
    Dataset<Row> vectors = ScoringData.vectors(rows, encoder, conf);
    return new ArrayList<>(
        vectors.collectAsList().stream().map(row -> row.get(row.length() - 1).toString()).toList());
  }

  private String refusal(Trained trained, String input) {
    Exception e = assertThrows(Exception.class, () -> scored(trained, input));
    return SparkErrors.own(e).orElse(String.valueOf(e.getMessage()));
  }

  /** The types of a file are found from its rows: one row changes them, and no other feature. */
  @Test
  void csvWhoseColumnsAreInExpressions() throws IOException {
    Trained trained =
        train(
            conf(
                csv("a.csv", "zip,rate,y\n123,1.5,1\n45,2,0\n,0.25,1\n"),
                "features.categorical=zip,rate,area",
                "features.derive.area=zip div 10 + rate"));
    assertEquals("{rate=double, zip=int}", types(trained));
    assertEquals(trained.vectors(), scored(trained, "a.csv"));
    assertEquals(
        trained.vectors(),
        scored(trained, csv("same.csv", "rate,zip\n1.50,0123\n2.0,45.0\n.25,\n")));
    assertEquals(
        trained.vectors(),
        scored(trained, csv("b.csv", "zip,rate\n123,1.5\n45,2\n,0.25\n")),
        "no label");
    String said = refusal(trained, csv("c.csv", "zip,rate\n0123,1.5\n0123A,2\n"));
    assertTrue(said.contains("column zip, expected a whole number as in training (int)"), said);
    assertTrue(said.contains("found 0123A"), said);
  }

  private static String types(Trained trained) {
    StringBuilder text = new StringBuilder("{");
    trained
        .definition()
        .types()
        .forEach(
            (name, type) ->
                text.append(text.length() == 1 ? "" : ", ")
                    .append(name)
                    .append('=')
                    .append(type.name()));
    return text.append('}').toString();
  }

  /** An absent value makes a column of whole numbers one of fractions in many programs. */
  @Test
  void wholeNumbersAreTheSameHoweverTheyAreStored() throws IOException {
    Trained trained =
        train(conf(csv("a.csv", "code,y\n0,1\n3,0\n-6,1\n9,0\n"), "features.categorical=code"));
    assertEquals("{code=digits}", types(trained));
    for (String other :
        List.of(
            csv("text.csv", "code\n0\n3\n-6\n9\n"),
            csv("fraction.csv", "code\n0.0\n3.0\n-6.0\n9.0\n"),
            parquet("int.parquet", "int(if(id = 2, -6, 3 * id)) as code"),
            parquet("double.parquet", "double(if(id = 2, -6, 3 * id)) as code"),
            parquet("text.parquet", "string(if(id = 2, -6, 3 * id)) as code"))) {
      assertEquals(trained.vectors(), scored(trained, other), other);
    }
    List<String> more = scored(trained, csv("more.csv", "code\n03\nA\n3\n"));
    assertEquals(trained.vectors().get(1), more.get(2));
    assertTrue(!more.get(0).equals(more.get(2)), "written in another way, it is another category");
    String said = refusal(trained, parquet("flag.parquet", "id = 0 as code"));
    assertTrue(said.contains("column code"), said);
  }

  /** 007 and 7 are two categories of text: a number cannot say which. */
  @Test
  void textsAreReadAsTheyAreWrittenOrRefused() throws IOException {
    Trained trained =
        train(conf(csv("a.csv", "code,y\n007,1\n7,0\n+7,1\n8,0\n"), "features.categorical=code"));
    assertEquals("{code=string}", types(trained));
    assertEquals(trained.vectors(), scored(trained, csv("b.csv", "code\n007\n7\n+7\n8\n")));
    String said = refusal(trained, parquet("int.parquet", "int(id) as code"));
    assertTrue(said.contains("column code, expected text as in training"), said);
    assertTrue(said.contains("found a column of type int"), said);
  }

  @Test
  void parquetThenCsv() throws IOException {
    String[] columns = {
      "int(id * 7) as n",
      "id / 2 as x",
      "lpad(string(id), 4, '0') as zip",
      "id % 2 = 0 as flag",
      "date_add(date'2001-06-01', int(id)) as day",
      "timestamp'2001-06-01 10:00:00' + make_interval(0, 0, 0, 0, int(id)) as at",
      "int(id % 2) as y",
    };
    Trained trained =
        train(
            conf(
                parquet("a.parquet", columns),
                "features.categorical=n,x,zip,flag,day,hour",
                "features.cross=zip*n",
                "features.derive.hour=hour(at)"));
    assertEquals(
        "{at=timestamp, day=date, flag=boolean, n=int, x=double, zip=string}", types(trained));
    String header = "n,x,zip,flag,day,at\n";
    String rows =
        """
        0,0,0000,true,2001-06-01,2001-06-01 10:00:00
        7,0.5,0001,FALSE,2001-06-02,2001-06-01 11:00:00
        14,1,0002,True,2001-06-03,2001-06-01 12:00:00
        021,1.50,0003,false,2001-06-04,2001-06-01 13:00:00
        """;
    assertEquals(trained.vectors(), scored(trained, csv("b.csv", header + rows)));
    String said = refusal(trained, csv("c.csv", header + rows.replace("2001-06-03,", "3.6.2001,")));
    assertTrue(said.contains("day as a date as in training"), said);
    assertTrue(said.contains("3.6.2001"), said);
    Dataset<Row> read =
        ScoringData.read(
            spark, conf("b.csv"), Optional.of(FeatureEncoder.of(trained.definition())));
    assertEquals(
        "[n int, x double, zip string, flag boolean, day date, at timestamp]",
        Arrays.toString(
                Arrays.stream(read.schema().fields())
                    .filter(field -> !field.name().startsWith(InputReader.RESERVED))
                    .map(field -> field.name() + " " + field.dataType().simpleString())
                    .toArray())
            .replace("integer", "int"),
        "what is written has the types of training");
  }

  static Stream<String> names() {
    return Stream.of(
        "a.b",
        "a`b",
        "`a`",
        "a'b",
        "a\"b",
        "\"a\"",
        "gr\u00f6\u00dfe",
        "\u6771\u4eac",
        "two words",
        "a\\b",
        "$1",
        "label",
        "features",
        "weight",
        "heldOut",
        "select",
        "t0");
  }

  /** A name that has to be quoted in SQL is written in properties as it stands in the header. */
  @Tag("long")
  @ParameterizedTest
  @MethodSource("names")
  void columnsMayBeCalledAnything(String name) throws IOException {
    String header =
        Stream.of(name, "n " + name, "x")
            .map(one -> '"' + one.replace("\"", "\"\"") + '"')
            .collect(Collectors.joining(","));
    String rows = header + "\nu,1.5,1\nv,2.5,0\nu,,1\n";
    String quoted = "`" + name.replace("`", "``") + "`";
    TrainConf conf =
        conf(
            csv("names.csv", rows),
            "label=x",
            "features.categorical=" + name + ", d " + name,
            "features.numeric=n " + name,
            "features.cross=" + name + "*d " + name,
            "features.derive.d " + name + "=upper(" + quoted + ")");
    Trained trained = train(conf);
    assertEquals(List.of(name, "d " + name), trained.definition().categorical());
    assertEquals(List.of("n " + name), trained.definition().numeric());
    assertEquals(List.of(List.of(name, "d " + name)), trained.definition().crosses());
    assertTrue(trained.vectors().get(0).contains("1.5"), trained.vectors().toString());
    assertEquals(trained.vectors(), scored(trained, "names.csv"));
    String said =
        String.valueOf(
            assertThrows(
                    JobException.class,
                    () ->
                        CheckedRows.prepare(
                            spark, conf("names.csv", "label=x", "features.categorical=no" + name)))
                .getMessage());
    assertTrue(said.contains("Unknown column no" + name + ": expected one of " + name), said);
  }

  @Test
  void namesThatAreCairnsOwnAreRefused() throws IOException {
    for (String name : List.of("cairn.label", "Cairn.x")) {
      String said =
          String.valueOf(
              assertThrows(
                      JobException.class,
                      () ->
                          CheckedRows.prepare(
                              spark,
                              conf(
                                  csv("own.csv", name + ",y\nu,1\nv,0\n"),
                                  "features.categorical=y")))
                  .getMessage());
      assertTrue(said.contains("Cannot use column " + name + ": names that begin with"), said);
    }
  }

  /** A refresh trains on rows that are read as the version in use was trained. */
  @Test
  void rowsToTrainFurtherHaveTheTypesOfTheVersion() throws IOException {
    String key = "features.categorical=code,half";
    String half = "features.derive.half=code div 2";
    Trained ints = train(conf(parquet("ints", "int(id + 10) code", "id % 2 y"), key, half));
    assertEquals("{code=int}", types(ints));
    TrainConf longs = conf(parquet("longs", "id + 10 code", "id % 2 y"), key, half);
    assertEquals(ints, further(longs, ints));
    TrainConf texts = conf(csv("t.csv", "code,y\n10,0\n11.0,1\n012,0\n13,1\n"), key, half);
    assertEquals(ints, further(texts, ints));

    TrainConf large = conf(parquet("large", "id + 3000000000 code", "id % 2 y"), key, half);
    String said = assertThrows(JobException.class, () -> further(large, ints)).getMessage();
    assertTrue(said.contains("column code, expected a whole number as in training (int)"), said);
    assertTrue(said.contains("found 300000000"), said);
    assertTrue(said.contains("large"), said);
  }

  private Trained further(TrainConf conf, Trained version) {
    Dataset<Row> rows =
        CheckedRows.prepare(
                spark,
                conf,
                CarriedColumns.NONE,
                Optional.of(FeatureEncoder.of(version.definition())))
            .train();
    return trained(rows);
  }

  private static Trained trained(Dataset<Row> rows) {
    return new Trained(
        FeatureEncoder.definition(rows.schema().apply(CheckedRows.FEATURES)).orElseThrow(),
        rows.collectAsList().stream().map(row -> row.get(0).toString()).toList());
  }
}
