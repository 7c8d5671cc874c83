package dev.cairn.spark.trainer;

import dev.cairn.spark.coordinator.Member;
import dev.cairn.spark.coordinator.Membership;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.internal.CacheLocations;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import scala.Option;

/** Runs segments: one Spark job each, whose tasks stay for all its steps. Not thread-safe. */
final class SegmentRunner {
  private static final long POLL_MILLIS = 250;

  private final Membership membership;
  private final int taskCpus;
  private final long stallNanos;
  private final LossMeter meter;

  /**
   * A runner.
   *
   * @param taskCpus cores that Spark gives to a task
   * @param stallSeconds a segment that takes no step for that long is given up
   * @param meter is asked to look at the shards while steps run
   */
  SegmentRunner(Membership membership, int taskCpus, long stallSeconds, LossMeter meter) {
    this.membership = membership;
    this.taskCpus = taskCpus;
    this.stallNanos = TimeUnit.SECONDS.toNanos(stallSeconds);
    this.meter = meter;
  }

  /**
   * Takes the steps after {@code from} up to {@code to} and returns how many nanoseconds that took.
   *
   * @throws DivergedException when the loss is no longer a finite number
   * @throws SegmentFailedException when an executor was lost or a task could not go on
   */
  long run(ShardGroup group, TrainingData data, long from, long to, long seed, long epochStart)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    long run = group.openRun(from);
    GangLayout layout =
        GangLayout.of(CacheLocations.executorsOf(data.packed()), seats(membership.members()));
    RDD<PackedPartition> gang =
        data.packed()
            .rdd()
            .coalesce(layout.tasks().size(), false, Option.apply(new GangCoalescer(layout)), null);
    JavaFutureAction<List<SegmentOutcome>> job =
        JavaRDD.fromRDD(gang, data.packed().classTag())
            .mapPartitions(new SegmentTask(group.directory(), run, from, to, seed, epochStart))
            .collectAsync();
    boolean finished = false;
    try {
      check(await(job, group, from, to), from, to);
      finished = true;
    } finally {
      if (!finished) {
        job.cancel(true);
        var unused = group.abandonRun(run, "the driver gives steps " + from + " to " + to + " up");
      }
    }
    return System.nanoTime() - start;
  }

  private List<SegmentOutcome> await(
      JavaFutureAction<List<SegmentOutcome>> job, ShardGroup group, long from, long to)
      throws IOException, InterruptedException {
    long lastStep = from;
    long lastMove = System.nanoTime();
    while (true) {
      try {
        return job.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        long step = meter.sample(group);
        if (step != lastStep) {
          lastStep = step;
          lastMove = System.nanoTime();
        } else if (System.nanoTime() - lastMove > stallNanos) {
          throw new SegmentFailedException(
              "Cannot go on training: no step was taken after step "
                  + step
                  + " for "
                  + TimeUnit.NANOSECONDS.toSeconds(stallNanos)
                  + " seconds; all tasks of a segment must run at the same time: is another job"
                  + " using the task slots?",
              null);
        }
      } catch (ExecutionException e) {
        throw new SegmentFailedException(
            "Cannot go on training: steps "
                + from
                + " to "
                + to
                + " failed in Spark: "
                + e.getCause(),
            e.getCause());
      }
    }
  }

  private static void check(List<SegmentOutcome> outcomes, long from, long to) throws IOException {
    SegmentOutcome worst =
        outcomes.stream().max(Comparator.comparing(SegmentOutcome::kind)).orElseThrow();
    switch (worst.kind()) {
      case DONE -> {}
      case DIVERGED -> throw new DivergedException(worst.message());
      default ->
          throw new SegmentFailedException(
              "Cannot go on training: steps " + from + " to " + to + ": " + worst.message(), null);
    }
  }

  private List<GangLayout.Seat> seats(List<Member> members) {
    return members.stream()
        .map(m -> new GangLayout.Seat(m.executorId(), m.host(), m.cores() / taskCpus))
        .toList();
  }
}
