package dev.cairn.checkpoint.concurrent;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Runs I/O tasks on a few named threads and waits for all of them. */
public final class Parallel {

  private Parallel() {}

  /** A task that may fail with an IOException. */
  public interface Task {
    /** Runs the task. */
    void run() throws IOException;
  }

  /** Runs all tasks. The first failure is thrown, with later ones suppressed under it. */
  public static void run(String name, int threads, List<Task> tasks) throws IOException {
    if (threads <= 1 || tasks.size() <= 1) {
      for (Task task : tasks) {
        task.run();
      }
      return;
    }
    ExecutorService pool = NamedThreads.fixed(name, Math.min(threads, tasks.size()));
    try {
      List<Future<?>> futures = new ArrayList<>();
      for (Task task : tasks) {
        futures.add(
            pool.submit(
                () -> {
                  task.run();
                  return null;
                }));
      }
      IOException first = null;
      for (Future<?> future : futures) {
        try {
          future.get();
        } catch (ExecutionException e) {
          IOException failure =
              e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
          if (first == null) {
            first = failure;
          } else {
            first.addSuppressed(failure);
          }
        }
      }
      if (first != null) {
        throw first;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while reading a checkpoint");
    } finally {
      pool.shutdownNow();
    }
  }
}
