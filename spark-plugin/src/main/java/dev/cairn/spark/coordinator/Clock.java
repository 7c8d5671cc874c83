package dev.cairn.spark.coordinator;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * The time, waiting and background work of the driver's side, in one place, so that tests can use a
 * clock of their own and run everything in one thread. {@link SystemClock} is the real one.
 */
public interface Clock {

  /** The time, as {@link System#nanoTime()} gives it. */
  long nanoTime();

  /** Waits until the future is done, one way or the other, or the time is over. */
  void await(CompletableFuture<?> future, Duration timeout) throws InterruptedException;

  /** Waits until the future is done, without a limit: something else makes sure that it will be. */
  default void await(CompletableFuture<?> future) throws InterruptedException {
    await(future, Duration.ofDays(1_000));
  }

  /**
   * Runs a short task later.
   *
   * @return cancels the task, if it has not begun
   */
  Runnable schedule(Duration delay, Runnable task);

  /** Runs a task that may take long, in the background. */
  void execute(Runnable task);
}
