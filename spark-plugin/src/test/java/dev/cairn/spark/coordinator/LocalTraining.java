package dev.cairn.spark.coordinator;

import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.shard.ParameterShard;
import dev.cairn.spark.shard.StepAggregator;
import java.util.stream.IntStream;

/** Trains the same as {@link StepTasks}, on one shard in one thread. */
final class LocalTraining {
  private LocalTraining() {}

  static float[] train(ModelSpec spec, long steps, int rows) {
    ParameterShard shard =
        new ParameterShard(
            spec.layout(), 0, spec.layout().blocks(), Optimizers.of(spec.optimizer()));
    StepAggregator aggregator = new StepAggregator(shard, spec.partitions());
    for (long step = 0; step < steps; step++) {
      for (int p = 0; p < spec.partitions(); p++) {
        int first = p % 3;
        int[] wanted = IntStream.range(0, rows).filter(row -> row % 3 == first).toArray();
        float[] values = new float[wanted.length];
        shard.gather(wanted, 0, wanted.length, values, 0);
        for (int i = 0; i < values.length; i++) {
          values[i] = values[i] * 0.5f + 1 + wanted[i] % 7;
        }
        aggregator.offer(p, wanted, 0, wanted.length, values, 0);
      }
      aggregator.apply(step);
    }
    float[] all = new float[rows];
    shard.gather(IntStream.range(0, rows).toArray(), 0, rows, all, 0);
    return all;
  }
}
