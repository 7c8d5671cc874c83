package dev.cairn.jobs.bench;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.ModelSpec;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import dev.cairn.spark.transport.Contribution;
import dev.cairn.spark.transport.ShardAccess;
import dev.cairn.spark.transport.ShardDirectory;
import dev.cairn.spark.transport.ShardMessage.Exchange;
import dev.cairn.spark.transport.ShardReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * P6: what one step costs between two executor processes with nothing to compute. Each of two tasks
 * sends gradients to both shards and waits for both, as in training; one of the shards is in the
 * task's own JVM, the other is reached over the network.
 */
final class StepBench {
  private static final int EXECUTORS = 2;
  private static final int ROUNDS = 5;
  private static final int LAST_ROW = (1 << 20) - 1;

  private StepBench() {}

  public static void main(String[] arguments) throws Exception {
    try (LocalCluster cluster =
        LocalCluster.start(
            EXECUTORS,
            Map.of("spark.executor.extraJavaOptions", BenchOptions.executorJavaOptions()))) {
      Coordinator coordinator = Coordinator.current();
      ParameterLayout layout =
          new ParameterLayout(List.of(ParameterVariable.table("weights", 1 << 20, 1)));
      ModelSpec spec =
          new ModelSpec(
              "bench",
              layout,
              new OptimizerSpec("adagrad", new TreeMap<>(Map.of("learning_rate", 0.1))),
              EXECUTORS);
      var members = coordinator.membership().await(EXECUTORS, Duration.ofSeconds(60));
      try (ShardGroup group = coordinator.open(spec, members)) {
        group.initialise();
        long[] step = {0};
        report("empty", cluster, group, step, 0);
        report("one row a shard", cluster, group, step, 1);
      }
    }
    System.exit(0);
  }

  private static void report(
      String what, LocalCluster cluster, ShardGroup group, long[] step, int rows) throws Exception {
    int steps = Math.max(100, BenchOptions.steps() / ROUNDS);
    double[] medians = new double[ROUNDS];
    double[] p99 = new double[ROUNDS];
    for (int round = -1; round < ROUNDS; round++) { // the first warms up
      long from = step[0];
      long segment = group.openSegment(from);
      ShardDirectory directory = group.directory();
      List<long[]> nanos =
          cluster
              .spark()
              .parallelize(List.of(0, 1), EXECUTORS)
              .map(task -> steps(directory, segment, from, from + steps, task, rows))
              .collect();
      step[0] += steps;
      if (round >= 0) {
        Samples samples =
            new Samples(
                nanos.stream()
                    .flatMapToLong(LongStream::of)
                    .mapToDouble(nano -> nano / 1e6)
                    .toArray());
        medians[round] = samples.median();
        p99[round] = samples.percentile(99);
      }
    }
    Samples median = new Samples(medians);
    System.out.println(
        Row.atMost(
                0.3,
                median.median(),
                "ms",
                "P6",
                "one step between two executors, " + what,
                what + ": median " + median.show("%.3f", "ms over " + ROUNDS + " rounds"),
                what + ": p99    " + new Samples(p99).show("%.3f", "ms"))
            .line());
  }

  /** Runs in an executor: nanoseconds of each step. */
  private static long[] steps(
      ShardDirectory directory, long segment, long from, long to, int partition, int rows) {
    ShardAccess access = ShardAccess.current();
    long[] nanos = new long[(int) (to - from)];
    int[][] wanted = new int[directory.shards()][];
    float[][] gradients = new float[directory.shards()][rows];
    for (int shard = 0; shard < wanted.length; shard++) {
      wanted[shard] = rows == 0 ? new int[0] : new int[] {shard == 0 ? 0 : LAST_ROW};
      Arrays.fill(gradients[shard], 1);
    }
    exchange(access, directory, segment, from, partition, wanted, null);
    for (long step = from + 1; step <= to; step++) {
      long start = System.nanoTime();
      exchange(access, directory, segment, step, partition, wanted, gradients);
      nanos[(int) (step - from - 1)] = System.nanoTime() - start;
    }
    return nanos;
  }

  private static void exchange(
      ShardAccess access,
      ShardDirectory directory,
      long segment,
      long step,
      int partition,
      int[][] wanted,
      float @Nullable [][] gradients) {
    List<CompletableFuture<ShardReply>> replies = new ArrayList<>();
    for (int shard = 0; shard < directory.shards(); shard++) {
      int rows = wanted[shard].length;
      Contribution contribution =
          gradients == null
              ? Contribution.opening(partition, wanted[shard], 0, rows)
              : new Contribution(
                  partition, gradients[shard], 0, rows, wanted[shard], 0, rows, 0, 0);
      Exchange exchange =
          new Exchange(
              directory.model(),
              directory.generation(),
              shard,
              segment,
              step,
              gradients == null,
              List.of(contribution));
      replies.add(access.exchange(directory, exchange));
    }
    replies.forEach(CompletableFuture::join);
  }
}
