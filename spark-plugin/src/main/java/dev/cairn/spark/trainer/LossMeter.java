package dev.cairn.spark.trainer;

import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.transport.ShardReply;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/**
 * Reads loss and speed off a shard while training runs, and tells the listener. What it measures is
 * for people; no trained bit depends on it. One thread at a time.
 */
final class LossMeter {
  private static final long REPLY_MILLIS = 2_000;
  private static final double SMOOTHING = 0.3;

  private final Schedule schedule;
  private final TrainingListener listener;
  private final LongSupplier durableStep;
  private long seenStep;
  private long seenNanos = System.nanoTime();
  private double rate;
  private double lastLoss = Double.NaN;
  private double lossSinceSave;
  private long samplesSinceSave;

  LossMeter(Schedule schedule, TrainingListener listener, LongSupplier durableStep) {
    this.schedule = schedule;
    this.listener = listener;
    this.durableStep = durableStep;
    this.seenStep = schedule.firstStep();
  }

  /** Time in which no steps were meant to run does not count for the speed. */
  void resume() {
    seenNanos = System.nanoTime();
  }

  /** Looks at the first shard and returns the step it is at; a shard that is busy is left alone. */
  long sample(ShardGroup group) throws InterruptedException {
    ShardReply.Status status;
    try {
      status = group.progress(seenStep).get(REPLY_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // Nobody trains for the sake of this line: the segment itself notices a lost shard.
      return seenStep;
    }
    if (status.step() > seenStep) {
      take(status);
    }
    return seenStep;
  }

  private void take(ShardReply.Status status) {
    double loss = 0;
    long samples = 0;
    for (int i = 0; i < status.lossSums().length; i++) {
      loss += status.lossSums()[i];
      samples += status.lossRows()[i];
    }
    long now = System.nanoTime();
    double seconds = (now - seenNanos) / 1e9;
    if (samples > 0) {
      lastLoss = loss / samples;
      lossSinceSave += loss;
      samplesSinceSave += samples;
      // The host may have forgotten early steps: scale up to all that were taken.
      double taken = (double) samples / status.lossSums().length * (status.step() - seenStep);
      double present = taken / Math.max(seconds, 1e-3);
      rate = rate == 0 ? present : rate + SMOOTHING * (present - rate);
    }
    seenStep = status.step();
    seenNanos = now;
    listener.progress(progress());
  }

  /** Where training stands by the last look. */
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

  /** Figures for a checkpoint: the mean training loss since the last one. */
  SortedMap<String, Double> metrics() {
    SortedMap<String, Double> metrics = new TreeMap<>();
    if (samplesSinceSave > 0) {
      metrics.put("train.loss", lossSinceSave / samplesSinceSave);
    }
    lossSinceSave = 0;
    samplesSinceSave = 0;
    return metrics;
  }
}
