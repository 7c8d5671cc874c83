package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.spark.listener.TrainingListener;
import dev.cairn.spark.metrics.TrainingMetrics;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports a run to operators, in the log (a line for its start, each epoch, each checkpoint, each
 * change of the members, its end) and in the metrics, and to the run's own listener. Keeps the
 * losses of epochs. Called as listeners are: from one thread at a time.
 */
final class RunObserver implements TrainingListener {
  private static final Logger LOG = LoggerFactory.getLogger(RunObserver.class);

  private final TrainingListener next;
  private final String folder;
  private TrainingMetrics metrics = new TrainingMetrics();
  private long startNanos;
  private String end = "";
  private final EpochLosses losses = new EpochLosses();
  private long epochs;

  /** Makes an observer of a run whose checkpoints go to that folder. */
  RunObserver(TrainingListener next, String folder) {
    this.next = next;
    this.folder = folder;
  }

  /** Called when the run begins; {@link #close} ends it in any case. */
  void begins(TrainingSettings settings, TrainingMetrics applications) {
    metrics = applications;
    startNanos = System.nanoTime();
    end = "it was interrupted";
    LOG.info(
        "Training in {} begins: up to {} epochs and {} steps (0: no limit), {} partitions, {} rows"
            + " a step, seed {}, {} {}, a checkpoint every {} steps; {}",
        folder,
        settings.maxEpochs(),
        settings.maxSteps(),
        settings.partitions(),
        settings.batchRows(),
        settings.seed(),
        settings.optimizer().name(),
        settings.optimizer().hyperparameters(),
        settings.everySteps(),
        settings.configuration());
    metrics.started();
  }

  /** The losses of the epochs that have ended in this run. */
  double[] epochLosses() {
    return losses.toArray();
  }

  /** Called when the run has come to a good end. */
  void ended(Trained trained) {
    end =
        String.format(
            Locale.ROOT,
            "%s at step %d: %s",
            trained.complete() ? "it is complete" : "it was stopped",
            trained.step(),
            trained.checkpoint().path());
  }

  /** Called when the run has come to a bad end. */
  void failed(Exception why) {
    end = String.valueOf(why.getMessage());
  }

  /** Called when the run is over. */
  void close() {
    metrics.ended();
    LOG.info(
        "Training in {} has ended after {} s: {}",
        folder,
        (System.nanoTime() - startNanos) / 1_000_000_000,
        end);
  }

  @Override
  public void started(String from, Progress progress) {
    LOG.info(
        "Training in {} goes from step {} ({}) to step {}",
        folder,
        progress.step(),
        from.isEmpty() ? "nothing was trained before" : from,
        progress.endStep());
    epochs = progress.epochs();
    show(progress);
    next.started(from, progress);
  }

  @Override
  public void progress(Progress progress) {
    show(progress);
    next.progress(progress);
  }

  @Override
  public void epochTrained(long epochsDone, long step, double loss) {
    LOG.info(
        "Epoch {} of {} is done at step {}: mean training loss {}",
        epochsDone,
        epochs,
        step,
        String.format(Locale.ROOT, "%.5f", loss));
    losses.add(epochsDone, loss);
    next.epochTrained(epochsDone, step, loss);
  }

  private void show(Progress progress) {
    metrics.progress(
        progress.step(),
        progress.endStep(),
        Math.min(progress.epoch() + 1, progress.epochs()),
        progress.samplesPerSecond(),
        progress.loss(),
        progress.durableStep());
  }

  @Override
  public void committed(
      String path, long step, long bytes, long capturedMillis, long durableMillis) {
    LOG.info(
        "Checkpoint of step {} is committed: {} bytes, training stood still for {} ms, durable"
            + " after {} ms: {}",
        step,
        bytes,
        capturedMillis,
        durableMillis,
        path);
    metrics.committed(step, bytes, capturedMillis, durableMillis);
    next.committed(path, step, bytes, capturedMillis, durableMillis);
  }

  @Override
  public void validated(Validation validation) {
    LOG.info(
        "Held-out rows at step {}: mean loss {}, the best so far is {} of step {}",
        validation.step(),
        String.format(Locale.ROOT, "%.5f", validation.loss()),
        String.format(Locale.ROOT, "%.5f", validation.bestLoss()),
        validation.bestStep());
    metrics.validated(validation.loss());
    next.validated(validation);
  }

  @Override
  public void tested(long step, TestFigures figures) {
    LOG.info(
        "Test rows at step {}: mean loss {} of {} rows",
        step,
        String.format(Locale.ROOT, "%.5f", figures.loss()),
        figures.rows());
    next.tested(step, figures);
  }

  @Override
  public void checkpointSkipped(String path, String why) {
    LOG.warn("A damaged checkpoint in {} is passed over: {}", path, why);
    next.checkpointSkipped(path, why);
  }

  @Override
  public void saveFailed(long step, String why) {
    metrics.saveFailed(); // the log has it from where it happened
    next.saveFailed(step, why);
  }

  @Override
  public void recovering(String why) {
    LOG.info("Training in {} stands still: {}", folder, why);
    next.recovering(why);
  }

  @Override
  public void recovered(Recovery recovery) {
    // The recovery report logs it, too.
    metrics.recovered(recovery.stepsRedone(), Math.max(0, recovery.millisToNextStep()));
    next.recovered(recovery);
  }
}
