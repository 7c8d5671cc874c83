package dev.cairn.spark.coordinator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks all participants at once and waits for all of them. */
final class Fanout {
  private Fanout() {}

  /**
   * All answers, in order.
   *
   * @param what is done, such as "restore model m"
   * @param names of the participants
   * @throws CoordinationException naming every participant that failed or did not answer in time
   */
  static <R> List<R> await(
      String what, List<?> names, List<CompletableFuture<R>> answers, Duration timeout)
      throws CoordinationException, InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    List<R> results = new ArrayList<>();
    List<Throwable> causes = new ArrayList<>();
    List<String> failed = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      Throwable cause = null;
      try {
        long left = Math.max(0, end - System.nanoTime());
        results.add(answers.get(i).get(left, TimeUnit.NANOSECONDS));
      } catch (ExecutionException e) {
        cause = e.getCause();
      } catch (TimeoutException e) {
        cause =
            new TimeoutException(
                String.format(Locale.ROOT, "no answer after %d ms", timeout.toMillis()));
      }
      if (cause != null) {
        causes.add(cause);
        failed.add(names.get(i) + " (" + message(cause) + ")");
      }
    }
    if (!failed.isEmpty()) {
      throw new CoordinationException(
          String.format(
              Locale.ROOT,
              "Cannot %s: %d of %d participants failed: %s",
              what,
              failed.size(),
              answers.size(),
              String.join("; ", failed)),
          causes);
    }
    return results;
  }

  private static @Nullable String message(Throwable cause) {
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
