package dev.cairn.checkpoint.concurrent;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes threads that can be told apart in a thread dump and never keep a JVM alive. No other class
 * makes threads.
 */
public final class NamedThreads {
  private NamedThreads() {}

  /** A pool that grows as needed and shrinks again. */
  public static ExecutorService cached(String name) {
    return Executors.newCachedThreadPool(factory(name));
  }

  /** A pool of at most {@code threads} threads. */
  public static ExecutorService fixed(String name, int threads) {
    return Executors.newFixedThreadPool(threads, factory(name));
  }

  /** One thread that runs tasks at set times. */
  public static ScheduledExecutorService clock(String name) {
    return Executors.newSingleThreadScheduledExecutor(factory(name));
  }

  /** Starts one task on a thread of its own. */
  public static void start(String name, Runnable task) {
    daemon(name, task).start();
  }

  /**
   * Has a task done before the JVM ends, unless it is taken back before.
   *
   * @return takes it back; does nothing once the JVM is ending
   */
  public static Runnable atExit(String name, Runnable task) {
    Thread thread = daemon(name, task);
    Runtime.getRuntime().addShutdownHook(thread);
    return () -> {
      try {
        Runtime.getRuntime().removeShutdownHook(thread);
      } catch (IllegalStateException ending) {
        // Then it is being done.
      }
    };
  }

  private static ThreadFactory factory(String name) {
    AtomicInteger number = new AtomicInteger();
    return task -> daemon(name + "-" + number.getAndIncrement(), task);
  }

  private static Thread daemon(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }
}
