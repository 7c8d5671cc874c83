package dev.cairn.jobs.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys, places, paths and errors of a run's configuration. */
final class TrainConfLoaderTest {
  private static final String LEAST = "input=data.parquet\ncheckpoint.dir=../runs/a b\n";

  @TempDir private Path folder = Path.of("");

  private TrainConf load(String text, String... words) throws IOException {
    Path file = folder.resolve("run.properties");
    Files.writeString(file, text);
    return TrainConfLoader.load(file, List.of(words));
  }

  private String refusal(String text, String... words) {
    return assertThrows(JobException.class, () -> load(text, words)).getMessage();
  }

  @Test
  void defaultsFillWhatIsNotSet() throws IOException {
    TrainConf conf = load(LEAST);
    assertEquals(4096, conf.get(TrainConf.BATCH_ROWS));
    assertEquals("adagrad", conf.get(OptimizerKeys.OPTIMIZER));
    assertEquals("default", conf.place("optimizer"));
  }

  @Test
  void everyDefaultPassesItsOwnCheckAndNamesAreUnique() {
    Set<String> names = new HashSet<>();
    for (ConfKey<?> key : TrainConf.keys()) {
      assertTrue(names.add(key.name()), key.name());
      key.defaultText().ifPresent(text -> key.parser().parse(text, PathBase.current()));
      assertTrue(key.sentence().endsWith("."), key.name());
    }
  }

  @Test
  void relativePathsAreMeantFromWhereTheyAreWritten() throws IOException {
    TrainConf conf = load(LEAST, "input=other.csv");
    assertEquals("file:" + Path.of("other.csv").toAbsolutePath(), conf.get(TrainConf.INPUT));
    assertEquals(
        "file:" + folder.toAbsolutePath().getParent().resolve("runs/a b"),
        conf.get(TrainConf.CHECKPOINT_DIR));
    TrainConf hdfs = load(LEAST, "checkpoint.dir=hdfs://nn:8020/m", "input=/data/x.parquet");
    assertEquals("hdfs://nn:8020/m", hdfs.get(TrainConf.CHECKPOINT_DIR));
    assertEquals("/data/x.parquet", hdfs.get(TrainConf.INPUT));
    assertEquals("hdfs://nn:8020/m/training-curve.html", hdfs.reportFile());
  }

  /** A checkpoint of the run's folder goes by its name, another run's by its path. */
  @Test
  void aCheckpointToGoOnFromIsANameOrAPath() throws IOException {
    assertEquals("ckpt-4", load(LEAST, "resume.from=ckpt-4").get(ScheduleKeys.RESUME_FROM));
    assertEquals(
        "file:" + Path.of("runs/a/ckpt-4").toAbsolutePath(),
        load(LEAST, "resume.from=runs/a/ckpt-4").get(ScheduleKeys.RESUME_FROM));
  }

  @Test
  void wordsOfTheCommandLineWin() throws IOException {
    TrainConf conf = load(LEAST + "train.epochs = 7\n", "train.epochs=3", "spark.x.y=z=1");
    assertEquals(3, conf.get(TrainConf.EPOCHS));
    assertEquals("z=1", conf.spark().get("spark.x.y"));
    assertEquals("command line", conf.place("train.epochs"));
  }

  @Test
  void listsCrossesAndDerivedColumns() throws IOException {
    TrainConf conf =
        load(
            LEAST
                + "features.derive.hour=hour(date)\nfeatures.cross=a*b, a * hour*c\n"
                + "features.categorical=a,\\\n  b\n");
    assertEquals(List.of("a", "b"), conf.get(TrainConf.CATEGORICAL));
    assertEquals(List.of(List.of("a", "b"), List.of("a", "hour", "c")), conf.get(TrainConf.CROSS));
    assertEquals("hour(date)", conf.derived().get("hour"));
  }

  @Test
  void unknownKeysAreRefusedWithTheNearestName() {
    String message = refusal(LEAST + "\ntrain.epoch=3\n");
    assertTrue(message.startsWith("Unknown key train.epoch: did you mean train.epochs?"), message);
    assertTrue(message.contains("run.properties line 4"), message);
    assertTrue(refusal(LEAST, "checkpoint.dri=x").contains("did you mean checkpoint.dir?"));
    assertTrue(refusal(LEAST, "zzz=1").contains("cairn help train"));
  }

  @Test
  void badValuesSayWhatIsExpectedWhereAndFound() {
    String message = refusal(LEAST + "train.batch-rows=many\n");
    assertTrue(
        message.startsWith(
            "Cannot use train.batch-rows: expected a whole number, 1 or more, found \"many\" ("),
        message);
    assertTrue(message.contains("line 3"), message);
    assertTrue(refusal(LEAST, "optimizer=").contains("expected the name of an optimizer"));
    assertTrue(refusal(LEAST, "optimizer.momentum=1").contains("from 0 on and below 1"));
    assertTrue(refusal(LEAST, "optimizer.learning-rate=0").contains("a number above 0"));
    assertTrue(refusal(LEAST, "optimizer.learning-rate=1e39").contains("that a float can hold"));
    assertTrue(refusal(LEAST, "features.hash-bits=31").contains("from 1 to 30"));
    assertTrue(refusal(LEAST, "checkpoint.async=yes").contains("true or false"));
    assertTrue(refusal(LEAST, "features.cross=a").contains("origin*hour"));
  }

  @Test
  void missingKeysFilesAndOddWordsAreExplained() {
    assertTrue(refusal("input=x\n").startsWith("Missing key checkpoint.dir: expected path."));
    assertTrue(refusal(LEAST, "train.epochs").contains("expected key=value"));
    JobException missing =
        assertThrows(
            JobException.class,
            () -> TrainConfLoader.load(folder.resolve("none.properties"), List.of()));
    assertTrue(String.valueOf(missing.getMessage()).contains("no such file"));
  }

  @Test
  void nearestNameIsTheOneWithTheFewestChanges() {
    List<String> known = List.of("sitting", "receive", "mitten", "Kit.Ten");
    assertEquals("receive", NearestName.of("recieve", known).orElseThrow());
    assertEquals("receive", NearestName.of("RECEVIE", known).orElseThrow());
    assertEquals("mitten", NearestName.of("kiten", known).orElseThrow(), "two changes, not three");
    assertEquals("Kit.Ten", NearestName.of("kitten", known).orElseThrow(), "signs do not count");
    assertTrue(NearestName.of("kitchen", List.of("receive")).isEmpty());
    assertTrue(NearestName.of("x", List.of("train.epochs")).isEmpty());
    assertTrue(NearestName.of("x", List.of()).isEmpty());
  }

  @Test
  void nearestNameKnowsAbbreviationsAndOtherSpellings() {
    assertTrue(refusal(LEAST, "optimizer.lr=1").contains("did you mean optimizer.learning-rate?"));
    assertTrue(refusal(LEAST, "lr=1").contains("did you mean optimizer.learning-rate?"));
    assertTrue(refusal(LEAST, "train.batchRows=1").contains("did you mean train.batch-rows?"));
    assertTrue(refusal(LEAST, "train.batch=1").contains("did you mean train.batch-rows?"));
    assertTrue(refusal(LEAST, "epochs=1").contains("did you mean train.epochs?"));
    assertEquals("Origin2", NearestName.of("ORIGIN", List.of("Origin2")).orElseThrow());
  }

  @Test
  void aByteOrderMarkAndAnyLineEndsAreRead() throws IOException {
    TrainConf conf = load("\ufeff" + (LEAST + "label=y\n# x\n").replace("\n", "\r\n"));
    assertEquals("y", conf.get(TrainConf.LABEL));
    assertTrue(conf.get(TrainConf.INPUT).endsWith("/data.parquet"));
    assertTrue(conf.place("label").endsWith("run.properties line 3"));
  }

  @Test
  void whatIsNotUtf8IsRefusedByItsLine() throws IOException {
    Path file = folder.resolve("latin.properties");
    Files.write(file, (LEAST + "# f\u00fcr M\u00fcnchen\n").getBytes(StandardCharsets.ISO_8859_1));
    JobException refused =
        assertThrows(JobException.class, () -> TrainConfLoader.load(file, List.of()));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains("line 3 is not UTF-8"), message);
    assertTrue(message.contains("found byte 0xfc"), message);
  }

  @Test
  void backslashesThatPropertiesFilesDropAreRefusedByTheirLine() throws IOException {
    String message = refusal(LEAST + "label = a rlike '\\d+'\n");
    assertTrue(message.contains("drop the backslash of \\d"), message);
    assertTrue(message.contains("run.properties line 3"), message);
    assertTrue(refusal(LEAST + "label = x \\\n  + \\q\n").contains("line 4"));
    assertTrue(refusal(LEAST + "label = \\u12\n").contains("line 3"));
    assertTrue(
        refusal(LEAST + "input.option.escape = \\\nlabel=y\n").contains("joins it with the next"));
    TrainConf conf = load(LEAST + "# \\d\nlabel = a rlike '\\\\d+' \\\n  or b\n");
    assertEquals("a rlike '\\d+' or b", conf.get(TrainConf.LABEL));
    assertEquals("a rlike '\\d+'", load(LEAST, "label=a rlike '\\d+'").get(TrainConf.LABEL));
  }

  @Test
  void optionsOfTheReaderKeepTheirBlanks() throws IOException {
    TrainConf conf =
        load(
            LEAST + "input.option.sep = \\t\ninput.option.escape = \\\\\n",
            "input.option.nullValue=NA ");
    assertEquals("\t", conf.inputOptions().get("SEP"));
    assertEquals("\\", conf.inputOptions().get("escape"));
    assertEquals("NA", conf.inputOptions().get("nullvalue"));
    assertTrue(refusal(LEAST, "input.options.sep=;").contains("did you mean input.option.NAME?"));
  }

  @Test
  void theHomeFolderOrNobodys() throws IOException {
    String home = Path.of(System.getProperty("user.home")).toString();
    TrainConf conf = load(LEAST, "checkpoint.dir=~/cairn-run", "input=~");
    assertEquals("file:" + home + "/cairn-run", conf.get(TrainConf.CHECKPOINT_DIR));
    assertEquals("file:" + home, conf.get(TrainConf.INPUT));
    assertTrue(refusal(LEAST, "input=~bob/x").contains("~ alone is your home folder"));
  }
}
