package dev.cairn.checkpoint.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.bundle.CheckpointState;
import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The manager's decisions: those of TensorFlow's own, call by call, and those beyond it. */
class ManagedCheckpointsTest {

  /** A manager without I/O: the folder is what its decisions make of it. */
  private static final class Played {
    private @Nullable CheckpointState file;
    private final TreeSet<String> disk = new TreeSet<>();
    private final Map<String, Long> counters = new HashMap<>();
    private ManagedCheckpoints managed = ManagedCheckpoints.none(KeepRules.ALL, 0);
    private @Nullable SaveInterval gate;
    private String name = "";
    private long counter;
    private long step;

    ManagerTrace.Result play(ManagerTrace.Call call) {
      String returned =
          switch (call.verb()) {
            case "new", "reopen" -> open(call);
            case "save" -> save(call);
            case "restore" -> restore(call);
            default -> throw new AssertionError(call.verb());
          };
      return new ManagerTrace.Result(
          returned,
          managed.latest(),
          managed.active().stream().map(ManagedCheckpoint::path).toList(),
          List.copyOf(disk),
          file);
    }

    private @Nullable String open(ManagerTrace.Call call) {
      KeepRules rules = KeepRules.ALL;
      if (call.argument(1) != null) {
        rules = rules.withMaxToKeep(Integer.parseInt(call.argument(1)));
      }
      if (call.argument(2) != null) {
        rules = rules.withEveryHours(Double.parseDouble(call.argument(2)));
      }
      name = call.arguments().get(3);
      String interval = call.argument(4);
      gate = interval == null ? null : new SaveInterval(Long.parseLong(interval), () -> step);
      managed =
          file == null
              ? ManagedCheckpoints.none(rules, call.clock())
              : ManagedCheckpoints.recover(rules, file, call.clock());
      return null;
    }

    private @Nullable String save(ManagerTrace.Call call) {
      step = Long.parseLong(call.arguments().get(1));
      if (gate != null) {
        if (!gate.due(gate.step(), call.arguments().get(3).equals("1"))) {
          return null;
        }
        gate.saved(gate.step());
      }
      counter++;
      String number = call.argument(2);
      String path = name + "-" + (number == null ? counter : number);
      counters.put(path, counter);
      disk.add(path);
      managed.saved(ManagedCheckpoint.of(path, call.clock()));
      for (ManagedCheckpoint gone : managed.sweep(call.clock(), read -> false)) {
        disk.remove(gone.path());
      }
      file = managed.state();
      return path;
    }

    private @Nullable String restore(ManagerTrace.Call call) {
      step = Long.parseLong(call.arguments().get(1));
      String latest = managed.latest();
      if (latest != null) {
        counter = counters.get(latest);
        if (gate != null) {
          gate.saved(gate.step());
        }
      }
      return latest;
    }
  }

  private static int replay(String trace, long seed) {
    int saves = 0;
    List<List<ManagerTrace.Call>> sequences = ManagerTrace.parse(trace);
    for (int i = 0; i < sequences.size(); i++) {
      Played played = new Played();
      for (ManagerTrace.Call call : sequences.get(i)) {
        assertEquals(
            call.result(), played.play(call), "seed " + seed + ", sequence " + i + ": " + call);
        saves += call.verb().equals("save") ? 1 : 0;
      }
    }
    return saves;
  }

  static String recorded() throws IOException {
    try (InputStream in =
        ManagedCheckpointsTest.class.getResourceAsStream("/tensorflow/manager-trace.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** As TensorFlow 2.21 has decided once; this holds without it, too. */
  @Test
  void decidesAsRecorded() throws IOException {
    int saves = replay(recorded(), 1);
    assertTrue(saves > 1_500, "saves: " + saves);
  }

  /** Other calls each time, decided by the TensorFlow that is installed. */
  @Test
  void decidesAsTensorFlowDoesNow() throws Exception {
    long seed = System.nanoTime() % 1_000_000;
    String trace = TensorFlowEnvironment.get().run("manager_trace.py", seed, 60);
    assertTrue(replay(trace, seed) > 300, "seed " + seed);
  }

  private static ManagedCheckpoint saved(int number, double metric, long bytes) {
    return new ManagedCheckpoint("ckpt-" + number, 1000.0 * number, number, metric, bytes, false);
  }

  private static List<String> paths(List<ManagedCheckpoint> checkpoints) {
    return checkpoints.stream().map(ManagedCheckpoint::path).toList();
  }

  private static List<String> sweep(ManagedCheckpoints managed, ManagedCheckpoint saved) {
    managed.saved(saved);
    return paths(managed.sweep(saved.seconds(), path -> false));
  }

  /** The best stays though it is old; once another is better, it goes. */
  @Test
  void keepsTheBestAsLongAsItIsTheBest() {
    for (MetricGoal goal : MetricGoal.values()) {
      double sign = goal == MetricGoal.MIN ? 1 : -1;
      ManagedCheckpoints managed =
          ManagedCheckpoints.none(KeepRules.ALL.withMaxToKeep(1).withBest(2, goal), 0);
      assertEquals(List.of(), sweep(managed, saved(1, sign * 3, 0)));
      assertEquals(List.of(), sweep(managed, saved(2, sign * 5, 0)));
      assertEquals("ckpt-1", managed.best());
      assertEquals(List.of("ckpt-2"), sweep(managed, saved(3, sign * 4, 0)));
      assertEquals(List.of(), sweep(managed, saved(4, Double.NaN, 0)));
      assertEquals(List.of("ckpt-1", "ckpt-3"), paths(managed.held()));
      assertEquals(List.of("ckpt-4"), paths(managed.active()));
      assertEquals(List.of("ckpt-3", "ckpt-4"), sweep(managed, saved(5, sign * 2, 0)));
      assertEquals("ckpt-5", managed.best());
    }
  }

  /** A run that diverged to NaN has no best one; of equal ones the later is the best. */
  @Test
  void nanIsNeverTheBest() {
    ManagedCheckpoints managed =
        ManagedCheckpoints.none(KeepRules.ALL.withMaxToKeep(1).withBest(1, MetricGoal.MAX), 0);
    assertEquals(List.of(), sweep(managed, saved(1, Double.NaN, 0)));
    assertEquals(null, managed.best());
    assertEquals(List.of("ckpt-1"), sweep(managed, saved(2, 0.0, 0)));
    assertEquals(List.of("ckpt-2"), sweep(managed, saved(3, -0.0, 0)));
    assertEquals("ckpt-3", managed.best());
  }

  @Test
  void keepsEveryNSteps() {
    ManagedCheckpoints managed =
        ManagedCheckpoints.none(KeepRules.ALL.withMaxToKeep(1).withEverySteps(3), 0);
    for (int n = 1; n <= 8; n++) {
      List<String> gone = sweep(managed, saved(n, Double.NaN, 0));
      boolean stays = n == 1 || (n - 1) % 3 == 0;
      assertEquals(stays ? List.of() : List.of("ckpt-" + (n - 1)), gone);
    }
    assertEquals(List.of(), managed.held(), "what stays for good is forgotten");
  }

  @Test
  void keepsWhatIsNamed() {
    ManagedCheckpoints managed = ManagedCheckpoints.none(KeepRules.ALL.withMaxToKeep(2), 0);
    for (int n = 1; n <= 2; n++) {
      assertEquals(List.of(), sweep(managed, saved(n, Double.NaN, 0)));
    }
    assertEquals(List.of("ckpt-1"), managed.keep(1));
    assertEquals(List.of(), managed.keep(7));
    assertEquals(List.of(), sweep(managed, saved(3, Double.NaN, 0)));
    assertEquals(List.of("ckpt-2"), sweep(managed, saved(4, Double.NaN, 0)));
  }

  /** The newest stays though it is old and too large; so does what is read, as long as it is. */
  @Test
  void timeAndBytesAreLimits() {
    ManagedCheckpoints byTime = ManagedCheckpoints.none(KeepRules.ALL.withSecondsToLive(1500), 0);
    assertEquals(List.of(), sweep(byTime, saved(1, Double.NaN, 0)));
    assertEquals(List.of(), sweep(byTime, saved(2, Double.NaN, 0)));
    assertEquals(List.of("ckpt-1"), sweep(byTime, saved(3, Double.NaN, 0)));
    assertEquals(List.of("ckpt-2"), paths(byTime.sweep(1_000_000, path -> false)));
    assertEquals(List.of("ckpt-3"), paths(byTime.active()));

    ManagedCheckpoints byBytes = ManagedCheckpoints.none(KeepRules.ALL.withBytes(250), 0);
    assertEquals(List.of(), sweep(byBytes, saved(1, Double.NaN, 100)));
    assertEquals(List.of(), sweep(byBytes, saved(2, Double.NaN, 100)));
    byBytes.saved(saved(3, Double.NaN, 100));
    assertEquals(List.of("ckpt-2"), paths(byBytes.sweep(0, "ckpt-1"::equals)));
    assertEquals(List.of("ckpt-1", "ckpt-3"), paths(byBytes.active()));
    assertEquals(List.of("ckpt-1", "ckpt-3"), sweep(byBytes, saved(4, Double.NaN, 900)));
  }

  /** What stays only because it is read takes room all the same. */
  @Test
  void whatIsHeldCountsToTheBudget() {
    ManagedCheckpoints managed =
        ManagedCheckpoints.none(KeepRules.ALL.withMaxToKeep(2).withBytes(250), 0);
    assertEquals(List.of(), sweep(managed, saved(1, Double.NaN, 100)));
    assertEquals(List.of(), sweep(managed, saved(2, Double.NaN, 100)));
    managed.saved(saved(3, Double.NaN, 100));
    assertEquals(List.of("ckpt-2"), paths(managed.sweep(3000, "ckpt-1"::equals)));
    assertEquals(List.of("ckpt-1"), paths(managed.held()));
  }

  @Test
  void whatIsReadGoesLater() {
    ManagedCheckpoints managed = ManagedCheckpoints.none(KeepRules.ALL.withMaxToKeep(1), 0);
    assertEquals(List.of(), sweep(managed, saved(1, Double.NaN, 0)));
    managed.saved(saved(2, Double.NaN, 0));
    assertEquals(List.of(), managed.sweep(2000, "ckpt-1"::equals));
    assertEquals(List.of("ckpt-1"), paths(managed.held()));
    assertEquals(List.of("ckpt-1"), paths(managed.sweep(2000, path -> false)));
  }

  /** Damaged ones that are newer than what was restored do not push good ones out. */
  @Test
  void damagedOnesGoFirst() {
    ManagedCheckpoints managed = ManagedCheckpoints.none(KeepRules.ALL.withMaxToKeep(3), 0);
    for (int n = 1; n <= 3; n++) {
      assertEquals(List.of(), sweep(managed, saved(n, Double.NaN, 0)));
    }
    managed.fellBack("ckpt-1", List.of("ckpt-3", "ckpt-2"));
    assertEquals("ckpt-1", managed.latest());
    assertEquals(List.of("ckpt-2"), sweep(managed, saved(10, Double.NaN, 0)));
    assertEquals(List.of("ckpt-3"), sweep(managed, saved(11, Double.NaN, 0)));
    assertEquals(List.of("ckpt-1"), sweep(managed, saved(12, Double.NaN, 0)));
  }
}
