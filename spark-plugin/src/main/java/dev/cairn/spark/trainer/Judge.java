package dev.cairn.spark.trainer;

import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.Member;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.transport.ShardAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges the parameters that shards have at a cut on held-out rows, by one Spark job. The loss is a
 * pure function of rows, packing and parameters: each partition's is summed in the order of its
 * batches, and theirs in the order of partitions, whoever computed them. Not thread-safe.
 */
final class Judge implements EpochEnds.Judging {
  private static final Logger LOG = LoggerFactory.getLogger(Judge.class);
  private static final Duration POLL = Duration.ofSeconds(1);

  private final SparkContext context;
  private final Coordinator coordinator;
  private final TrainingData heldOut;

  Judge(SparkContext context, Coordinator coordinator, TrainingData heldOut) {
    this.context = context;
    this.coordinator = coordinator;
    this.heldOut = heldOut;
  }

  @Override
  public String fingerprint() {
    return heldOut.fingerprint();
  }

  /**
   * The mean loss of the held-out rows; not a finite number if the parameters have diverged.
   *
   * @param step the step that all shards are at, for messages
   * @throws DataChangedException when held-out rows were computed again and are not what they were
   * @throws SegmentFailedException when an executor was lost meanwhile, or could not be reached
   */
  @Override
  public double loss(ShardGroup group, long step) throws IOException, InterruptedException {
    long start = coordinator.clock().nanoTime();
    Set<ShardAddress> needed = new HashSet<>(group.hosts());
    for (Member member : coordinator.membership().staying()) {
      needed.add(member.address());
    }
    String what = "judge step " + step + " on the held-out rows";
    JudgeTask task =
        new JudgeTask(group.directory(), new ArrayList<>(heldOut.partitionFingerprints()));
    try (WatchedJob<JudgeTask.Judged> job = new WatchedJob<>(coordinator, needed, what)) {
      job.start(context, what, () -> heldOut.packed().mapPartitions(task).collectAsync());
      while (!job.await(POLL)) {
        // An executor that is lost ends it.
      }
      double mean = sum(job.results(), what) / heldOut.samples();
      LOG.info(
          "Judged step {} on {} held-out rows in {} ms: loss {}",
          step,
          heldOut.samples(),
          (coordinator.clock().nanoTime() - start) / 1_000_000,
          mean);
      return mean;
    }
  }

  private double sum(List<JudgeTask.Judged> all, String what) throws IOException {
    List<JudgeTask.Judged> inOrder = new ArrayList<>(all);
    inOrder.sort(Comparator.comparingInt(JudgeTask.Judged::partition));
    double sum = 0;
    for (JudgeTask.Judged one : inOrder) {
      String message = one.outcome().message();
      switch (one.outcome().kind()) {
        case DONE -> sum += one.lossSum();
        case DATA_CHANGED -> throw new DataChangedException(message);
        default -> throw new SegmentFailedException("Cannot " + what + ": " + message, null);
      }
    }
    return sum;
  }
}
