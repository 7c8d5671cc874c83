package dev.cairn.spark.coordinator;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.LocalCluster;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Measures the cost of one step's synchronisation between executor processes when there is nothing
 * to compute: every task exchanges empty gradients with every shard. Prints median and p99.
 *
 * <p>Arguments: executors (2), steps (20000), rows of the model that travel (0).
 */
public final class StepLatency {
  private StepLatency() {}

  /** Runs it; Spark's environment variables must be set as the build sets them for tests. */
  public static void main(String[] args) throws Exception {
    int executors = args.length > 0 ? Integer.parseInt(args[0]) : 2;
    long steps = args.length > 1 ? Long.parseLong(args[1]) : 20_000;
    int rows = args.length > 2 ? Integer.parseInt(args[2]) : 0;
    System.out.println(
        measure(
            executors,
            steps,
            rows,
            Map.of("spark.executor.extraJavaOptions", LocalCluster.AS_USERS_RUN)));
  }

  /** One line of result. */
  static String measure(int executors, long steps, int rows, Map<String, String> conf)
      throws Exception {
    try (LocalCluster cluster = LocalCluster.start(executors, conf)) {
      Coordinator coordinator = Coordinator.current();
      ModelSpec spec =
          new ModelSpec(
              "latency",
              new ParameterLayout(
                  List.of(ParameterVariable.table("w", Math.max(rows, 1 << 20), 1))),
              new OptimizerSpec("adagrad", new TreeMap<>(Map.of("learning_rate", 0.1))),
              executors);
      var members = coordinator.membership().await(executors, Duration.ofSeconds(60));
      try (ShardGroup group = coordinator.open(spec, members)) {
        group.initialise();
        long[] nanos = new long[0];
        for (long from = 0; from < 2 * steps; from += steps) { // the first round warms up
          long start = from;
          long segment = group.openSegment(start);
          var directory = group.directory();
          nanos =
              cluster
                  .spark()
                  .parallelize(IntStream.range(0, executors).boxed().toList(), executors)
                  .map(
                      t ->
                          StepTasks.run(
                              directory, segment, start, start + steps, new int[] {t}, rows))
                  .collect()
                  .get(0);
        }
        Arrays.sort(nanos);
        return String.format(
            Locale.ROOT,
            "step synchronisation, %d executors, %d rows: median %.3f ms, p90 %.3f, p99 %.3f (%d"
                + " steps)",
            executors,
            rows,
            nanos[nanos.length / 2] / 1e6,
            nanos[nanos.length * 9 / 10] / 1e6,
            nanos[nanos.length * 99 / 100] / 1e6,
            nanos.length);
      }
    }
  }
}
