package dev.cairn.spark.trainer;

import dev.cairn.spark.coordinator.Clock;
import dev.cairn.spark.coordinator.Loss;
import dev.cairn.spark.coordinator.Recovered;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.listener.TrainingListener;
import dev.cairn.spark.transport.ShardReply;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads loss and speed off a shard while training runs, and reports them to the listener. The
 * figures are for people; no trained bit depends on them. For one thread at a time.
 */
final class LossMeter {
  private static final Duration REPLY_TIME = Duration.ofSeconds(2);
  private static final double SMOOTHING = 0.3;

  private final Schedule schedule;
  private final TrainingListener listener;
  private final LongSupplier durableStep;
  private final Consumer<TrainingListener.Recovery> report;
  private final Clock clock;
  private long seenStep;
  private long seenNanos;
  private final long startNanos;
  private double rate;
  private double lastLoss = Double.NaN;
  private double lossSinceSave;
  private long samplesSinceSave;
  private long recoveryStart = -1;
  private @Nullable Recovered recovered;

  LossMeter(
      Schedule schedule,
      TrainingListener listener,
      LongSupplier durableStep,
      Consumer<TrainingListener.Recovery> report,
      Clock clock) {
    this.report = report;
    this.clock = clock;
    this.startNanos = clock.nanoTime();
    this.seenNanos = startNanos;
    this.schedule = schedule;
    this.listener = listener;
    this.durableStep = durableStep;
    this.seenStep = schedule.firstStep();
  }

  /**
   * Begins to measure again: time in which no steps were meant to run does not count for the speed.
   */
  void resume() {
    seenNanos = clock.nanoTime();
  }

  /**
   * Asks the first shard for its state and returns its step; a shard that is busy is left alone.
   */
  long sample(ShardGroup group) throws InterruptedException {
    CompletableFuture<ShardReply.Status> answer = group.progress(seenStep);
    clock.await(answer, REPLY_TIME);
    if (!answer.isDone() || answer.isCompletedExceptionally()) {
      // This is for display only: the segment itself notices a lost shard.
      return seenStep;
    }
    ShardReply.Status status = answer.join();
    if (status.step() > seenStep) {
      take(status);
    }
    return seenStep;
  }

  /** Called when training stands still until it has gone back to a committed step. */
  void recovering(Throwable why) {
    if (recoveryStart < 0) {
      recoveryStart = clock.nanoTime();
    }
    listener.recovering(String.valueOf(why.getMessage()));
  }

  /** Called when training goes on from a committed step; figures of the lost steps are dropped. */
  void goBack(Recovered done) {
    // Should shards change hands again before a step is done, the losses before are reported with
    // it.
    recovered = recovered == null ? done : done.after(recovered);
    if (recoveryStart < 0) {
      recoveryStart = clock.nanoTime() - done.took().toNanos();
    }
    seenStep = done.step();
    lossSinceSave = 0;
    samplesSinceSave = 0;
    resume();
  }

  /** Whether the next step is waited for, to report how long it took. */
  boolean eager() {
    return recovered != null;
  }

  /** Called when there will be no other step: reports the last recovery, if that was not done. */
  void end(long step) {
    Recovered done = recovered;
    if (done != null) {
      tell(done, step > done.step());
    }
  }

  private void tell(Recovered done, boolean stepDone) {
    recovered = null;
    TrainingListener.Recovery recovery =
        recovery(done, stepDone ? (clock.nanoTime() - recoveryStart) / 1_000_000 : -1);
    recoveryStart = -1;
    listener.recovered(recovery);
    report.accept(recovery);
  }

  private static TrainingListener.Recovery recovery(Recovered done, long millisToNextStep) {
    return new TrainingListener.Recovery(
        done.losses().stream().map(Loss::describe).toList(),
        done.cause(),
        done.step(),
        done.reachedStep() - done.step(),
        done.group().hosts().size(),
        done.group().generation(),
        done.memoryBytes(),
        done.storageBytes(),
        millisToNextStep);
  }

  /** The step of the last look. */
  long seenStep() {
    return seenStep;
  }

  private void take(ShardReply.Status status) {
    if (recovered != null) {
      tell(recovered, true);
    }
    double loss = 0;
    long samples = 0;
    for (int i = 0; i < status.lossSums().length; i++) {
      loss += status.lossSums()[i];
      samples += status.lossRows()[i];
    }
    long now = clock.nanoTime();
    double seconds = (now - seenNanos) / 1e9;
    if (samples > 0) {
      lastLoss = loss / samples;
      lossSinceSave += loss;
      samplesSinceSave += samples;
      // The host may have dropped early steps: scale up to all that were taken.
      double taken = (double) samples / status.lossSums().length * (status.step() - seenStep);
      double present = taken / Math.max(seconds, 1e-3);
      rate = rate == 0 ? present : rate + SMOOTHING * (present - rate);
    }
    seenStep = status.step();
    seenNanos = now;
    listener.progress(progress());
  }

  /** The progress of training at the last look. */
  TrainingListener.Progress progress() {
    return new TrainingListener.Progress(
        seenStep,
        schedule.endStep(),
        schedule.epoch(seenStep),
        schedule.maxEpochs(),
        rate,
        lastLoss,
        durableStep.getAsLong());
  }

  /**
   * Figures for a checkpoint: the mean training loss since the last one, and the seconds since this
   * call of training began, whatever it did meanwhile.
   */
  SortedMap<String, Double> metrics() {
    SortedMap<String, Double> metrics = new TreeMap<>();
    if (samplesSinceSave > 0) {
      metrics.put("train.loss", lossSinceSave / samplesSinceSave);
    }
    metrics.put("train.seconds", (clock.nanoTime() - startNanos) / 1e9);
    lossSinceSave = 0;
    samplesSinceSave = 0;
    return metrics;
  }
}
