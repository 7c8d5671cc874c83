package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.model.VersionRecord.UsedData;
import dev.cairn.checkpoint.publish.ModelFolder;
import dev.cairn.jobs.Main;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A scheduler's thirty days: a refresh a day, two of them killed and started again. */
@Tag("long")
final class ThirtyDaysTest {
  private static final int DAYS = 30;
  private static final int KILLED_IN_TRAINING = 8;
  private static final int KILLED_IN_PUBLISHING = 19;

  @TempDir private Path temp = Path.of("");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private List<String> command(int day) {
    return List.of(
        "refresh",
        Path.of("..", "conf", "flights-refresh.properties").toAbsolutePath().toString(),
        "refresh.where=to_date(date) = date_add(date '2001-01-01', " + (day - 1) + ")",
        "refresh.model=" + temp.resolve("models/m"),
        "checkpoint.dir=" + temp.resolve("refreshes"),
        "checkpoint.every-steps=1",
        "train.batch-rows=256",
        "train.partitions=2",
        "features.hash-bits=18",
        "gate.value=logLoss <= 5",
        "gate.change=logLoss <= 5",
        "gate.slices=",
        "gate.slice.change=",
        "gate.rows=100",
        "spark.master=local[2]",
        "spark.ui.enabled=false");
  }

  private void refresh(int day) {
    out.reset();
    int code = CairnCommand.run(Consoles.keeping(out, out), command(day).toArray(String[]::new));
    assertEquals(CairnCommand.OK, code, () -> "day " + day + ": " + said());
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Starts a day's refresh in a process, and kills it as soon as a moment has come. */
  private void refreshAndKill(int day, BooleanSupplier moment) throws Exception {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    words.addAll(command(day));
    Process process =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(temp.resolve("killed-" + day + ".log").toFile())
            .start();
    while (!moment.getAsBoolean()) {
      assertTrue(process.isAlive(), "it ended before it could be killed: see the log of " + day);
      Thread.onSpinWait();
    }
    process.destroyForcibly().waitFor();
  }

  private Set<String> names(String folder) {
    try (Stream<Path> files = Files.walk(temp.resolve(folder), 2)) {
      Set<String> names = new HashSet<>();
      files.forEach(file -> names.add(temp.relativize(file).toString()));
      return names;
    } catch (IOException | UncheckedIOException e) {
      return Set.of(); // it changes just now, or is not there yet
    }
  }

  /** Whether a further checkpoint of a training is there. */
  private BooleanSupplier trains() {
    Set<String> before = names("refreshes");
    return () ->
        names("refreshes").stream().anyMatch(n -> n.contains("/ckpt-") && !before.contains(n));
  }

  /** Whether a version is being made, in a folder that is no number. */
  private BooleanSupplier publishes() {
    return () ->
        names("models/m").stream().anyMatch(n -> n.matches("models/m/[^/]*[^0-9/][^/]*/variables"));
  }

  @Test
  void everyDayIsUsedOnceWhateverIsKilled() throws Exception {
    for (int day = 1; day <= DAYS; day++) {
      if (day == KILLED_IN_TRAINING) {
        refreshAndKill(day, trains());
        assertEquals(day - 1, history().size(), "killed before it was published");
      } else if (day == KILLED_IN_PUBLISHING) {
        refreshAndKill(day, publishes());
      }
      refresh(day);
    }
    SortedMap<Long, VersionRecord> history = history();
    assertEquals(DAYS, history.size());
    String last = "";
    for (VersionRecord one : history.values()) {
      Optional<Long> before = one.number() == 1 ? Optional.empty() : Optional.of(one.number() - 1);
      assertEquals(before, one.parent());
      assertEquals(before, one.previous());
      UsedData data = one.data().orElseThrow();
      assertTrue(data.range().orElseThrow().from().compareTo(last) > 0, one::toString);
      last = data.range().orElseThrow().to();
    }
    assertEquals(CairnCommand.OK, run("checkpoint", "verify", temp + "/models/m/30/variables"));
  }

  private int run(String... words) {
    return CairnCommand.run(Consoles.keeping(out, out), words);
  }

  private SortedMap<Long, VersionRecord> history() throws IOException {
    try (ModelFolder folder =
        ModelFolder.open(temp.resolve("models/m").toString(), FolderOptions.defaults())) {
      return folder.history();
    }
  }
}
