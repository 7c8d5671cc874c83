package dev.cairn.jobs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.config.TrainConfLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Input to checked vectors: the committed sample, small files, and everything that can be wrong
 * with them.
 */
final class CheckedRowsTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  @SuppressWarnings("NullAway.Init")
  private static SparkSession spark;

  @TempDir private Path folder = Path.of("");

  @BeforeAll
  static void start() {
    spark = LocalSession.start();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private TrainConf conf(String input, String... words) throws IOException {
    Path file = folder.resolve("run.properties");
    Files.writeString(file, "checkpoint.dir=runs\ninput=" + input + "\n");
    return TrainConfLoader.load(file, List.of(words));
  }

  private TrainConf csv(String text, String... words) throws IOException {
    Files.writeString(folder.resolve("data.csv"), text);
    String[] all = Arrays.copyOf(words, words.length + 2);
    all[words.length] = "train.partitions=1";
    all[words.length + 1] = "features.hash-bits=10";
    return conf("data.csv", all);
  }

  private static String refusal(TrainConf conf) {
    return String.valueOf(
        assertThrows(JobException.class, () -> CheckedRows.prepare(spark, conf)).getMessage());
  }

  @Test
  void theDefaultRunReadsTheSample() {
    TrainConf conf = TrainConfLoader.load(ROOT.resolve("conf/flights.properties"), List.of());
    CheckedRows data = CheckedRows.prepare(spark, conf);
    assertEquals(249_778, data.counts().train().rows());
    assertEquals(50_222, data.counts().test().rows());
    assertEquals(0.19617, data.counts().train().rate(), 1e-5);
    assertEquals(
        0.51948, data.counts().test().logLossOfConstant(data.counts().train().rate()), 1e-5);
    Row first = data.train().first();
    Vector features = (Vector) first.get(0);
    assertEquals(1 << 22, features.size());
    assertEquals(11, features.numNonzeros());
  }

  @Test
  void featuresDoNotDependOnTheMachinesTimeZone() {
    TrainConf conf = TrainConfLoader.load(ROOT.resolve("conf/flights.properties"), List.of());
    Object here = CheckedRows.prepare(spark, conf).train().first().get(0);
    spark.conf().set("spark.sql.session.timeZone", "Asia/Tokyo");
    try {
      assertEquals(here, CheckedRows.prepare(spark, conf).train().first().get(0));
    } finally {
      spark.conf().set("spark.sql.session.timeZone", "UTC");
    }
  }

  @Test
  void csvColumnsBecomeCategoriesNumbersAndCrosses() throws IOException {
    TrainConf conf =
        csv(
            "a,b,x,y\nu,1,2.5,true\nv,1,0.5,false\n",
            "label=y",
            "features.categorical=a",
            "features.numeric=x",
            "features.cross=a*b");
    List<Row> rows = CheckedRows.prepare(spark, conf).train().collectAsList();
    assertEquals(2, rows.size());
    assertEquals(3, ((Vector) rows.get(0).get(0)).numNonzeros());
    assertNotEquals(rows.get(0).get(0), rows.get(1).get(0));
    assertEquals(List.of(1.0, 0.0), rows.stream().map(row -> row.getDouble(1)).toList());
  }

  @Test
  void libsvmBringsItsOwnFeatures() throws IOException {
    Files.writeString(folder.resolve("a.libsvm"), "1 1:0.5 7:2\n0 2:1\n");
    TrainConf conf = conf("a.libsvm", "train.partitions=2", "input.features=10");
    CheckedRows data = CheckedRows.prepare(spark, conf);
    assertEquals(2, data.counts().train().rows());
    assertEquals(10, ((Vector) data.train().first().get(0)).size());
    Files.writeString(folder.resolve("a.libsvm"), "1 1:NaN 7:2\n0 2:1\n");
    assertTrue(refusal(conf).contains("a feature is NaN, infinite or too large in 1 of 2 rows"));
  }

  /** Rows that judge while the others are trained on are a part of their own, also of the test. */
  @Test
  void validationRowsAreApart() throws IOException {
    StringBuilder text = new StringBuilder("a,y\n");
    for (int i = 0; i < 200; i++) {
      text.append("v").append(i).append(',').append(i % 2).append('\n');
    }
    String[] keys = {
      "label=y", "features.categorical=a", "split.test=0.2", "split.validation=0.25"
    };
    CheckedRows data = CheckedRows.prepare(spark, csv(text.toString(), keys));
    long heldOut = data.train().filter(CheckedRows.HELD_OUT).count();
    assertTrue(heldOut > 20 && heldOut < 60, "a quarter of what the test leaves: " + heldOut);
    assertEquals(heldOut, data.counts().validation());
    assertEquals(data.train().count(), data.counts().train().rows() + heldOut);
    assertEquals(200, data.train().count() + data.counts().test().rows());
    keys[3] = "split.validation=a = 'nobody'";
    assertMessage(refusal(csv(text.toString(), keys)), "no row meets split.validation", "found 0");
    keys[3] = "split.validation=1.5";
    assertMessage(refusal(csv(text.toString(), keys)), "Cannot use split.validation = 1.5");
    keys[3] = "split.validation=a";
    assertMessage(refusal(csv(text.toString(), keys)), "expected a condition or a share", "string");
  }

  @Test
  void everyBadInputIsOneClearMessage() throws IOException {
    String[] ok = {"label=y", "features.categorical=a"};
    assertMessage(refusal(conf("none.parquet", ok)), "Cannot read input", "none.parquet");
    Files.writeString(folder.resolve("bad.parquet"), "this is no Parquet file at all");
    assertMessage(refusal(conf("bad.parquet", ok)), "Cannot read input", "bad.parquet");
    assertMessage(refusal(csv("a,y\n", ok)), "empty input", "data.csv");
    assertMessage(
        refusal(csv("a,y\nu,1\n", "label=y", "features.categorical=b")),
        "Unknown column b: expected one of a, y",
        "features.categorical");
    assertMessage(
        refusal(csv("a,y\nu,1\n", "label=z > 1", "features.categorical=a")),
        "Cannot compute label = z > 1",
        "columns a, y");
    assertMessage(
        refusal(csv("a,y\nu,2\nv,1\n", ok)),
        "the label is out of range in 1 of 2 rows, expected 0 or 1, found 2.0 in row",
        "a=u");
    assertMessage(refusal(csv("a,y\nu,\nv,1\n", ok)), "the label is missing in 1 of 2 rows");
    assertMessage(
        refusal(csv("a,x,y\nu,NaN,1\nv,1.5,1\n", "label=y", "features.numeric=x")),
        "feature x is NaN or infinite in 1 of 2 rows",
        "expected a finite number");
    assertMessage(
        refusal(csv("a,x,y\nu,Infinity,1\nv,1.5,1\n", "label=y", "features.numeric=x")),
        "feature x is NaN or infinite");
    assertMessage(
        refusal(csv("a,y\nu,1\n", "label=y", "features.numeric=a")), "expected a numeric column");
    assertMessage(
        refusal(csv("a,y\nu,1\n", "label=a", "features.categorical=a")), "Cannot use label");
    assertMessage(
        refusal(csv("a,y\nu,1\n", "label=y")), "Cannot make features: none are configured");
    assertMessage(
        refusal(csv("a,y\nu,1\n", "label=y", "features.categorical=a", "split.test=true")),
        "keeps every row out of training");
    assertMessage(
        refusal(csv("a,y\nu,1\n", "label=y", "features.categorical=a", "split.test=false")),
        "no row meets split.test");
    Files.writeString(folder.resolve("data.csv"), "a,y\nu,1\n");
    assertMessage(
        refusal(conf("data.csv", "label=y", "features.categorical=a", "train.partitions=2")),
        "expected at least one row for each of the 2 partitions, found 1");
  }

  private static void assertMessage(String message, String... parts) {
    for (String part : parts) {
      assertTrue(message.contains(part), () -> "expected \"" + part + "\" in: " + message);
    }
    assertFalse(message.contains("\n"), message);
  }
}
