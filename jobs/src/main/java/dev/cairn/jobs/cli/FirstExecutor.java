package dev.cairn.jobs.cli;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.Text;
import dev.cairn.spark.CairnConf;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkContext;

/**
 * Waits for the first executor, so that a cluster that gives none is told of in place of a run that
 * hangs: Spark itself waits for ever, and replaces executors that cannot start for ever.
 */
final class FirstExecutor {
  /** So many starts more than executors were asked for mean that none will come. */
  private static final int FAILED_STARTS = 6;

  private static final Pattern EMBEDDED = Pattern.compile("local-cluster\\[\\s*(\\d{1,9})");
  private static final long POLL_MILLIS = 100;
  private static final long NOTE_NANOS = 10_000_000_000L;

  private final SparkContext spark;
  private final int asked;
  private final Duration timeout;
  private final Consumer<String> say;
  private final Optional<ExecutorStarts> starts;

  private FirstExecutor(SparkContext spark, Consumer<String> say) {
    this.spark = spark;
    this.timeout = CairnConf.MEMBERS_TIMEOUT.get(spark.getConf());
    this.say = say;
    String home = System.getenv("SPARK_HOME");
    Matcher embedded = EMBEDDED.matcher(spark.master());
    boolean here = embedded.lookingAt();
    this.asked = here ? Integer.parseInt(embedded.group(1)) : 1;
    this.starts =
        here && home != null
            ? Optional.of(new ExecutorStarts(Path.of(home, "work", spark.applicationId())))
            : Optional.empty();
  }

  /**
   * Returns when an executor is there, at once where tasks run in this JVM.
   *
   * @param say tells a person that it takes long
   * @throws JobException when none comes
   */
  static void await(SparkContext spark, Consumer<String> say) {
    if (!spark.isLocal()) {
      new FirstExecutor(spark, say).await();
    }
  }

  private void await() {
    long start = System.nanoTime();
    long nextNote = NOTE_NANOS;
    // Spark counts the driver among the executors.
    while (spark.statusTracker().getExecutorInfos().length < 2) {
      long waited = System.nanoTime() - start;
      if (spark.isStopped()) {
        throw none("Spark has stopped", waited);
      }
      if (failedStarts() >= FAILED_STARTS) {
        throw none("they end while they start, " + failedStarts() + " times by now", waited);
      }
      if (waited > timeout.toNanos()) {
        throw none("none came in time (" + CairnConf.MEMBERS_TIMEOUT.key() + ")", waited);
      }
      if (waited > nextNote) {
        say.accept("Waiting for executors of " + spark.master() + " ...");
        nextNote = Long.MAX_VALUE;
      }
      pause();
    }
  }

  private int failedStarts() {
    return starts.map(ExecutorStarts::count).orElse(0) - asked;
  }

  private JobException none(String why, long nanos) {
    Optional<ExecutorStarts.Complaint> complaint = starts.flatMap(ExecutorStarts::complaint);
    String said = complaint.map(found -> ", which say: " + found.line()).orElse("");
    String log =
        complaint
            .map(found -> found.log().toString())
            .orElseGet(() -> System.getProperty("cairn.log", "the driver's log"));
    return new JobException(
        Text.format(
            "Cannot start training: no executor is running: %s, expected %s, found 0 after %d s%s (spark.master=%s);"
                + " check that the cluster has free cores and memory, and the spark.executor.* keys; the log is %s",
            why,
            starts.isPresent() ? Integer.toString(asked) : "at least 1",
            Duration.ofNanos(nanos).toSeconds(),
            said,
            spark.master(),
            log));
  }

  private static void pause() {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JobException("Cannot start training: the thread was interrupted", e);
    }
  }
}
