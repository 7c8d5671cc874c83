package dev.cairn.spark.trainer;

import dev.cairn.spark.coordinator.Clock;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.data.JobNames;
import dev.cairn.spark.transport.ShardAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.jspecify.annotations.Nullable;

/**
 * A Spark job whose tasks talk to shards: it ends at once when an executor that it needs is lost,
 * not when Spark has tried its tasks often enough. It watches from its creation on, so that no loss
 * is missed. For one thread.
 *
 * @param <T> the type of its tasks' results
 */
final class WatchedJob<T> implements AutoCloseable {
  /**
   * Spark's property by which a cancelled job's tasks are interrupted, so that their slots are
   * free.
   */
  private static final String INTERRUPT = "spark.job.interruptOnCancel";

  private final Clock clock;
  private final String what;
  private final CompletableFuture<List<T>> result = new CompletableFuture<>();
  private final Runnable stopListening;
  private @Nullable JavaFutureAction<List<T>> job;
  private boolean finished;

  /**
   * Begins to watch.
   *
   * @param needed the executors that the job needs
   * @param what completes the sentence "Cannot ..." in messages
   */
  WatchedJob(Coordinator coordinator, Set<ShardAddress> needed, String what) {
    this.clock = coordinator.clock();
    this.what = what;
    this.stopListening =
        coordinator.onLoss(
            loss -> {
              if (needed.contains(loss.member().address())) {
                result.completeExceptionally(failed("lost " + loss.describe(), null));
              }
            });
  }

  /**
   * Submits the job.
   *
   * @param name its name in Spark's UI, after the run's name
   */
  void start(SparkContext context, String name, Supplier<JavaFutureAction<List<T>>> submit) {
    String before = context.getLocalProperty(INTERRUPT);
    context.setLocalProperty(INTERRUPT, "true");
    JobNames names = JobNames.of(context, name);
    try {
      JavaFutureAction<List<T>> submitted = submit.get();
      job = submitted;
      clock.execute(() -> follow(submitted));
    } finally {
      names.close();
      context.setLocalProperty(INTERRUPT, before);
    }
  }

  /** Waits for the job, which has no callback for its end. */
  private void follow(JavaFutureAction<List<T>> submitted) {
    try {
      result.complete(submitted.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      result.completeExceptionally(e);
    } catch (ExecutionException e) {
      result.completeExceptionally(failed("they failed in Spark: " + e.getCause(), e.getCause()));
    } catch (RuntimeException e) { // such as a cancelled job
      result.completeExceptionally(failed(e.toString(), e));
    }
  }

  private SegmentFailedException failed(String why, @Nullable Throwable cause) {
    return new SegmentFailedException("Cannot " + what + ": " + why, cause);
  }

  /** Waits for the end, but no longer than that; returns whether it has come. */
  boolean await(Duration longest) throws InterruptedException {
    clock.await(result, longest);
    return result.isDone();
  }

  /**
   * The tasks' results, once the job has ended.
   *
   * @throws SegmentFailedException when an executor was lost or the job failed
   */
  List<T> results() throws IOException {
    try {
      List<T> all = result.join();
      finished = true;
      return all;
    } catch (CompletionException e) {
      if (e.getCause() instanceof SegmentFailedException failed) {
        throw failed;
      }
      throw failed(String.valueOf(e.getCause()), e.getCause());
    }
  }

  /** Stops watching; cancels the job if it has not ended well. */
  @Override
  public void close() {
    stopListening.run();
    JavaFutureAction<List<T>> submitted = job;
    if (submitted != null && !finished) {
      boolean unused = submitted.cancel(true);
    }
  }
}
