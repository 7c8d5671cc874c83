package dev.cairn.spark.trainer;

import dev.cairn.spark.coordinator.Clock;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.Member;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.data.PackedPartition;
import dev.cairn.spark.data.TrainingData;
import dev.cairn.spark.internal.CacheLocations;
import dev.cairn.spark.internal.SparkInternals;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.transport.ShardAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import scala.Option;

/**
 * Runs segments: one Spark job each, whose tasks stay for all its steps. A segment ends at once
 * when an executor that takes part in it is lost. Not thread-safe.
 */
final class SegmentRunner implements Segments {
  private static final Duration POLL = Duration.ofMillis(250);

  private final SparkContext context;
  private final Coordinator coordinator;
  private final Model model;
  private final TrainingData data;
  private final long seed;
  private final long epochStart;
  private final long stallNanos;
  private final LossMeter meter;
  private long[] lossUnits = new long[0];

  /**
   * Makes a runner.
   *
   * @param model the model that is trained
   * @param seed the seed of the order of batches
   * @param epochStart the step at which epoch 0 of the data began
   * @param stall a segment that takes no step for that long is given up
   * @param meter reads the shards while steps run
   */
  SegmentRunner(
      SparkContext context,
      Coordinator coordinator,
      Model model,
      TrainingData data,
      long seed,
      long epochStart,
      Duration stall,
      LossMeter meter) {
    this.context = context;
    this.coordinator = coordinator;
    this.model = model;
    this.data = data;
    this.seed = seed;
    this.epochStart = epochStart;
    this.stallNanos = stall.toNanos();
    this.meter = meter;
  }

  @Override
  public long run(ShardGroup group, long from, long to) throws IOException, InterruptedException {
    Clock clock = coordinator.clock();
    long start = clock.nanoTime();
    lookForDecommissions();
    List<Member> members = coordinator.membership().staying();
    String steps = "steps " + from + " to " + to;
    String what = "go on with " + steps;
    if (members.isEmpty()) {
      throw new SegmentFailedException("Cannot " + what + ": no executor is left", null);
    }
    Set<ShardAddress> taking = new HashSet<>(group.hosts());
    members.forEach(member -> taking.add(member.address()));
    try (WatchedJob<SegmentOutcome> job = new WatchedJob<>(coordinator, taking, what)) {
      long segment = group.openSegment(from);
      boolean finished = false;
      try {
        job.start(context, steps, () -> submit(group, members, segment, from, to));
        List<SegmentOutcome> outcomes = await(job, group, from);
        check(outcomes, what);
        lossUnits = added(outcomes);
        measured(outcomes, to - from, clock.nanoTime() - start);
        lookForDecommissions(); // the cut that follows is the place to hand over
        finished = true;
      } finally {
        if (!finished) {
          var unused = group.abandonSegment(segment, "the driver gives " + steps + " up");
        }
      }
    }
    return clock.nanoTime() - start;
  }

  @Override
  public long[] lossUnits() {
    return lossUnits;
  }

  /** The losses of all tasks, added by epoch; a task without partitions has none. */
  private static long[] added(List<SegmentOutcome> outcomes) {
    long[] sum = new long[0];
    for (SegmentOutcome outcome : outcomes) {
      long[] more = outcome.lossUnits();
      sum = sum.length < more.length ? Arrays.copyOf(sum, more.length) : sum;
      for (int epoch = 0; epoch < more.length; epoch++) {
        sum[epoch] += more[epoch];
      }
    }
    return sum;
  }

  private void measured(List<SegmentOutcome> outcomes, long steps, long wallNanos) {
    long computing = 0;
    long exchanging = 0;
    int tasks = 0;
    for (SegmentOutcome outcome : outcomes) {
      computing += outcome.computeNanos();
      exchanging += outcome.exchangeNanos();
      tasks += outcome.exchangeNanos() > 0 ? 1 : 0; // the others had no partitions
    }
    int of = Math.max(1, tasks);
    coordinator.metrics().segment(steps, wallNanos, computing / of, exchanging / of);
  }

  /** Looks for executors that Spark decommissions, of which it does not tell plugins. */
  private void lookForDecommissions() {
    for (Member member : coordinator.membership().members()) {
      if (SparkInternals.decommissioning(context, member.executorId())) {
        coordinator.membership().leaves(member.executorId());
      }
    }
  }

  private JavaFutureAction<List<SegmentOutcome>> submit(
      ShardGroup group, List<Member> members, long segment, long from, long to) {
    int taskCpus = context.getConf().getInt("spark.task.cpus", 1);
    List<GangLayout.Seat> seats =
        members.stream()
            .map(m -> new GangLayout.Seat(m.executorId(), m.host(), m.cores() / taskCpus))
            .toList();
    List<List<String>> holders = CacheLocations.executorsOf(data.packed());
    GangLayout layout = GangLayout.of(holders, seats);
    RDD<PackedPartition> gang =
        data.packed()
            .rdd()
            .coalesce(layout.tasks().size(), false, Option.apply(new GangCoalescer(layout)), null);
    SegmentTask task =
        new SegmentTask(
            group.directory(),
            segment,
            from,
            to,
            model,
            seed,
            epochStart,
            new ArrayList<>(data.partitionFingerprints()),
            DataCopies.of(
                data.packed().id(),
                data.packed().getStorageLevel().replication(),
                holders,
                members.size()));
    return JavaRDD.fromRDD(gang, data.packed().classTag()).mapPartitions(task).collectAsync();
  }

  private List<SegmentOutcome> await(WatchedJob<SegmentOutcome> job, ShardGroup group, long from)
      throws IOException, InterruptedException {
    Clock clock = coordinator.clock();
    long lastStep = from;
    long lastMove = clock.nanoTime();
    while (!job.await(meter.eager() ? Duration.ofMillis(5) : POLL)) {
      lookForDecommissions();
      long step = meter.sample(group);
      if (step != lastStep) {
        lastStep = step;
        lastMove = clock.nanoTime();
      } else if (clock.nanoTime() - lastMove > stallNanos) {
        throw new SegmentFailedException(
            "Cannot go on training: no step was taken after step "
                + step
                + " for "
                + Duration.ofNanos(stallNanos).toSeconds()
                + " seconds (spark.cairn.stall.timeout); all tasks of a segment must run at the"
                + " same time: is another job using the task slots, or is the input read again for"
                + " longer than that?",
            null);
      }
    }
    return job.results();
  }

  private static void check(List<SegmentOutcome> outcomes, String what) throws IOException {
    SegmentOutcome worst =
        outcomes.stream().max(Comparator.comparing(SegmentOutcome::kind)).orElseThrow();
    switch (worst.kind()) {
      case DONE -> {}
      case DIVERGED -> throw new DivergedException(worst.message());
      case DATA_CHANGED -> throw new DataChangedException(worst.message());
      default -> throw new SegmentFailedException("Cannot " + what + ": " + worst.message(), null);
    }
  }
}
