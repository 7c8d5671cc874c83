package dev.cairn.spark.coordinator;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Time, waiting and background work of the driver's side, in one place, so that tests can put a
 * clock of their own there and run everything in one thread. {@link SystemClock} is the real one.
 */
public interface Clock {

  /** As {@link System#nanoTime()}. */
  long nanoTime();

  /** Waits until the future is done, one way or the other, or the time is over. */
  void await(CompletableFuture<?> future, Duration timeout) throws InterruptedException;

  /** Waits until the future is done, which something else makes sure of. */
  default void await(CompletableFuture<?> future) throws InterruptedException {
    await(future, Duration.ofDays(1_000));
  }

  /**
   * Runs a short task later.
   *
   * @return takes the task back, if it has not begun
   */
  Runnable schedule(Duration delay, Runnable task);

  /** Runs a task that may take long, in the background. */
  void execute(Runnable task);
}
