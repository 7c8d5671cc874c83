package dev.cairn.jobs.cli;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.Text;
import dev.cairn.spark.CairnConf;
import dev.cairn.spark.SparkMaster;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.SparkContext;

/**
 * Waits for the first executor, so that a cluster that gives none is an error and not a run that
 * hangs: Spark itself waits for ever, and replaces executors that cannot start for ever.
 */
final class FirstExecutor {
  /** The number of starts, beyond the executors that were asked for, after which none will come. */
  private static final int FAILED_STARTS = 6;

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
    SparkMaster master = SparkMaster.of(spark.master());
    this.asked = master.executors();
    this.starts =
        master.isLocalCluster() && home != null
            ? Optional.of(
                new ExecutorStarts(
                    Path.of(home, "work", spark.applicationId()),
                    Instant.ofEpochMilli(spark.startTime())))
            : Optional.empty();
  }

  /**
   * Returns when an executor is there, at once where tasks run in this JVM.
   *
   * @param say receives the message that it takes long
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
        throw none("Spark has stopped", "check spark.master and its address");
      }
      int failed = failedStarts();
      if (failed >= FAILED_STARTS) {
        throw failing(failed);
      }
      if (waited > timeout.toNanos()) {
        throw none(
            Text.format(
                "no executor came within %d s (%s)",
                timeout.toSeconds(), CairnConf.MEMBERS_TIMEOUT.key()),
            "check that the cluster has free cores and memory for the spark.executor.* keys");
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

  private JobException failing(int failed) {
    Optional<ExecutorStarts.Complaint> complaint = starts.flatMap(ExecutorStarts::complaint);
    String why =
        Text.format(
            "executors end while they start, %d by now%s",
            failed, complaint.map(found -> " (" + found.line() + ")").orElse(""));
    Optional<String> log = complaint.map(found -> found.log().toString());
    return none(why, log, "correct the spark.executor.* keys");
  }

  private JobException none(String why, String remedy) {
    return none(why, Optional.empty(), remedy);
  }

  private JobException none(String why, Optional<String> log, String remedy) {
    return new JobException(
        Text.format(
            "Cannot start: %s, expected %d executor%s, found none running (spark.master=%s, log=%s);"
                + " %s",
            why,
            asked,
            asked == 1 ? "" : "s",
            spark.master(),
            log.orElseGet(() -> System.getProperty("cairn.log", "the driver's")),
            remedy));
  }

  private static void pause() {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JobException("Cannot start: the thread was interrupted", e);
    }
  }
}
