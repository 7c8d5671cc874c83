package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.concurrent.NamedThreads;
import dev.cairn.checkpoint.concurrent.Parallel;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Failed;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One write at a time beside the program. Whoever asks next waits for it, and is told if it failed;
 * a failure is logged at once, too. A JVM that ends waits for it. Not thread-safe.
 */
final class Background {
  private static final System.Logger LOG = System.getLogger(Background.class.getName());

  private @Nullable CompletableFuture<@Nullable Void> running;
  private String path = "";

  /**
   * Waits until nothing runs.
   *
   * @throws CheckpointException if what ran failed; told once
   */
  void await() throws IOException {
    CompletableFuture<@Nullable Void> write = running;
    if (write == null) {
      return;
    }
    try {
      write.get();
      running = null;
    } catch (ExecutionException e) {
      running = null;
      Throwable cause = e.getCause();
      throw new Failed(
          "Cannot rely on checkpoint "
              + path
              + ", which was written while the program went on: "
              + (cause == null ? e : cause).getMessage()
              + "; save again",
          cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while waiting for checkpoint " + path);
    }
  }

  /** Begins a write, after the one before has ended well. */
  void start(String checkpoint, Parallel.Task write) throws IOException {
    await();
    CompletableFuture<@Nullable Void> begun = new CompletableFuture<>();
    running = begun;
    path = checkpoint;
    Runnable ended = NamedThreads.atExit("cairn-save-exit", () -> waitFor(begun));
    NamedThreads.start(
        "cairn-save",
        () -> {
          try {
            write.run();
            begun.complete(null);
          } catch (Throwable e) {
            LOG.log(
                System.Logger.Level.WARNING,
                "Checkpoint {0} was not written: {1}",
                checkpoint,
                e.getMessage());
            begun.completeExceptionally(e);
          } finally {
            ended.run();
          }
        });
  }

  private static void waitFor(CompletableFuture<@Nullable Void> write) {
    write.handle((nothing, failure) -> failure).join();
  }
}
