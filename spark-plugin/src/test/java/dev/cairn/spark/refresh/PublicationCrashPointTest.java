package dev.cairn.spark.refresh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FaultyFileSystem;
import dev.cairn.checkpoint.FaultyStore.Fault;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.RunResult;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.model.BinaryFigures;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.VersionRecord.Range;
import dev.cairn.checkpoint.model.VersionRecord.UsedData;
import dev.cairn.checkpoint.publish.ModelFolder;
import dev.cairn.checkpoint.publish.ModelVersion;
import dev.cairn.spark.ml.ModelComparison;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.refresh.GateReport.Verdict;
import dev.cairn.spark.serving.Publisher;
import dev.cairn.spark.serving.StoredModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every call to storage of the end of a refresh fails or crashes in turn, with and without labels:
 * then one whole version is in use, and the same refresh again ends in the state in which it would
 * have ended at once.
 */
class PublicationCrashPointTest {
  private static final FolderOptions OPTIONS =
      FolderOptions.defaults()
          .withApplicationId("test-application")
          .withHadoopProperties(FaultyFileSystem.properties());
  private static final UsedData DATA =
      new UsedData("february", "feb", 10, Optional.of(new Range("day", "1", "28")));
  private static final Publication.Judged JUDGED =
      new Publication.Judged(
          new ModelComparison(
              Optional.empty(),
              new BinaryFigures(
                  0.5,
                  0.25,
                  OptionalDouble.empty(),
                  List.of(new BinaryFigures.Tenth(0, 5, 0, 0, 0, 0))),
              new TreeMap<>()),
          new GateReport(Verdict.PASSED, List.of()));

  @TempDir Path temp = Path.of("");

  @AfterEach
  void storageWorks() {
    FaultyFileSystem.FAULTS.disarm();
  }

  private static String faulty(Path path) {
    return FaultyFileSystem.SCHEME + ":" + path;
  }

  private static void train(Path run, long seed) throws IOException {
    Model model = new LinearModel(8, true, new LogisticLoss());
    StoredModels.write(
        run.toString(),
        model,
        Optional.of(model),
        StoredModels.random(model, seed),
        FeatureScales.NONE,
        Optional.empty());
  }

  /** Version 1 is published, and a refresh of it is trained. */
  private static void prepare(Path base, boolean configured) throws IOException {
    train(base.resolve("first"), 1);
    train(base.resolve("refresh"), 2);
    String model = faulty(base.resolve("models/m"));
    var unused =
        Publisher.publish(faulty(base.resolve("first")), model, List.of(), draft -> {}, OPTIONS);
    if (configured) {
      try (ModelFolder folder = ModelFolder.open(model, OPTIONS)) {
        var unusedToo = folder.label(new TreeMap<>(Map.of(ServingConfig.STABLE, 1L)));
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path one : all.toList()) {
        Path unused = Files.copy(one, to.resolve(from.relativize(one)));
      }
    }
  }

  /** What a refresh does once it has trained. */
  private static void refresh(Path base, List<String> labels) throws IOException {
    String checkpoint = RunResult.find(faulty(base.resolve("refresh")), OPTIONS);
    try (ModelFolder folder = ModelFolder.open(faulty(base.resolve("models/m")), OPTIONS)) {
      Optional<ModelVersion> parent = folder.current();
      Publication end = new Publication(folder, parent, labels, draft -> {}, said -> {}, OPTIONS);
      if (end.isInUse(DATA.fingerprint())) {
        var unused = end.finish(parent.orElseThrow());
        return;
      }
      end.requireUnused(DATA);
      var unused = end.of(checkpoint, Optional.of(DATA), () -> JUDGED);
    }
  }

  /** All that a user can see. */
  private static String state(Path base, String hit) throws IOException {
    try (ModelFolder folder = ModelFolder.open(faulty(base.resolve("models/m")), OPTIONS)) {
      for (long number : folder.numbers()) {
        folder.verify(folder.version(number));
      }
      Path report = base.resolve("refresh").resolve(ModelRefresh.REPORT);
      assertTrue(folder.current().isPresent(), hit);
      return folder.history().values().stream()
              .map(of -> of.number() + " " + of.origin() + " from " + of.parent() + "\n")
              .toList()
          + " there "
          + folder.numbers()
          + " in use "
          + folder.current().map(ModelVersion::number)
          + " labels "
          + folder.config().map(ServingConfig::labels)
          + (Files.exists(report)
              ? " report " + Files.readString(report).contains("\"version\" : 2")
              : "");
    }
  }

  private void everyCall(Fault fault, boolean configured, List<String> labels) throws IOException {
    calls(fault, configured, labels, Long.MAX_VALUE);
  }

  /** The last of the calls fail. */
  private void calls(Fault fault, boolean configured, List<String> labels, long last)
      throws IOException {
    String name = fault + "-" + configured + "-" + labels.size();
    Path fresh = temp.resolve(name + "-fresh");
    prepare(fresh, configured);
    Path whole = temp.resolve(name);
    copy(fresh, whole);
    FaultyFileSystem.FAULTS.disarm(); // and count
    refresh(whole, labels);
    long all = FaultyFileSystem.FAULTS.calls();
    assertTrue(all > 80, "more calls than " + all);
    String after = state(whole, "none");
    assertTrue(after.contains("in use Optional[2]") && after.contains("report true"), after);
    StringBuilder hits = new StringBuilder();
    for (long call = Math.max(1, all - last); call <= all + 1; call++) {
      Path base = temp.resolve(name + "-" + call);
      copy(fresh, base);
      FaultyFileSystem.FAULTS.arm(fault, call);
      try {
        refresh(base, labels);
      } catch (IOException e) {
        // As the user of the command sees it.
      }
      long calls = FaultyFileSystem.FAULTS.calls();
      String hit = FaultyFileSystem.FAULTS.hit();
      FaultyFileSystem.FAULTS.disarm();
      hits.append(hit).append('\n');
      boolean over = state(base, hit).equals(after);
      try {
        refresh(base, labels);
      } catch (Conflict e) {
        assertTrue(over, hit + ": " + e.getMessage());
      }
      assertEquals(after, state(base, hit), hit);
      assertEquals(call > all, calls < call, "calls " + calls);
    }
    assertTrue(hits.toString().contains("/models/m/2\n"), "the rename is among " + hits);
  }

  @ParameterizedTest
  @EnumSource(names = "CRASH_BEFORE")
  @Tag("long")
  void withTheLabelOfTheVersionInUse(Fault fault) throws Exception {
    everyCall(fault, true, List.of(ServingConfig.STABLE));
  }

  /** The rename, the labels and the report are done by the last calls. */
  @Test
  void fromTheRenameOn() throws Exception {
    calls(Fault.CRASH_BEFORE, true, List.of(ServingConfig.STABLE), 40);
  }

  @ParameterizedTest
  @EnumSource(names = "CRASH_BEFORE")
  @Tag("long")
  void withoutLabels(Fault fault) throws Exception {
    everyCall(fault, false, List.of(ServingConfig.STABLE));
  }

  @ParameterizedTest
  @EnumSource(names = {"FAIL_BEFORE", "FAIL_AFTER", "CRASH_AFTER"})
  @Tag("long")
  void allByTheOtherFaults(Fault fault) throws Exception {
    withTheLabelOfTheVersionInUse(fault);
    withoutLabels(fault);
  }

  /** The first further label makes models.config. */
  @ParameterizedTest
  @EnumSource(names = {"CRASH_BEFORE", "FAIL_AFTER"})
  @Tag("long")
  void withAFurtherLabel(Fault fault) throws Exception {
    everyCall(fault, false, List.of(ServingConfig.STABLE, "champion"));
    everyCall(fault, true, List.of(ServingConfig.STABLE, "champion"));
  }
}
