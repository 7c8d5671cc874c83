package dev.cairn.spark.coordinator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks all participants at once and waits for all of them. */
final class Fanout {
  private Fanout() {}

  /**
   * All answers, in order.
   *
   * @param what the task, for messages, such as "restore model m"
   * @param names the names of the participants
   * @throws CoordinationException naming every participant that failed or did not answer in time
   */
  static <R> List<R> await(
      Clock clock, String what, List<?> names, List<CompletableFuture<R>> answers, Duration timeout)
      throws CoordinationException, InterruptedException {
    CompletableFuture<List<R>> all = gather(clock, what, names, answers, timeout);
    clock.await(all);
    try {
      return all.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof CoordinationException failed) {
        throw failed;
      }
      throw e;
    }
  }

  /** Does the same as {@link #await}, without waiting. */
  static <R> CompletableFuture<List<R>> gather(
      Clock clock,
      String what,
      List<?> names,
      List<CompletableFuture<R>> answers,
      Duration timeout) {
    CompletableFuture<List<R>> result = new CompletableFuture<>();
    CompletableFuture<Void> all =
        CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new));
    Runnable stopTimer =
        all.isDone()
            ? () -> {}
            : clock.schedule(timeout, () -> collect(what, names, answers, timeout, result));
    var unused =
        all.whenComplete(
            (done, failure) -> {
              stopTimer.run();
              collect(what, names, answers, timeout, result);
            });
    return result;
  }

  private static <R> void collect(
      String what,
      List<?> names,
      List<CompletableFuture<R>> answers,
      Duration timeout,
      CompletableFuture<List<R>> result) {
    List<R> results = new ArrayList<>();
    List<Throwable> causes = new ArrayList<>();
    List<String> failed = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      Throwable cause = failure(answers.get(i), timeout);
      if (cause != null) {
        causes.add(cause);
        failed.add(names.get(i) + " (" + CoordinationException.text(cause) + ")");
      } else {
        results.add(answers.get(i).join());
      }
    }
    if (failed.isEmpty()) {
      result.complete(results);
      return;
    }
    result.completeExceptionally(
        new CoordinationException(
            String.format(
                Locale.ROOT,
                "Cannot %s: %d of %d participants failed: %s",
                what,
                failed.size(),
                answers.size(),
                String.join("; ", failed)),
            causes));
  }

  private static @Nullable Throwable failure(CompletableFuture<?> answer, Duration timeout) {
    if (!answer.isDone()) {
      return new TimeoutException(
          String.format(Locale.ROOT, "no answer after %d ms", timeout.toMillis()));
    }
    try {
      answer.join();
      return null;
    } catch (CompletionException e) {
      return e.getCause() == null ? e : e.getCause();
    } catch (java.util.concurrent.CancellationException e) {
      return e;
    }
  }
}
