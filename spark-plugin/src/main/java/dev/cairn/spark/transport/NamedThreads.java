package dev.cairn.spark.transport;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Thread pools whose threads can be told apart in a thread dump, and never keep a JVM alive. */
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

  /** One thread that does things at their time. */
  public static ScheduledExecutorService clock(String name) {
    return Executors.newSingleThreadScheduledExecutor(factory(name));
  }

  private static ThreadFactory factory(String name) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + number.getAndIncrement());
      thread.setDaemon(true);
      return thread;
    };
  }
}
