package dev.cairn.spark.data;

import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;

/**
 * Names the jobs that this thread starts in Spark's UI, such as {@code flights: steps 480 to 640}:
 * first comes the caller's own name of its jobs, or else the application's name. For one thread.
 */
public final class JobNames {
  /**
   * The property of a job's description: Spark has {@code setJobDescription}, but no way to read
   * it.
   */
  private static final String DESCRIPTION = "spark.job.description";

  private final SparkContext context;
  private final @Nullable String before;

  private JobNames(SparkContext context, @Nullable String before) {
    this.context = context;
    this.before = before;
  }

  /** Names the jobs that follow. */
  public static JobNames of(SparkContext context, String what) {
    String before = context.getLocalProperty(DESCRIPTION);
    context.setLocalProperty(
        DESCRIPTION, (before == null ? context.appName() : before) + ": " + what);
    return new JobNames(context, before);
  }

  /** Restores the caller's own name. */
  public void close() {
    context.setLocalProperty(DESCRIPTION, before);
  }
}
