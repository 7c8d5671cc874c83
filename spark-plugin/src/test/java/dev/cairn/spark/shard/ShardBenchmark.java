package dev.cairn.spark.shard;

import dev.cairn.spark.optimizer.Optimizer;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.shard.GradientSum.Addend;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One step at a shard of 2^22 rows: gradients of all partitions summed, applied, values gathered. A
 * score divided by {@code partitions * ids} is the cost of one id.
 *
 * <p>Run from the folder of the whole project; the last word chooses benchmarks by name:
 *
 * <pre>
 * mvn -q -pl spark-plugin -am test-compile dependency:build-classpath \
 *     -Dmdep.outputFile=target/classpath -Dmdep.includeScope=test
 * cd spark-plugin &amp;&amp; java -cp target/test-classes:target/classes:$(cat target/classpath) \
 *     org.openjdk.jmh.Main Benchmark
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ShardBenchmark {
  private static final int ROWS = 1 << 22;

  @Param({"adagrad", "adam"})
  String optimizer;

  @Param({"4", "32"})
  int partitions;

  @Param({"500", "8000"})
  int ids;

  @Param({"32768"})
  int window;

  private ParameterShard shard;
  private GradientSum sum;
  private Addend[] parts;
  private double[] sums;
  private float[] out;

  /** Ids are skewed as real features are: the cube of a uniform number. */
  @Setup(Level.Trial)
  public void setUp() {
    ParameterLayout layout =
        new ParameterLayout(List.of(ParameterVariable.table("weights", ROWS, 1)));
    Optimizer rule = Optimizers.of(optimizer, new TreeMap<>());
    shard = new ParameterShard(layout, 0, layout.blocks(), rule);
    sum = new GradientSum(layout, partitions, window);
    SplittableRandom random = new SplittableRandom(1);
    parts = new Addend[partitions];
    for (int p = 0; p < partitions; p++) {
      int[] rows =
          random.ints(0, ROWS).map(ShardBenchmark::scatter).distinct().limit(ids).toArray();
      Arrays.sort(rows);
      float[] gradients = new float[ids];
      for (int i = 0; i < ids; i++) {
        gradients[i] = (float) random.nextDouble(-1, 1);
      }
      parts[p] = new Addend(rows, 0, ids, gradients, 0);
    }
    out = new float[ids];
    sums = new double[partitions * ids];
  }

  private static int scatter(int uniform) {
    double u = uniform / (double) ROWS;
    return (int) (u * u * u * ROWS) * 0x9E3779B1 & (ROWS - 1);
  }

  @Benchmark
  public void sumAndApply() {
    shard.update(table -> sum.touched(parts, table.step(0, new double[0])));
  }

  /** The first step after a freeze: old numbers are kept for the frozen shard. */
  @Benchmark
  public void sumAndApplyFrozen() {
    FrozenShard frozen = shard.freeze();
    shard.update(table -> sum.touched(parts, table.step(0, new double[0])));
    frozen.close();
  }

  @Benchmark
  public void gather() {
    for (Addend part : parts) {
      shard.gather(part.rows(), 0, ids, out, 0);
    }
  }

  /** The cost of a k-way merge for the sums alone, without applying them. */
  @Benchmark
  public int merge() {
    int[] next = new int[partitions];
    PriorityQueue<Long> heads = new PriorityQueue<>();
    for (int p = 0; p < partitions; p++) {
      heads.add((long) parts[p].rows()[0] << 32 | p);
    }
    int count = -1;
    long row = -1;
    while (!heads.isEmpty()) {
      long head = heads.remove();
      int p = (int) head;
      if (head >>> 32 != row) {
        row = head >>> 32;
        sums[++count] = 0;
      }
      sums[count] += parts[p].gradients()[next[p]++];
      if (next[p] < ids) {
        heads.add((long) parts[p].rows()[next[p]] << 32 | p);
      }
    }
    return count;
  }
}
