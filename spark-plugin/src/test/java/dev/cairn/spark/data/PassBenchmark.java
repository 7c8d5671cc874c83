package dev.cairn.spark.data;

import dev.cairn.spark.model.Kernel;
import dev.cairn.spark.model.LinearModel;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.model.RowSet;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterShard;
import dev.cairn.spark.shard.StepAggregator;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Passes over 250,000 samples of 11 non-zeros, 2^22 rows, 4 partitions, 4,096 samples a step, on
 * one thread: a score in milliseconds, divided by 2.75, is nanoseconds a non-zero. The ids are as
 * skewed as the flights': each of the 11 columns has its own number of distinct values.
 *
 * <p>Run as {@link dev.cairn.spark.shard.ShardBenchmark}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class PassBenchmark {
  private static final int SAMPLES = 250_000;
  private static final int PARTITIONS = 4;
  private static final int FEATURES = 1 << 22;
  private static final int[] DISTINCT = {
    229, 228, 24, 7, 3_400, 4_500, 4_500, 168, 40_000, 200_000, 700_000
  };

  private final PackedPartition[] data = new PackedPartition[PARTITIONS];
  private final RowChunk[] chunks = new RowChunk[PARTITIONS];
  private final float[][] values = new float[PARTITIONS][1 << 16];
  private final float[][] gradients = new float[PARTITIONS][1 << 16];
  private final LinearModel model = new LinearModel(FEATURES, true, new LogisticLoss());
  private final Kernel kernel = model.kernel();
  private final RowSet[] wanted = new RowSet[PARTITIONS];
  private int batches;
  private ParameterShard shard;
  private StepAggregator aggregator;

  @Setup
  public void setUp() {
    batches = BatchOrder.batchesPerEpoch(SAMPLES, 4096);
    SplittableRandom random = new SplittableRandom(1);
    for (int p = 0; p < PARTITIONS; p++) {
      RowChunkBuilder builder = new RowChunkBuilder();
      int[] ids = new int[DISTINCT.length];
      for (int i = 0; i < SAMPLES / PARTITIONS; i++) {
        for (int c = 0; c < ids.length; c++) {
          double u = random.nextDouble();
          long value = (long) (u * u * DISTINCT[c]);
          ids[c] = (int) (RowHash.mix(c, value) & (FEATURES - 1));
        }
        Arrays.sort(ids);
        builder.add(random.nextLong(), (byte) random.nextInt(2), ids, null, ids.length);
      }
      chunks[p] = builder.drain();
      data[p] = pack(p);
    }
    ParameterLayout layout = model.layout();
    Arrays.setAll(wanted, p -> new RowSet(layout));
    shard =
        new ParameterShard(layout, 0, layout.blocks(), Optimizers.of("adagrad", new TreeMap<>()));
    aggregator = new StepAggregator(shard, PARTITIONS);
  }

  private PackedPartition pack(int p) {
    return PackedPartition.pack(
        p, chunks[p], RowOrder.of(chunks[p], 1), PackRules.plain(FEATURES, batches));
  }

  /** Gather, gradient, aggregate, apply. */
  @Benchmark
  public double pass() {
    double loss = 0;
    for (int b = 0; b < batches; b++) {
      for (int p = 0; p < PARTITIONS; p++) {
        Batch batch = data[p].batch(b);
        RowSet at = wanted[p].fill(kernel, batch);
        shard.gather(at.rows(), 0, at.count(), values[p], 0);
        loss += kernel.gradient(batch, at, values[p], gradients[p]);
        aggregator.offer(p, at.rows(), 0, at.count(), gradients[p], 0);
      }
      aggregator.apply(0);
    }
    return loss;
  }

  @Benchmark
  public double gradientOnly() {
    double loss = 0;
    for (int b = 0; b < batches; b++) {
      for (int p = 0; p < PARTITIONS; p++) {
        Batch batch = data[p].batch(b);
        RowSet at = wanted[p].fill(kernel, batch);
        loss += kernel.gradient(batch, at, values[p], gradients[p]);
      }
    }
    return loss;
  }

  @Benchmark
  public void gatherOnly() {
    for (int b = 0; b < batches; b++) {
      for (int p = 0; p < PARTITIONS; p++) {
        RowSet at = wanted[p].fill(kernel, data[p].batch(b));
        shard.gather(at.rows(), 0, at.count(), values[p], 0);
      }
    }
  }

  @Benchmark
  public void aggregateAndApplyOnly() {
    for (int b = 0; b < batches; b++) {
      for (int p = 0; p < PARTITIONS; p++) {
        RowSet at = wanted[p].fill(kernel, data[p].batch(b));
        aggregator.offer(p, at.rows(), 0, at.count(), gradients[p], 0);
      }
      aggregator.apply(0);
    }
  }

  /** Shuffle and pack everything. */
  @Benchmark
  public Object packAll() {
    PackedPartition last = data[0];
    for (int p = 0; p < PARTITIONS; p++) {
      last = pack(p);
    }
    return last;
  }
}
