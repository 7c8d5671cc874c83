package dev.cairn.spark.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.model.BinaryFigures;
import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.listener.TrainingListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the end and the result of a run by its held-out losses, also when it was stopped in
 * between.
 */
class EpochEndsTest {
  private static final int BATCHES = TinyRun.BATCHES;
  private static final double NAN = Double.NaN;

  @TempDir private Path folder = Path.of("");

  /** Losses by epoch, the first epoch's first; what follows is the last one's. */
  private record Scripted(String fingerprint, double... losses) implements EpochEnds.Judging {
    @Override
    public boolean tests() {
      return false;
    }

    @Override
    public TestFigures test(ShardGroup group, long step) {
      throw new AssertionError("there are no test rows");
    }

    @Override
    public double loss(ShardGroup group, long step) {
      int epoch = (int) ((step + BATCHES - 1) / BATCHES) - 1;
      return losses[Math.min(epoch, losses.length - 1)];
    }
  }

  private static Schedule schedule(long first, int epochs, long steps) {
    return new Schedule(first, 0, BATCHES, epochs, steps, 0);
  }

  private static EpochEnds ends(Schedule schedule, StoppingSettings settings, double... losses) {
    return new EpochEnds(
        schedule, 100, settings, new Scripted("rows", losses), new TrainingListener() {});
  }

  /** Runs as {@link TrainingRun} does, until {@code to}; returns the step that it ends at. */
  private static long run(EpochEnds ends, Schedule schedule, long to) throws Exception {
    long step = schedule.firstStep();
    while (step < Math.min(to, schedule.endStep()) && !ends.over()) {
      step = Math.min(to, ends.next(step));
      ends.reached(null, step, new long[1]);
    }
    return step;
  }

  private static String outcome(Schedule schedule, StoppingSettings settings, double... losses)
      throws Exception {
    EpochEnds ends = ends(schedule, settings, losses);
    long end = run(ends, schedule, Long.MAX_VALUE);
    return end + " with " + ends.result(end);
  }

  private static StoppingSettings patient(int patience, double tol) {
    return new StoppingSettings(patience, tol, 0, true);
  }

  @Test
  void theBestIsTheResultAndPatienceEndsARun() throws Exception {
    Schedule ten = schedule(0, 10, 0);
    double[] overfits = {0.6, 0.5, 0.45, 0.46, 0.44, 0.47, 0.48, 0.49, 0.5, 0.51};
    assertEquals("40 with 20", outcome(ten, patient(0, 0), overfits));
    assertEquals("16 with 12", outcome(ten, patient(1, 0), overfits));
    assertEquals("28 with 20", outcome(ten, patient(2, 0), overfits));
    assertEquals("28 with 28", outcome(ten, new StoppingSettings(2, 0, 0, false), overfits));
    assertEquals("4 with 4", outcome(schedule(0, 1, 0), patient(2, 0), overfits));
  }

  /**
   * A loss is better only if it is lower by a tenth or more; the lowest is the result all the same.
   */
  @Test
  void aLittleBetterIsNotBetter() throws Exception {
    double[] slow = {0.5, 0.48, 0.46, 0.44, 0.43};
    assertEquals("12 with 12", outcome(schedule(0, 10, 0), patient(2, 0.1), slow));
    assertEquals("40 with 20", outcome(schedule(0, 10, 0), patient(0, 0.1), slow));
    assertEquals("24 with 20", outcome(schedule(0, 10, 0), patient(1, 0.01), slow));
  }

  @Test
  void noNumberIsWorseThanAll() throws Exception {
    assertEquals("12 with 4", outcome(schedule(0, 9, 0), patient(2, 0), 0.7, NAN, NAN, 0.1));
    assertEquals("8 with 8", outcome(schedule(0, 9, 0), patient(2, 0), NAN, NAN));
    double infinite = Double.POSITIVE_INFINITY;
    assertEquals("16 with 8", outcome(schedule(0, 4, 0), patient(3, 0), infinite, 0.5, 0.6, 0.7));
  }

  /** The end within an epoch is judged, too, but only this run's result depends on it. */
  @Test
  void anEndWithinAnEpoch() throws Exception {
    assertEquals("6 with 6", outcome(schedule(0, 9, 6), patient(1, 0), 0.5, 0.4));
    assertEquals("6 with 4", outcome(schedule(0, 9, 6), patient(1, 0), 0.5, 0.6));
    Schedule six = schedule(0, 9, 6);
    EpochEnds ends = ends(six, patient(1, 0), 0.5, 0.6);
    assertEquals(6, run(ends, six, Long.MAX_VALUE));
    assertFalse(ends.over());
  }

  /** Stopped after whatever step, and gone on from its checkpoint: the same end. */
  @Test
  void goingOnDecidesAsIfNothingHadHappened() throws Exception {
    double[] losses = {0.6, 0.5, 0.45, 0.46, 0.449, 0.47, 0.4, 0.49, 0.5, 0.51, 0.52, 0.53};
    SortedMap<String, String> configuration = new TreeMap<>(Map.of(EpochEnds.DATA, "rows"));
    for (StoppingSettings settings :
        List.of(patient(2, 0), patient(3, 0.01), patient(2, 0.02), patient(0, 0))) {
      String expected = outcome(schedule(0, 12, 0), settings, losses);
      for (long stop = 1; stop < 40; stop++) {
        CommittedCheckpoint saved;
        try (TinyRun tiny = new TinyRun(folder.resolve(settings + " " + stop), 0)) {
          Schedule first = schedule(0, 12, 0);
          EpochEnds before = ends(first, settings, losses);
          long at = run(before, first, stop);
          TreeMap<String, Double> metrics = new TreeMap<>();
          before.addTo(metrics, at);
          saved = tiny.save(at, metrics, configuration);
        }
        Schedule rest = schedule(saved.step(), 12, 0);
        EpochEnds after = ends(rest, settings, losses);
        after.goBack(saved);
        long end = run(after, rest, Long.MAX_VALUE);
        assertEquals(expected, end + " with " + after.result(end), settings + " " + stop);
      }
    }
  }

  @Test
  void whatWasJudgedOnOtherRowsIsForgotten() throws Exception {
    try (TinyRun tiny = new TinyRun(folder, 0)) {
      Schedule schedule = schedule(0, 9, 0);
      EpochEnds before = ends(schedule, patient(2, 0), 0.1, 0.2);
      long at = run(before, schedule, 8);
      TreeMap<String, Double> metrics = new TreeMap<>();
      before.addTo(metrics, at);
      CommittedCheckpoint saved =
          tiny.save(at, metrics, new TreeMap<>(Map.of(EpochEnds.DATA, "others")));
      EpochEnds after = ends(schedule(8, 3, 0), patient(2, 0), 0.5);
      after.goBack(saved);
      assertEquals(8, after.result(8));
      after.reached(null, 12, new long[1]);
      assertEquals(12, after.result(12));
    }
  }

  /** The best checkpoint is kept beside the newest, and found again. */
  @Test
  void theBestCheckpointStays() throws Exception {
    double[] losses = {0.6, 0.4, 0.5, 0.5, 0.5, 0.3, 0.5};
    List<String> kept = new ArrayList<>();
    try (TinyRun tiny = new TinyRun(folder, 2)) {
      Schedule schedule = schedule(0, 7, 0);
      EpochEnds ends = ends(schedule, patient(0, 0), losses);
      for (long step = BATCHES; step <= schedule.endStep(); step += BATCHES) {
        ends.reached(null, step, new long[1]);
        TreeMap<String, Double> metrics = new TreeMap<>();
        ends.addTo(metrics, step);
        assertEquals(step == 4 || step == 8 || step == 24, ends.keep(step), "step " + step);
        CommittedCheckpoint unused = tiny.save(step, metrics, new TreeMap<>());
        CheckpointFolder checkpoints = tiny.checkpoints;
        kept.add(
            checkpoints.checkpoints().stream().map(CommittedCheckpoint::step).toList().toString());
        assertEquals(ends.result(step), checkpoints.best().orElseThrow().step());
      }
    }
    assertEquals(
        List.of("[4]", "[4, 8]", "[8, 12]", "[8, 12, 16]", "[8, 16, 20]", "[20, 24]", "[24, 28]"),
        kept);
  }

  /**
   * Only parameters that may be the result are judged on the test rows, once, before they are
   * saved.
   */
  @Test
  void testRowsAreJudgedBeforeTheResultIsSaved() throws Exception {
    double[] losses = {0.6, 0.5, 0.55, 0.45, 0.5, 0.5};
    List<Long> best = List.of(4L, 8L, 16L, 22L);
    assertEquals(best, tested(schedule(0, 9, 22), patient(0, 0), losses));
    assertEquals(List.of(4L, 8L, 16L, 24L), tested(schedule(0, 9, 0), patient(2, 0), losses));
    StoppingSettings lastOnly = new StoppingSettings(0, 0, 0, false);
    assertEquals(List.of(22L), tested(schedule(0, 9, 22), lastOnly, losses));
    assertEquals(List.of(8L), tested(schedule(0, 2, 0), lastOnly));
  }

  private static List<Long> tested(Schedule schedule, StoppingSettings settings, double... losses)
      throws Exception {
    List<Long> judged = new ArrayList<>();
    List<Long> told = new ArrayList<>();
    EpochEnds.Judging judging =
        new EpochEnds.Judging() {
          @Override
          public double loss(ShardGroup group, long step) {
            return new Scripted("rows", losses).loss(group, step);
          }

          @Override
          public @Nullable String fingerprint() {
            return losses.length == 0 ? null : "rows";
          }

          @Override
          public boolean tests() {
            return true;
          }

          @Override
          public TestFigures test(ShardGroup group, long step) {
            judged.add(step);
            return new BinaryFigures(0.5, step, OptionalDouble.empty(), List.of());
          }
        };
    EpochEnds ends =
        new EpochEnds(
            schedule,
            100,
            settings,
            judging,
            new TrainingListener() {
              @Override
              public void tested(long step, TestFigures figures) {
                told.add(step);
              }
            });
    long step = schedule.firstStep();
    while (step < schedule.endStep() && !ends.over()) {
      step++;
      ends.reached(null, step, new long[1]);
      assertEquals(judged.contains(step), ends.testFigures(step).isPresent());
      long now = step;
      ends.testFigures(step).ifPresent(figures -> assertEquals(now, figures.loss()));
    }
    ends.test(null, step);
    assertEquals(told, judged);
    assertTrue(judged.contains(ends.result(step)), judged + " of " + ends.result(step));
    ends.goBack(null);
    assertTrue(ends.testFigures(step).isEmpty());
    return judged;
  }

  private static EpochEnds settling(Schedule schedule, double tol) {
    StoppingSettings settings = new StoppingSettings(0, 0, tol, true);
    return new EpochEnds(schedule, 100, settings, TinyRun.UNJUDGED, new TrainingListener() {});
  }

  /**
   * Mean training losses of 0.5, 0.3, 0.29, 0.2895: cut into segments wherever, stopped wherever.
   */
  @Test
  void tolEndsWhenTheTrainingLossSettles() throws Exception {
    double[] sums = {50, 30, 29, 28.95, 28};
    for (long stop = 1; stop <= 13; stop++) {
      Schedule first = schedule(0, 5, 0);
      EpochEnds before = settling(first, 0.01);
      CommittedCheckpoint saved;
      try (TinyRun tiny = new TinyRun(folder.resolve("tol" + stop), 0)) {
        for (long step = 1; step <= stop; step++) {
          before.reached(null, step, new long[] {part(sums, step)});
        }
        TreeMap<String, Double> metrics = new TreeMap<>();
        before.addTo(metrics, stop);
        saved = tiny.save(stop, metrics, new TreeMap<>());
      }
      Schedule rest = schedule(stop, 5, 0);
      EpochEnds after = settling(rest, 0.01);
      after.goBack(saved);
      long step = stop;
      while (step < rest.endStep() && !after.over()) {
        long to = after.next(step);
        long units = 0;
        for (long s = step + 1; s <= to; s++) {
          units += part(sums, s);
        }
        step = to;
        after.reached(null, step, new long[] {units});
      }
      assertEquals(16, step, "stopped after " + stop);
      assertEquals(16, after.result(step));
    }
  }

  /** Wherever segments end, and wherever a run is stopped: the losses of whole epochs are told. */
  @Test
  void lossesOfEpochsAreTold() throws Exception {
    double[] sums = {50, 30, 29, 28, 27};
    for (int length = 1; length <= 3 * BATCHES; length++) {
      for (long stop = 1; stop <= 18; stop++) {
        List<String> told = new ArrayList<>();
        TreeMap<String, Double> metrics = new TreeMap<>();
        Schedule first = schedule(0, 5, 0);
        segments(telling(first, told), sums, 0, stop, length, metrics);
        try (TinyRun tiny = new TinyRun(folder.resolve(length + " " + stop), 0)) {
          Schedule rest = schedule(stop, 5, 0);
          EpochEnds after = telling(rest, told);
          after.goBack(tiny.save(stop, metrics, new TreeMap<>()));
          segments(after, sums, stop, rest.endStep(), length, metrics);
        }
        assertEquals(
            List.of(
                "1 at 4: 0.500",
                "2 at 8: 0.300",
                "3 at 12: 0.290",
                "4 at 16: 0.280",
                "5 at 20: 0.270"),
            told,
            "segments of " + length + ", stopped after " + stop);
      }
    }
  }

  private static EpochEnds telling(Schedule schedule, List<String> told) {
    return new EpochEnds(
        schedule,
        100,
        StoppingSettings.DEFAULT,
        TinyRun.UNJUDGED,
        new TrainingListener() {
          @Override
          public void epochTrained(long epochs, long step, double loss) {
            told.add(String.format(Locale.ROOT, "%d at %d: %.3f", epochs, step, loss));
          }
        });
  }

  private static void segments(
      EpochEnds ends,
      double[] sums,
      long from,
      long to,
      int length,
      TreeMap<String, Double> metrics)
      throws Exception {
    for (long step = from; step < to; ) {
      long end = Math.min(to, step + length);
      long[] units = new long[(int) ((end - 1) / BATCHES - step / BATCHES) + 1];
      for (long s = step + 1; s <= end; s++) {
        units[(int) ((s - 1) / BATCHES - step / BATCHES)] += part(sums, s);
      }
      step = end;
      ends.reached(null, step, units);
    }
    ends.addTo(metrics, to);
  }

  private static long part(double[] sums, long step) {
    return TrainingLosses.units(sums[(int) ((step - 1) / BATCHES)] / BATCHES);
  }

  @Test
  void numbersAreChecked() {
    assertTrue(
        org.junit.jupiter.api.Assertions.assertThrows(
                IllegalArgumentException.class, () -> new StoppingSettings(-1, 0, 0, true))
            .getMessage()
            .contains("patience"));
  }
}
