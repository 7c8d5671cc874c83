package dev.cairn.jobs.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** The same work on several threads at once. */
final class InParallel {
  private InParallel() {}

  /** The work of one of them. */
  interface Work {
    void run(int number) throws Exception;
  }

  /** Returns when all are done; the first failure is thrown. */
  static void run(int count, Work work) throws Exception {
    List<FutureTask<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int number = i;
      FutureTask<Void> task =
          new FutureTask<>(
              () -> {
                work.run(number);
                return null;
              });
      tasks.add(task);
      new Thread(task, "bench-" + number).start();
    }
    try {
      for (FutureTask<Void> task : tasks) {
        task.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : new IllegalStateException(e);
    }
  }
}
