package dev.cairn.spark.metrics;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * The figures of one executor since it started, as a host of shards and as a place where tasks
 * train. All are sums that only grow; a monitor shows their rates. Thread-safe; adding costs some
 * nanoseconds, and is done a few times a step.
 */
public final class ExecutorMetrics {
  private static final long NANOS_A_MILLI = 1_000_000;

  private final LongAdder pushedBytes = new LongAdder();
  private final LongAdder pulledBytes = new LongAdder();
  private final LongAdder computeNanos = new LongAdder();
  private final LongAdder exchangeNanos = new LongAdder();
  private final LongAdder exchanges = new LongAdder();
  private final LongAdder freezes = new LongAdder();
  private final LongAdder waitNanos = new LongAdder();
  private final LongAdder applyNanos = new LongAdder();

  /** Counts bytes of gradients that a task sent to shards, those of its own JVM included. */
  public void pushed(long bytes) {
    pushedBytes.add(bytes);
  }

  /** Counts bytes of values that a task got from shards, those of its own JVM included. */
  public void pulled(long bytes) {
    pulledBytes.add(bytes);
  }

  /**
   * Counts a task's step: the nanoseconds that it computed, and those that it waited for its
   * exchange.
   */
  public void stepped(long computing, long exchanging) {
    computeNanos.add(computing);
    exchangeNanos.add(exchanging);
  }

  /** Counts a task's exchange with a shard here. */
  public void exchanged() {
    exchanges.increment();
  }

  /** Counts a freeze of shards here for a checkpoint. */
  public void froze() {
    freezes.increment();
  }

  /**
   * Counts a step of a shard here: the nanoseconds from its first to its last contribution, and
   * those that applying took.
   */
  public void applied(long waiting, long applying) {
    waitNanos.add(waiting);
    applyNanos.add(applying);
  }

  /**
   * Registers all gauges.
   *
   * @param shards the number of shards that are held now
   * @param shardBytes the bytes of their weights and optimizer state
   */
  public void register(MetricRegistry registry, IntSupplier shards, LongSupplier shardBytes) {
    gauge(registry, "shards.held", shards::getAsInt);
    gauge(registry, "shards.bytes", shardBytes::getAsLong);
    gauge(registry, "bytes.pushed", pushedBytes::sum);
    gauge(registry, "bytes.pulled", pulledBytes::sum);
    gauge(registry, "exchanges", exchanges::sum);
    gauge(registry, "freezes", freezes::sum);
    gauge(registry, "step.computeMillis", () -> computeNanos.sum() / NANOS_A_MILLI);
    gauge(registry, "step.exchangeMillis", () -> exchangeNanos.sum() / NANOS_A_MILLI);
    gauge(registry, "shard.waitMillis", () -> waitNanos.sum() / NANOS_A_MILLI);
    gauge(registry, "shard.applyMillis", () -> applyNanos.sum() / NANOS_A_MILLI);
  }

  private static void gauge(MetricRegistry registry, String name, Gauge<? extends Number> gauge) {
    registry.register(name, gauge);
  }
}
