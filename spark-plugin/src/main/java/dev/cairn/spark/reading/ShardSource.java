package dev.cairn.spark.reading;

import dev.cairn.spark.coordinator.CoordinationException;
import dev.cairn.spark.transport.Refusal;
import dev.cairn.spark.transport.ShardAccess;
import dev.cairn.spark.transport.ShardDirectory;
import dev.cairn.spark.transport.TransportException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows of a model from their present owners. It asks the driver for these at first, when a
 * read fails, and once a second while it reads. Thread-safe; one thread of a JVM asks at a time.
 */
final class ShardSource {
  private static final long ASK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long FIRST_PAUSE_MILLIS = 5;
  private static final long LONGEST_PAUSE_MILLIS = 100;

  private final ReadableModel model;
  private final ShardAccess access;
  private final ModelReading.Questions questions;
  private final int tries;
  private final Duration patience;
  private final BooleanSupplier closed;
  private final ReentrantLock asking = new ReentrantLock();
  private volatile @Nullable ShardDirectory directory;
  private volatile long lastAsked = System.nanoTime();

  ShardSource(
      ReadableModel model,
      ShardAccess access,
      ModelReading.Questions questions,
      ModelReading.Settings settings,
      BooleanSupplier closed) {
    this.model = model;
    this.access = access;
    this.questions = questions;
    this.tries = settings.tries();
    this.patience = settings.patience();
    this.closed = closed;
  }

  boolean closed() {
    return closed.getAsBoolean();
  }

  /**
   * The numbers of some rows.
   *
   * @param rows global rows, ascending
   * @throws IllegalStateException when they cannot be read, though other owners were tried
   */
  float[] read(int[] rows) {
    long failedGeneration = 0;
    for (int tried = 1; ; tried++) {
      try {
        ShardDirectory owners = owners(failedGeneration);
        failedGeneration = owners.generation();
        return await(access.gather(owners, rows, 0, rows.length), owners);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Cannot score rows: the task was interrupted", e);
      } catch (ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        if (tried >= tries || closed() || !elsewhere(cause)) {
          throw new IllegalStateException(
              "Cannot score rows: the weights of "
                  + model
                  + " cannot be read: "
                  + cause.getMessage(),
              cause);
        }
      } catch (MovedException e) {
        failedGeneration = 0; // none has failed: the driver answers where they are now
      }
    }
  }

  /** Whether another owner may have the rows that this one did not give. */
  private static boolean elsewhere(Throwable failure) {
    return CoordinationException.executorGone(failure)
        || (failure instanceof TransportException.Refused refused
            && refused.reason() == Refusal.NOT_READY);
  }

  /** Thrown when the model is being loaded anew, elsewhere. */
  private static final class MovedException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /** Waits for an answer; asks the driver at times whether these are still the owners. */
  private float[] await(CompletableFuture<float[]> answer, ShardDirectory owners)
      throws InterruptedException, ExecutionException, MovedException {
    while (true) {
      try {
        return answer.get(ASK_AGAIN_NANOS, TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        if (owners(0).generation() != owners.generation()) {
          throw new MovedException();
        }
      }
    }
  }

  private ShardDirectory owners(long failedGeneration) throws InterruptedException {
    ShardDirectory known = directory;
    if (known != null && good(known, failedGeneration)) {
      return known;
    }
    asking.lockInterruptibly();
    try {
      known = directory;
      return known != null && good(known, failedGeneration) ? known : ask(failedGeneration);
    } finally {
      asking.unlock();
    }
  }

  private boolean good(ShardDirectory known, long failedGeneration) {
    return known.generation() != failedGeneration
        && System.nanoTime() - lastAsked < ASK_AGAIN_NANOS;
  }

  private ShardDirectory ask(long failedGeneration) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    long loading = 0;
    long pause = FIRST_PAUSE_MILLIS;
    while (true) {
      ShardsAnswer answer = question(new ShardsWanted(model, failedGeneration, loading));
      if (answer instanceof ShardsAnswer.Here here) {
        directory = here.directory();
        lastAsked = System.nanoTime();
        return here.directory();
      } else if (answer instanceof ShardsAnswer.Failed failed) {
        throw new IllegalStateException("Cannot score rows: " + failed.why());
      } else if (answer instanceof ShardsAnswer.NotYet notYet) {
        loading = notYet.loading();
      }
      if (System.nanoTime() > end || closed()) {
        throw new IllegalStateException(
            "Cannot score rows: the shards of "
                + model
                + " were not loaded within "
                + patience.toSeconds()
                + " s (spark.cairn.members.timeout and spark.cairn.restore.timeout)");
      }
      TimeUnit.MILLISECONDS.sleep(pause);
      pause = Math.min(LONGEST_PAUSE_MILLIS, 2 * pause);
    }
  }

  private ShardsAnswer question(ShardsWanted wanted) throws InterruptedException {
    try {
      return questions.ask(wanted);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) { // the way to the driver may throw anything
      throw new IllegalStateException(
          "Cannot score rows: the driver does not say where the weights of "
              + model
              + " are: "
              + e.getMessage(),
          e);
    }
  }
}
