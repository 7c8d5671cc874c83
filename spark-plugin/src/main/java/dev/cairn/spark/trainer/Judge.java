package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.Member;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.data.TrainingData;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.TestCounter;
import dev.cairn.spark.transport.ShardAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges the parameters that shards have at a cut on rows that are not trained on, by one Spark
 * job. The result is a pure function of rows, packing and parameters, whichever executor computed
 * it. Not thread-safe.
 */
final class Judge implements EpochEnds.Judging {
  private static final Logger LOG = LoggerFactory.getLogger(Judge.class);
  private static final Duration POLL = Duration.ofSeconds(1);

  private final SparkContext context;
  private final Coordinator coordinator;
  private final Model model;
  private final JudgingRows rows;

  Judge(SparkContext context, Coordinator coordinator, Model model, JudgingRows rows) {
    this.model = model;
    this.context = context;
    this.coordinator = coordinator;
    this.rows = rows;
  }

  @Override
  public @Nullable String fingerprint() {
    return rows.fingerprint();
  }

  @Override
  public boolean tests() {
    return rows.test() != null;
  }

  /**
   * The mean loss of the held-out rows; not a finite number if the parameters have diverged. Losses
   * are summed in the order of batches within a partition, and then in the order of partitions.
   *
   * @param step the step that all shards are at, for messages
   * @throws DataChangedException when held-out rows were computed again and differ from what they
   *     were
   * @throws SegmentFailedException when an executor was lost meanwhile, or could not be reached
   */
  @Override
  public double loss(ShardGroup group, long step) throws IOException, InterruptedException {
    TrainingData heldOut = Objects.requireNonNull(rows.heldOut());
    double sum = 0;
    for (JudgeTask.Judged one : judged(group, step, heldOut, "held-out", null)) {
      sum += one.lossSum();
    }
    return sum / heldOut.samples();
  }

  /**
   * All figures of the test rows.
   *
   * @param step the step that all shards are at, for messages
   * @throws DataChangedException when test rows were computed again and differ from what they were
   * @throws SegmentFailedException when an executor was lost meanwhile, or could not be reached
   */
  @Override
  public TestFigures test(ShardGroup group, long step) throws IOException, InterruptedException {
    TrainingData test = Objects.requireNonNull(rows.test());
    TestCounter counter = model.counter(rows.threshold());
    double sum = 0;
    for (JudgeTask.Judged one : judged(group, step, test, "test", rows.threshold())) {
      counter.addPart(Objects.requireNonNull(one.counts()));
      sum += one.lossSum();
    }
    return counter.figures(sum / test.samples());
  }

  /** The results of the partitions, in their order. */
  private List<JudgeTask.Judged> judged(
      ShardGroup group, long step, TrainingData data, String name, @Nullable Double threshold)
      throws IOException, InterruptedException {
    long start = coordinator.clock().nanoTime();
    Set<ShardAddress> needed = new HashSet<>(group.hosts());
    for (Member member : coordinator.membership().staying()) {
      needed.add(member.address());
    }
    String what = "judge step " + step + " on the " + name + " rows";
    JudgeTask task =
        new JudgeTask(
            model,
            group.directory(),
            new ArrayList<>(data.partitionFingerprints()),
            name,
            threshold);
    try (WatchedJob<JudgeTask.Judged> job = new WatchedJob<>(coordinator, needed, what)) {
      job.start(context, what, () -> data.packed().mapPartitions(task).collectAsync());
      while (!job.await(POLL)) {
        // An executor that is lost ends it.
      }
      List<JudgeTask.Judged> all = new ArrayList<>(job.results());
      all.sort(Comparator.comparingInt(JudgeTask.Judged::partition));
      for (JudgeTask.Judged one : all) {
        check(one.outcome(), what);
      }
      LOG.info(
          "Judged step {} on {} {} rows in {} ms",
          step,
          data.samples(),
          name,
          (coordinator.clock().nanoTime() - start) / 1_000_000);
      return all;
    }
  }

  private static void check(SegmentOutcome outcome, String what) throws IOException {
    switch (outcome.kind()) {
      case DONE -> {}
      case DATA_CHANGED -> throw new DataChangedException(outcome.message());
      default ->
          throw new SegmentFailedException("Cannot " + what + ": " + outcome.message(), null);
    }
  }
}
