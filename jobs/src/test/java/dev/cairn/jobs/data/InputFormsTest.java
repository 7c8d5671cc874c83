package dev.cairn.jobs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.config.TrainConfLoader;
import dev.cairn.spark.ml.FeatureEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Inputs that other people's files showed to be read wrongly, without a word or with a message that
 * helped nobody: each is read right now, or refused by file and line.
 */
final class InputFormsTest {
  private static final Path FIELD = Path.of("src/test/resources/field").toAbsolutePath();

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

  private static CheckedRows field(String properties, String... words) {
    return CheckedRows.prepare(
        spark, TrainConfLoader.load(FIELD.resolve(properties), List.of(words)));
  }

  private CheckedRows prepare(String input, String... words) throws IOException {
    Path file = folder.resolve("run.properties");
    Files.writeString(
        file,
        "checkpoint.dir=runs\nlabel=y\ntrain.partitions=1\nfeatures.hash-bits=10\ninput="
            + input
            + "\n");
    return CheckedRows.prepare(spark, TrainConfLoader.load(file, List.of(words)));
  }

  private CheckedRows csv(String text, String... words) throws IOException {
    Files.writeString(folder.resolve("data.csv"), text);
    return prepare("data.csv", words);
  }

  private interface Failing {
    void run() throws IOException;
  }

  private static void assertRefused(Failing work, String... parts) {
    String message = String.valueOf(assertThrows(JobException.class, work::run).getMessage());
    for (String part : parts) {
      assertTrue(message.contains(part), () -> "expected \"" + part + "\" in: " + message);
    }
    assertFalse(message.contains("\n"), message);
  }

  private static Set<Object> features(Dataset<Row> rows) {
    Set<Object> all = new HashSet<>();
    rows.select(CheckedRows.FEATURES).collectAsList().forEach(row -> all.add(row.get(0)));
    return all;
  }

  @Test
  void columnsAreMatchedByTheHeaderOfEachFile() {
    assertRefused(
        () -> field("csv-columns-swapped/run.properties"), "Cannot judge the model: no row meets");
    CheckedRows data = field("csv-columns-swapped/run.properties", "split.test=");
    assertEquals(new Counts(12, 6), data.counts().train());
    assertEquals(2, features(data.train()).size());
  }

  @Test
  void typesAreThoseThatHoldTheValuesOfAllFiles() throws IOException {
    Files.createDirectories(folder.resolve("many.csv"));
    Files.writeString(folder.resolve("many.csv/a.csv"), "x,t,y\n1,1,1\n2,2,0\n");
    Files.writeString(folder.resolve("many.csv/b.csv"), "y,x,t\n1,0.5,u\n0,3000000000,v\n");
    Files.writeString(folder.resolve("many.csv/empty.csv"), "");
    CheckedRows data =
        prepare(
            "many.csv", "features.numeric=x", "features.categorical=t", "split.test=t in ('v')");
    assertEquals(new Counts(3, 2), data.counts().train());
    Vector last = (Vector) data.test().orElseThrow().first().get(0);
    assertEquals(3e9, Arrays.stream(last.toArray()).max().orElseThrow());
  }

  @Test
  void categoriesAreReadAsTheyAreWritten() throws IOException {
    String text = "zip,n,y\n007,1,1\n7,2,0\n07,10,1\n";
    assertEquals(3, features(csv(text, "features.categorical=zip").train()).size());
    CheckedRows data = csv(text, "features.categorical=zip,n", "split.test=n > 9");
    assertEquals(1, data.counts().test().rows(), "a column of an expression has its type");
  }

  @Test
  void aFileWithoutAColumnIsRefusedOrHasNulls() throws IOException {
    Files.createDirectories(folder.resolve("less.csv"));
    Files.writeString(folder.resolve("less.csv/a.csv"), "x,y\n1,1\n2,0\n");
    Files.writeString(folder.resolve("less.csv/b.csv"), "y\n1\n");
    assertRefused(
        () -> prepare("less.csv", "features.categorical=x"),
        "a file has no column x",
        "found y (path=" + folder.toRealPath() + "/less.csv/b.csv)",
        "input.option.mergeSchema=true");
    CheckedRows data =
        prepare("less.csv", "features.categorical=x", "input.option.mergeSchema=true");
    assertEquals(Map.of("x", 1L), data.intake().nulls());
  }

  @Test
  void doubledQuotesAreOneQuote() {
    assertRefused(
        () -> field("csv-doubled-quotes/run.properties"), "Cannot judge the model: no row meets");
    CheckedRows data = field("csv-doubled-quotes/run.properties", "split.test=");
    assertEquals(2, features(data.train()).size());
    assertEquals(0, data.intake().malformed());
  }

  @Test
  void raggedRowsAreRefusedByFileAndLineOrCounted() {
    assertRefused(
        () -> field("csv-ragged/run.properties"),
        "in 2 of 4 rows",
        "as many as the header has",
        "found \"0,1,000,Kiel\"",
        "rag.csv line 3)",
        "input.option.mode=DROPMALFORMED");
    CheckedRows data = field("csv-ragged/run.properties", "input.option.mode=DROPMALFORMED");
    assertEquals(2, data.counts().train().rows());
    assertEquals(4, data.intake().read());
    assertEquals(2, data.intake().malformed());
    assertEquals(0, data.intake().skipped());
    CheckedRows kept = field("csv-ragged/run.properties", "input.option.mode=PERMISSIVE");
    assertEquals(4, kept.counts().train().rows());
    assertEquals(2, kept.intake().malformed());
    assertEquals(Map.of("city", 1L), kept.intake().nulls());
  }

  @Test
  void malformedRowsThatAreLeftOutBotherNoExpression() throws IOException {
    CheckedRows data =
        csv(
            "a,x,y\nu,1,1\nv,2,0\nw\nw,bad,1,1\n",
            "features.categorical=a,n",
            "features.derive.n=cast(concat('1', x) as int) + length(a)",
            "input.option.mode=dropmalformed");
    assertEquals(2, data.counts().train().rows());
    assertEquals(2, data.intake().malformed());
    assertEquals(Map.of(), data.intake().nulls());
  }

  @Test
  void bytesThatAreNotUtf8AreRefusedByFileAndLine() throws IOException {
    byte[] latin = "y,city\n1,M\u00fcnchen\n0,M\u00f6nchen\n".getBytes(StandardCharsets.ISO_8859_1);
    Files.write(folder.resolve("latin.csv"), latin);
    assertRefused(
        () -> prepare("latin.csv", "features.categorical=city"),
        "bytes are not UTF-8",
        "in 2 of 2 rows",
        "latin.csv line 2)",
        "input.option.encoding");
    CheckedRows data =
        prepare("latin.csv", "features.categorical=city", "input.option.encoding=ISO-8859-1");
    assertEquals(2, features(data.train()).size());
    Files.write(
        folder.resolve("header.csv"),
        "y,gr\u00f6\u00dfe\n1,2\n".getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(
        () -> prepare("header.csv", "features.categorical=y"), "the header is not UTF-8", "line 1");
  }

  @Test
  void optionsOfSparksReaderAreTheUsers() throws IOException {
    CheckedRows data =
        csv(
            "1\t'a''b\tc'\tNA\n0\t'd'\t2,5\n",
            "input.option.sep=\t",
            "input.option.quote='",
            "input.option.header=false",
            "input.option.nullValue=NA",
            "label=_c0",
            "features.categorical=_c1,_c2",
            "input.option.nosuchoption=x");
    assertEquals(new Counts(2, 1), data.counts().train());
    assertEquals(Map.of("_c2", 1L), data.intake().nulls());
    assertEquals(0, data.intake().malformed());
  }

  @Test
  void libsvmWithTabsAndComments() {
    for (String file : List.of("tabs.libsvm", "comment.libsvm")) {
      CheckedRows data =
          field("libsvm-forms/run.properties", "input=" + FIELD + "/libsvm-forms/" + file);
      assertEquals(new Counts(2, 1), data.counts().train(), file);
      assertEquals(
          file.equals("tabs.libsvm") ? 3 : 2, ((Vector) data.train().first().get(0)).size());
    }
  }

  @Test
  void libsvmOfOtherKindsIsRefusedByFileAndLine() throws IOException {
    String folderOfForms = "input=" + FIELD + "/libsvm-forms/";
    assertRefused(
        () -> field("libsvm-forms/run.properties", folderOfForms + "qid.libsvm"),
        "qid:3 names a group of a ranking",
        "qid.libsvm line 1)");
    assertRefused(
        () -> field("libsvm-forms/run.properties", folderOfForms + "multilabel.libsvm"),
        "several labels (1,3) are not supported",
        "multilabel.libsvm line 1)");
    String[][] wrong = {
      {"1 1:0.5\n0 2:1 2:3\n", "2:3 does not come in order"},
      {"1 1:0.5\n0 0:1\n", "0:1 does not come in order"},
      {"1 1:0.5\nx 1:1\n", "the label x is no number"},
      {"1 1:0.5\n0 a\n", "a is no feature"},
      {"1 1:0.5\n0 9:1\n", "9:1 is beyond the last feature, expected up to 5"},
    };
    for (String[] one : wrong) {
      Files.writeString(folder.resolve("w.libsvm"), one[0]);
      assertRefused(
          () -> prepare("w.libsvm", "label=label", "input.features=5"), one[1], "w.libsvm line 2)");
    }
  }

  @Test
  void nanosecondsNameTheirColumnAndTheWayOut() {
    assertRefused(
        () -> field("parquet-nanos/run.properties"),
        "column t has timestamps in nanoseconds",
        "spark.sql.legacy.parquet.nanosAsLong=true",
        "timestamp_micros(t div 1000)");
  }

  @Test
  void patternsOverPartitionFoldersHaveTheirColumns() {
    CheckedRows data = field("partition-glob/run.properties", "features.categorical=city,day");
    assertEquals(6, data.counts().train().rows());
    assertEquals(2, features(data.train()).size());
  }

  @Test
  void aPathThatExistsIsNoPattern() throws IOException {
    Files.createDirectories(folder.resolve("x[1]"));
    Files.writeString(folder.resolve("x[1]/a{b}.csv"), "a,y\nu,1\nv,0\nw\n");
    assertRefused(
        () -> prepare("x[1]/a{b}.csv", "features.categorical=a"), "x[1]/a{b}.csv line 4)");
    CheckedRows data =
        prepare("x[1]/a{b}.csv", "features.categorical=a", "input.option.mode=DROPMALFORMED");
    assertEquals(2, data.counts().train().rows());
    assertRefused(() -> prepare("x[2].csv", "features.categorical=a"), "does not exist");
  }

  @Test
  void expressionsThatFailAreNamedBeforeTraining() throws IOException {
    assertRefused(
        () -> field("derive-not-checked/run.properties"),
        "Cannot compute features.derive.h = hour(t)",
        "31/03/2024 10:00",
        "try_cast",
        "run.properties line 3");
    assertRefused(
        () -> csv("a,y\nu,1\nv,x\n", "label=cast(y as int)", "features.categorical=a"),
        "Cannot compute label = cast(y as int)");
    assertRefused(
        () -> csv("a,y\nu,1\nv,0\n", "label=avg(y) > 0", "features.categorical=a"),
        "Cannot compute label = avg(y) > 0",
        "An aggregate, such as avg, is a value of all rows");
    assertRefused(
        () -> csv("a,y\nu,1\nv,0\n", "features.derive.m=max(y)", "features.categorical=m"),
        "Cannot compute features.derive.m = max(y)",
        "An aggregate");
    assertRefused(
        () -> csv("a,y\nu,1\nv,0\n", "split.test=rand() < 0.5", "features.categorical=a"),
        "Cannot compute split.test = rand() < 0.5",
        "the same value for a row each time");
  }

  @Test
  void numbersThatOverflowNameTheirColumn() throws IOException {
    assertRefused(
        () -> field("derive-not-checked/big.properties"),
        "feature age is too large in 1 of 2 rows",
        "found 1.0E39",
        "city=Bonn");
    Files.writeString(folder.resolve("big.libsvm"), "1 1:1e18\n0 1:1\n");
    assertRefused(
        () -> prepare("big.libsvm", "label=label", "train.standardization=false"),
        "a feature is NaN, infinite or too large in 1 of 2 rows");
    assertEquals(2, prepare("big.libsvm", "label=label").counts().train().rows());
  }

  @Test
  void missingConnectorsAreNamed() {
    assertRefused(
        () -> prepare("s3a://bucket/x.parquet", "features.categorical=a"),
        "the connector for such paths is not on the class path",
        "org.apache.hadoop:hadoop-aws");
    assertRefused(
        () -> prepare("gopher://host/x.csv", "features.categorical=a"),
        "No FileSystem for scheme \"gopher\"");
  }

  @Test
  void labelsOfOtherKinds() throws IOException {
    CheckedRows words =
        csv("a,y\nu,yes\nv,no\nw,yes\n", "label.positive=yes", "features.categorical=a");
    assertEquals(new Counts(3, 2), words.counts().train());
    CheckedRows numbers =
        csv("a,y\nu,2\nv,1\nw,1\n", "label.positive=2.0", "features.categorical=a");
    assertEquals(new Counts(3, 1), numbers.counts().train());
    CheckedRows signs = csv("a,y\nu,1\nv,-1\nw,-1\n", "features.categorical=a");
    assertEquals(new Counts(3, 1), signs.counts().train());
    assertTrue(signs.intake().negativeOnes());
    List<Double> labels = new ArrayList<>();
    signs.train().collectAsList().forEach(row -> labels.add(row.getDouble(1)));
    assertEquals(List.of(1.0, 0.0, 0.0), labels);
    assertRefused(
        () -> csv("a,y\nu,1\nv,-1\nw,0\n", "features.categorical=a"), "-1 in some rows and 0");
    assertRefused(
        () -> csv("a,y\nu,yes\nv,no\n", "features.categorical=a"), "label.positive = yes");
    assertRefused(
        () -> csv("a,y\nu,yes\nv,no\n", "label.positive=ja", "features.categorical=a"),
        "all 2 training rows have label 0",
        "label.positive = ja");
    assertRefused(
        () -> csv("a,y\nu,1\nv,1\n", "features.categorical=a"), "all 2 training rows have label 1");
    assertRefused(
        () -> csv("a,y\nu,1\nv,0\n", "label.positive=yes", "features.categorical=a"),
        "Cannot use label.positive");
  }

  @Test
  void nullsAreKeptSkippedOrRefused() throws IOException {
    String text = "a,x,y\nu,1,1\n,2,0\nw,,0\nw,4,\nv,NaN,1\nv,5,0\n";
    String[] columns = {"features.categorical=a", "features.numeric=x", ""};
    columns[2] = "features.handle-invalid=skip";
    CheckedRows skipped = csv(text, columns);
    assertEquals(new Counts(2, 1), skipped.counts().train());
    assertEquals(4, skipped.intake().skipped());
    assertEquals(Map.of("a", 1L, "x", 1L), skipped.intake().nulls());
    assertEquals(2, skipped.train().count());
    columns[2] = "features.handle-invalid=error";
    String whole = text.replace("w,4,\nv,NaN,1\n", "");
    assertRefused(() -> csv(whole, columns), "feature a is null in 1 of 4 rows", "handle-invalid");
    columns[2] = "features.handle-invalid=keep";
    assertRefused(() -> csv(text, columns), "the label is missing", "features.handle-invalid=skip");
    CheckedRows kept = csv(whole, columns);
    assertEquals(new Counts(4, 1), kept.counts().train());
    assertEquals(0, kept.intake().skipped());
  }

  @Test
  void aShareOfTheRowsIsDrawnByTheirContent() throws IOException {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      rows.add(i % 7 + "," + i + "," + i % 2);
    }
    String[] words = {"features.categorical=b", "split.test=0.2", "split.seed=1"};
    CheckedRows first = csv("a,b,y\n" + String.join("\n", rows) + "\n", words);
    long drawn = first.counts().test().rows();
    assertTrue(drawn > 150 && drawn < 250, () -> "drawn: " + drawn);
    Set<Object> test = features(first.test().orElseThrow());
    Files.createDirectories(folder.resolve("parts.csv"));
    for (int part = 0; part < 3; part++) {
      StringBuilder text = new StringBuilder("y,b,a\n");
      for (int i = 999 - part; i >= 0; i -= 3) {
        text.append(i % 2).append(',').append(i).append(',').append(i % 7).append('\n');
      }
      Files.writeString(folder.resolve("parts.csv/" + part + ".csv"), text);
    }
    assertEquals(test, features(prepare("parts.csv", words).test().orElseThrow()));
    words[2] = "split.seed=2";
    assertFalse(test.equals(features(prepare("parts.csv", words).test().orElseThrow())));
    words[1] = "split.test=1.5";
    assertRefused(() -> prepare("parts.csv", words), "a share above 0 and below 1");
  }

  @Test
  void rowsAreWeighed() throws IOException {
    String text = "a,w,y\nu,1,1\nv,2,0\nw,0.5,0\nx,1,0\nz,3,1\n";
    CheckedRows data =
        csv(
            text,
            "features.categorical=a",
            "train.weight=w * 2",
            "class.weight=balanced",
            "split.validation=a = 'v'",
            "split.test=a in ('x', 'z')");
    assertEquals(new Counts(2, 1), data.counts().train());
    List<Row> rows = data.train().drop(CheckedRows.FEATURES).collectAsList();
    assertEquals(
        "[[1.0,2.0,0.0,false], [0.0,4.0,0.0,true], [0.0,1.0,0.0,false]]", String.valueOf(rows));
    CheckedRows rare = csv(text, "features.categorical=a", "class.weight=balanced");
    List<Row> weights = rare.train().select(CheckedRows.WEIGHT).collectAsList();
    assertEquals(5.0 / 4, weights.get(0).getDouble(0));
    assertEquals(5.0 / 6, weights.get(1).getDouble(0));
    assertRefused(
        () -> csv(text, "features.categorical=a", "train.weight=1 - w"),
        "the weight is missing, negative or too large in 2 of 5 rows",
        "found -1.0");
    assertRefused(() -> csv(text, "features.categorical=a", "train.weight=a"), "expected a number");
  }

  @Test
  void rowsHaveOffsets() throws IOException {
    String text = "a,e,y\nu,1,1\nv,2,0\nw,0.5,0\nx,4,0\n";
    CheckedRows data =
        csv(text, "features.categorical=a", "train.offset=log2(e)", "split.test=a = 'v'");
    List<Row> rows = data.train().select("label", "offset").collectAsList();
    assertEquals("[[1.0,0.0], [0.0,-1.0], [0.0,2.0]]", String.valueOf(rows));
    assertEquals(1, data.test().orElseThrow().first().<Double>getAs("offset"));
    for (String bad :
        List.of("log2(e - 2)", "double('Infinity') - e", "double('NaN')", "e * 1e39")) {
      assertRefused(
          () -> csv(text, "features.categorical=a", "train.offset=" + bad),
          "the offset is missing, NaN, infinite or too large in ",
          "expected a finite number within float32, which is added to the margin",
          "(train.offset, ");
    }
    assertRefused(
        () -> csv(text, "features.categorical=a", "train.offset=a"),
        "Cannot use train.offset = a: expected a number, found string");
    Files.writeString(folder.resolve("rows.libsvm"), "1 1:1\n0 2:1\n");
    assertRefused(
        () -> prepare("rows.libsvm", "train.offset=label"), "Cannot use train.offset", "libsvm");
  }

  @Test
  void namesOfColumnsWorkOrAreRefused() throws IOException {
    CheckedRows own =
        csv("label,features,y\na,b,1\nc,d,0\n", "features.categorical=label,features");
    assertEquals(2, ((Vector) own.train().first().get(0)).numNonzeros());
    assertEquals(new Counts(2, 1), own.counts().train());
    assertRefused(
        () -> csv("cairn.test,y\nu,1\nv,0\n", "features.categorical=y"),
        "Cannot use column cairn.test",
        "rename it");
    assertRefused(
        () -> csv("a,y\nu,1\n", "features.derive.cairn.x=a", "features.categorical=a"),
        "Cannot use column cairn.x");
    CheckedRows unicode =
        csv("gr\u00f6\u00dfe,y\nu,1\nv,0\n", "features.categorical=gr\u00f6\u00dfe");
    assertEquals(2, features(unicode.train()).size());
    assertRefused(
        () -> csv("City,y\nu,1\nv,0\n", "features.categorical=city"), "did you mean City?");
  }

  /** The same reader is for rows that are to be scored. */
  @Test
  void anEmptyInputIsRefusedWhateverItIsFor() throws IOException {
    assertRefused(
        () -> csv("a,y\n", "features.categorical=a"),
        "Cannot use an empty input: expected rows, found none",
        "data.csv");
    Files.writeString(folder.resolve("new.csv"), "a\n");
    TrainConf conf =
        TrainConfLoader.of(
            List.of("input=" + folder + "/new.csv", "checkpoint.dir=run", "label=y"));
    assertRefused(
        () ->
            ScoringData.names(
                spark, conf, new FeatureEncoder().setCategoricalCols("a"), new int[] {0}),
        "Cannot use an empty input: expected rows, found none",
        "new.csv");
  }
}
