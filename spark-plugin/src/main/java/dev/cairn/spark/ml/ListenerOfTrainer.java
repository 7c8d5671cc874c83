package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.spark.trainer.TrainingListener;

/**
 * Hands what the trainer tells on to a listener of a fit, since users see nothing of the trainer,
 * and keeps the losses of epochs.
 */
final class ListenerOfTrainer implements TrainingListener {
  private final FitListener listener;
  private final EpochLosses losses;

  ListenerOfTrainer(FitListener listener, EpochLosses losses) {
    this.listener = listener;
    this.losses = losses;
  }

  private static FitListener.Progress of(Progress progress) {
    return new FitListener.Progress(
        progress.step(),
        progress.endStep(),
        progress.epoch(),
        progress.epochs(),
        progress.samplesPerSecond(),
        progress.loss(),
        progress.durableStep());
  }

  @Override
  public void started(String from, Progress progress) {
    listener.started(from, of(progress));
  }

  @Override
  public void progress(Progress progress) {
    listener.progress(of(progress));
  }

  @Override
  public void epochTrained(long epochs, long step, double loss) {
    losses.add(epochs, loss);
    listener.epochTrained(epochs, step, loss);
  }

  @Override
  public void committed(
      String path, long step, long bytes, long capturedMillis, long durableMillis) {
    listener.committed(path, step, bytes, capturedMillis, durableMillis);
  }

  @Override
  public void validated(Validation validation) {
    listener.validated(
        new FitListener.Validation(
            validation.step(),
            validation.epochs(),
            validation.loss(),
            validation.bestStep(),
            validation.bestLoss()));
  }

  @Override
  public void tested(long step, TestFigures figures) {
    listener.tested(step, figures);
  }

  @Override
  public void checkpointSkipped(String path, String why) {
    listener.checkpointSkipped(path, why);
  }

  @Override
  public void saveFailed(long step, String why) {
    listener.saveFailed(step, why);
  }

  @Override
  public void recovering(String why) {
    listener.recovering(why);
  }

  @Override
  public void recovered(Recovery recovery) {
    listener.recovered(
        new FitListener.Recovery(
            recovery.losses(),
            recovery.fromStep(),
            recovery.stepsRedone(),
            recovery.executors(),
            recovery.memoryBytes(),
            recovery.storageBytes(),
            recovery.millisToNextStep(),
            recovery.describe()));
  }
}
