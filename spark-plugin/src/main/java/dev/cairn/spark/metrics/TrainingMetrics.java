package dev.cairn.spark.metrics;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;

/**
 * Where training stands in this application, as its driver sees it. When several models are trained
 * at the same time the figures are those of whoever told last; the sums are of all. Thread-safe:
 * single fields, each written whole.
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

  /** When the newest checkpoint was committed, or training began. */
  private volatile long safeNanos;

  private volatile long recoveryMillis;
  private final LongAdder commits = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder recoveries = new LongAdder();
  private final LongAdder redone = new LongAdder();

  /** A run begins; what is known of the one before is forgotten, the sums stay. */
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

  /** A run is over, well or not. */
  public void ended() {
    active.decrementAndGet();
    rowsPerSecond = 0;
  }

  /**
   * Where training stands.
   *
   * @param durableStep step of the newest checkpoint, -1 if there is none
   * @param meanLoss a row, over the steps since the last call; NaN if there were none
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

  /** Mean loss a row of rows that are held out. */
  public void validated(double meanLoss) {
    validationLoss = meanLoss;
  }

  /**
   * A segment of steps is done.
   *
   * @param wallNanos all of it, with what Spark needs to start its tasks
   * @param computeNanos a task spent computing, on average
   * @param exchangeNanos a task waited for its exchanges with the shards, on average
   */
  public void segment(long steps, long wallNanos, long computeNanos, long exchangeNanos) {
    stepMillis = wallNanos / NANOS_A_MILLI / steps;
    computeMillis = computeNanos / NANOS_A_MILLI / steps;
    exchangeMillis = exchangeNanos / NANOS_A_MILLI / steps;
  }

  /** A checkpoint is in place. */
  public void committed(long itsStep, long bytes, long pausedMillis, long durableMillis) {
    checkpointStep = itsStep;
    checkpointBytes = bytes;
    checkpointPausedMillis = pausedMillis;
    checkpointDurableMillis = durableMillis;
    safeNanos = System.nanoTime();
    commits.increment();
  }

  /** A checkpoint was not made. */
  public void saveFailed() {
    failures.increment();
  }

  /** Training went back and goes on. */
  public void recovered(long stepsRedone, long millis) {
    recoveries.increment();
    redone.add(stepsRedone);
    recoveryMillis = millis;
  }

  /**
   * Registers all gauges.
   *
   * @param members how many executors can hold shards now
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

  /** How much work a loss of everything would cost now; 0 when nothing is trained. */
  private double ageSeconds() {
    return active.get() == 0 ? 0 : (System.nanoTime() - safeNanos) / NANOS_A_SECOND;
  }

  private static void gauge(MetricRegistry registry, String name, Gauge<? extends Number> gauge) {
    registry.register(name, gauge);
  }
}
