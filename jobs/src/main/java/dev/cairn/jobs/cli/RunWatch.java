package dev.cairn.jobs.cli;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.show.CurveData;
import dev.cairn.jobs.show.CurvePage;
import dev.cairn.jobs.show.ProgressPrinter;
import dev.cairn.jobs.show.RunProgress;
import dev.cairn.jobs.show.Units;
import dev.cairn.spark.listener.TrainingListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Listens to a fit: shows its progress, and keeps the figures for the curve and the summary.
 * Thread-safe.
 */
final class RunWatch implements TrainingListener {
  /** A checkpoint that this run committed. */
  record Committed(String path, long step, long bytes, long capturedMillis, long durableMillis) {}

  private final ProgressPrinter printer;
  private final Supplier<String> earlierPage;
  private final boolean savesMayFail;

  @GuardedBy("this")
  private final List<CurveData.Point> points = new ArrayList<>();

  /** The curve that an earlier part of this run has drawn. */
  @GuardedBy("this")
  private CurveData.Earlier earlier = CurveData.Earlier.NOTHING;

  @GuardedBy("this")
  private final List<TrainingListener.Validation> validations = new ArrayList<>();

  /** The test rows' figures by step. */
  @GuardedBy("this")
  private final Map<Long, TestFigures> tests = new HashMap<>();

  @GuardedBy("this")
  private final List<Committed> commits = new ArrayList<>();

  @GuardedBy("this")
  private final List<TrainingListener.Recovery> recoveries = new ArrayList<>();

  @GuardedBy("this")
  private Optional<TrainingListener.Progress> last = Optional.empty();

  @GuardedBy("this")
  private boolean storageSick;

  @GuardedBy("this")
  private long firstStep;

  @GuardedBy("this")
  private long startNanos;

  @GuardedBy("this")
  private long lastNanos;

  /**
   * A watch over one fit.
   *
   * @param earlierPage the curve that an earlier run left, looked at when this one goes on from it
   * @param savesMayFail whether training survives a failed save; if not, its end reports it
   */
  RunWatch(ProgressPrinter printer, Supplier<String> earlierPage, boolean savesMayFail) {
    this.printer = printer;
    this.earlierPage = earlierPage;
    this.savesMayFail = savesMayFail;
  }

  @Override
  public void started(String from, TrainingListener.Progress progress) {
    CurveData.Earlier drawn =
        from.isEmpty()
            ? CurveData.Earlier.NOTHING
            : CurvePage.earlier(earlierPage.get(), progress.step());
    synchronized (this) {
      earlier = drawn;
      firstStep = progress.step();
      startNanos = System.nanoTime();
      lastNanos = startNanos;
      last = Optional.of(progress);
      points.addAll(drawn.points());
    }
    if (!from.isEmpty()) {
      printer.say(
          "Going on from step " + Units.count(progress.step()) + ": " + ReportFile.shown(from));
    }
    printer.update(shown(progress));
  }

  @Override
  public void progress(TrainingListener.Progress progress) {
    synchronized (this) {
      last = Optional.of(progress);
      lastNanos = System.nanoTime();
      if (Double.isFinite(progress.loss())) {
        points.add(new CurveData.Point(progress.step(), progress.loss()));
      }
    }
    printer.update(shown(progress));
  }

  @Override
  public synchronized void committed(
      String path, long step, long bytes, long capturedMillis, long durableMillis) {
    storageSick = false;
    commits.add(new Committed(path, step, bytes, capturedMillis, durableMillis));
  }

  @Override
  public void validated(TrainingListener.Validation validation) {
    synchronized (this) {
      validations.removeIf(earlier -> earlier.step() >= validation.step());
      validations.add(validation);
    }
    boolean best = validation.loss() <= validation.bestLoss();
    printer.say(
        Text.format(
            "After %s epochs: log loss of the validation rows %.4f%s",
            epochs(validation.epochs()),
            validation.loss(),
            best
                ? ", the lowest so far"
                : Text.format(
                    "; the lowest was %.4f, at step %,d",
                    validation.bestLoss(), validation.bestStep())));
  }

  private static String epochs(double epochs) {
    return epochs == Math.rint(epochs) ? Text.format("%.0f", epochs) : Text.format("%.2f", epochs);
  }

  private synchronized double lastValidation() {
    return validations.isEmpty()
        ? earlier.validation().isEmpty()
            ? Double.NaN
            : earlier.validation().get(earlier.validation().size() - 1).loss()
        : validations.get(validations.size() - 1).loss();
  }

  /** The losses of the held-out rows for the curve, those of an earlier part of the run first. */
  synchronized List<CurveData.Point> validationPoints() {
    List<CurveData.Point> all = new ArrayList<>(earlier.validation());
    for (TrainingListener.Validation one : validations) {
      all.removeIf(before -> before.step() >= one.step());
      all.add(new CurveData.Point(one.step(), one.loss()));
    }
    return all;
  }

  /** The figures of this run's parameters on the validation rows, epoch after epoch. */
  synchronized List<TrainingListener.Validation> validations() {
    return List.copyOf(validations);
  }

  @Override
  public synchronized void tested(long step, TestFigures figures) {
    tests.put(step, figures);
  }

  /** The test rows' figures of a checkpoint that this run judged and committed. */
  synchronized Optional<TestFigures> tested(String checkpoint) {
    return commits.stream()
        .filter(made -> made.path().equals(checkpoint))
        .findFirst()
        .map(made -> tests.get(made.step()));
  }

  @Override
  public void checkpointSkipped(String folder, String why) {
    printer.say("A damaged checkpoint is passed over: " + why);
  }

  @Override
  public void saveFailed(long step, String why) {
    synchronized (this) {
      storageSick = true;
    }
    if (savesMayFail) {
      printer.say(
          Text.format(
              "The checkpoint of step %,d failed: %s; the ones before are intact.", step, why));
    }
  }

  /** Whether the last save failed. */
  synchronized boolean storageSick() {
    return storageSick;
  }

  @Override
  public void recovering(String why) {
    printer.say("Training stands still: " + why);
  }

  @Override
  public void recovered(TrainingListener.Recovery recovery) {
    synchronized (this) {
      recoveries.add(recovery);
      // The lost steps are trained again: their losses will come once more.
      points.removeIf(point -> point.step() > recovery.fromStep());
    }
    printer.say(recovery.describe());
  }

  /** The recoveries of this run. */
  synchronized List<TrainingListener.Recovery> recoveries() {
    return List.copyOf(recoveries);
  }

  /** Ends the live line. */
  void finish() {
    lastProgress().ifPresent(progress -> printer.finish(shown(progress)));
  }

  synchronized Optional<TrainingListener.Progress> lastProgress() {
    return last;
  }

  synchronized List<CurveData.Point> points() {
    return List.copyOf(points);
  }

  /** The curve of an earlier part of this run, up to the step at which this one began. */
  synchronized CurveData.Earlier earlier() {
    return earlier;
  }

  synchronized List<Committed> commits() {
    return List.copyOf(commits);
  }

  /** The number of steps that this process trained. */
  synchronized long newSteps() {
    return last.map(progress -> progress.step() - firstStep).orElse(0L);
  }

  /** The seconds of training in this process, from its start to its last sign of life. */
  synchronized double trainingSeconds() {
    return (lastNanos - startNanos) / 1e9;
  }

  private RunProgress shown(TrainingListener.Progress progress) {
    long epoch = Math.min(progress.epoch() + 1, progress.epochs());
    return new RunProgress(
        epoch,
        progress.epochs(),
        progress.step(),
        progress.endStep(),
        progress.samplesPerSecond(),
        progress.loss(),
        lastValidation(),
        progress.durableStep());
  }
}
