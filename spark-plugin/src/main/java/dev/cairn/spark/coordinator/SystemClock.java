package dev.cairn.spark.coordinator;

import dev.cairn.checkpoint.concurrent.NamedThreads;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The machine's clock, with threads of its own. Thread-safe. */
public final class SystemClock implements Clock, AutoCloseable {
  private final ScheduledExecutorService timer = NamedThreads.clock("cairn-clock");
  private final ExecutorService background = NamedThreads.cached("cairn-coordinator");

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public void await(CompletableFuture<?> future, Duration timeout) throws InterruptedException {
    try {
      future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // The caller looks at the future.
    }
  }

  @Override
  public Runnable schedule(Duration delay, Runnable task) {
    try {
      Future<?> later = timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
      return () -> later.cancel(false);
    } catch (RejectedExecutionException closed) {
      return () -> {};
    }
  }

  @Override
  public void execute(Runnable task) {
    background.execute(task);
  }

  /** Ends the threads; tasks that wait for their time are dropped, tasks that run go on. */
  @Override
  public void close() {
    timer.shutdownNow();
    background.shutdown();
  }
}
