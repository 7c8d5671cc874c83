package dev.cairn.spark.metrics;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;

/**
 * The figures of training in this application, from its driver's point of view. When several models
 * are trained at the same time the figures are those of the last one that reported; the sums are of
 * all. Thread-safe: single fields, each written whole.
 */
public final class TrainingMetrics {
  private static final double NANOS_A_SECOND = 1e9;
  private static final double NANOS_A_MILLI = 1e6;

  private final AtomicInteger active = new AtomicInteger();
  private volatile long step;
  private volatile long endStep;
  private volatile long epoch;
  private volatile double loss = Double.NaN;
  private volatile double validationLoss = Double.NaN;
  private volatile double rowsPerSecond;
  private volatile double stepMillis = Double.NaN;
  private volatile double computeMillis = Double.NaN;
  private volatile double exchangeMillis = Double.NaN;
  private volatile long checkpointStep = -1;
  private volatile long checkpointBytes;
  private volatile long checkpointPausedMillis;
  private volatile long checkpointDurableMillis;

  /** The time when the newest checkpoint was committed, or training began. */
  private volatile long safeNanos;

  private volatile long recoveryMillis;
  private final LongAdder commits = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder recoveries = new LongAdder();
  private final LongAdder redone = new LongAdder();

  /** Begins a run; the figures of the one before are cleared, the sums stay. */
  public void started() {
    loss = Double.NaN;
    validationLoss = Double.NaN;
    stepMillis = Double.NaN;
    computeMillis = Double.NaN;
    exchangeMillis = Double.NaN;
    checkpointStep = -1;
    safeNanos = System.nanoTime();
    active.incrementAndGet();
  }

  /** Ends a run, well or not. */
  public void ended() {
    active.decrementAndGet();
    rowsPerSecond = 0;
  }

  /**
   * Sets the progress of training.
   *
   * @param durableStep step of the newest checkpoint, -1 if there is none
   * @param meanLoss the mean loss of a row, over the steps since the last call; NaN if there were
   *     none
   */
  public void progress(
      long steps, long ofSteps, long itsEpoch, double rate, double meanLoss, long durableStep) {
    step = steps;
    endStep = ofSteps;
    epoch = itsEpoch;
    rowsPerSecond = rate;
    checkpointStep = durableStep;
    if (!Double.isNaN(meanLoss)) {
      loss = meanLoss;
    }
  }

  /** Sets the mean loss of the rows that are held out. */
  public void validated(double meanLoss) {
    validationLoss = meanLoss;
  }

  /**
   * Counts a segment of steps.
   *
   * @param wallNanos its whole time, with what Spark needs to start its tasks
   * @param computeNanos the time that a task computed, on average
   * @param exchangeNanos the time that a task waited for its exchanges with the shards, on average
   */
  public void segment(long steps, long wallNanos, long computeNanos, long exchangeNanos) {
    stepMillis = wallNanos / NANOS_A_MILLI / steps;
    computeMillis = computeNanos / NANOS_A_MILLI / steps;
    exchangeMillis = exchangeNanos / NANOS_A_MILLI / steps;
  }

  /** Counts a checkpoint that is in place. */
  public void committed(long itsStep, long bytes, long pausedMillis, long durableMillis) {
    checkpointStep = itsStep;
    checkpointBytes = bytes;
    checkpointPausedMillis = pausedMillis;
    checkpointDurableMillis = durableMillis;
    safeNanos = System.nanoTime();
    commits.increment();
  }

  /** Counts a save that failed. */
  public void saveFailed() {
    failures.increment();
  }

  /** Counts a recovery. */
  public void recovered(long stepsRedone, long millis) {
    recoveries.increment();
    redone.add(stepsRedone);
    recoveryMillis = millis;
  }

  /**
   * Registers all gauges.
   *
   * @param members the number of executors that can hold shards now
   */
  public void register(MetricRegistry registry, IntSupplier members) {
    gauge(registry, "members", members::getAsInt);
    gauge(registry, "training.active", active::get);
    gauge(registry, "training.step", () -> step);
    gauge(registry, "training.endStep", () -> endStep);
    gauge(registry, "training.epoch", () -> epoch);
    gauge(registry, "training.loss", () -> loss);
    gauge(registry, "training.validationLoss", () -> validationLoss);
    gauge(registry, "training.rowsPerSecond", () -> rowsPerSecond);
    gauge(registry, "step.millis", () -> stepMillis);
    gauge(registry, "step.computeMillis", () -> computeMillis);
    gauge(registry, "step.exchangeMillis", () -> exchangeMillis);
    gauge(registry, "checkpoint.step", () -> checkpointStep);
    gauge(registry, "checkpoint.ageSeconds", this::ageSeconds);
    gauge(registry, "checkpoint.bytes", () -> checkpointBytes);
    gauge(registry, "checkpoint.pausedMillis", () -> checkpointPausedMillis);
    gauge(registry, "checkpoint.durableMillis", () -> checkpointDurableMillis);
    gauge(registry, "checkpoint.commits", commits::sum);
    gauge(registry, "checkpoint.failures", failures::sum);
    gauge(registry, "recovery.count", recoveries::sum);
    gauge(registry, "recovery.stepsRedone", redone::sum);
    gauge(registry, "recovery.lastMillis", () -> recoveryMillis);
  }

  /** The seconds of work that a loss of everything would cost now; 0 when nothing is trained. */
  private double ageSeconds() {
    return active.get() == 0 ? 0 : (System.nanoTime() - safeNanos) / NANOS_A_SECOND;
  }

  private static void gauge(MetricRegistry registry, String name, Gauge<? extends Number> gauge) {
    registry.register(name, gauge);
  }
}
