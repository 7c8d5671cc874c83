package dev.cairn.spark.trainer;

import dev.cairn.spark.data.Batch;
import dev.cairn.spark.data.PackedPartition;
import dev.cairn.spark.model.Kernel;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.RowSet;
import dev.cairn.spark.model.TestCounter;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.transport.ShardAccess;
import dev.cairn.spark.transport.ShardDirectory;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.jspecify.annotations.Nullable;

/**
 * One task of a judgement: it judges the parameters that the shards have now on each of its
 * partitions of rows, batch after batch; the parameters of the next batch are on their way while
 * one is computed. An error is a result, not a failure of the task, which Spark would begin anew.
 *
 * @param model the model that is judged
 * @param directory the owners of the rows of parameters
 * @param fingerprints the fingerprint that each partition must have
 * @param rows the name of the rows in messages
 * @param threshold null for the loss alone; else for all figures, with this threshold
 */
record JudgeTask(
    Model model,
    ShardDirectory directory,
    ArrayList<Long> fingerprints,
    String rows,
    @Nullable Double threshold)
    implements FlatMapFunction<Iterator<PackedPartition>, JudgeTask.Judged>, Serializable {

  /**
   * The result for one partition.
   *
   * @param lossSum sum of its samples' losses, in the order of batches; 0 where the counts have it
   * @param counts null for the loss alone
   * @param outcome the way that it ended
   */
  record Judged(int partition, double lossSum, long @Nullable [] counts, SegmentOutcome outcome)
      implements Serializable {}

  @Override
  public Iterator<Judged> call(Iterator<PackedPartition> packed) throws InterruptedException {
    ShardAccess shards = ShardAccess.current();
    List<Judged> judged = new ArrayList<>();
    while (packed.hasNext()) {
      judged.add(judge(packed.next(), shards));
    }
    return judged.iterator();
  }

  private Judged judge(PackedPartition partition, ShardAccess shards) throws InterruptedException {
    long expected = fingerprints.get(partition.partition());
    if (partition.fingerprint() != expected) {
      return failed(
          partition,
          SegmentOutcome.Kind.DATA_CHANGED,
          SegmentTask.changed("the " + rows + " data", partition, expected));
    }
    try {
      return threshold == null ? loss(partition, shards) : counts(partition, shards, threshold);
    } catch (ExecutionException e) {
      return failed(partition, SegmentOutcome.Kind.FAILED, String.valueOf(e.getCause()));
    }
  }

  /** Receives each batch of a partition, in order, and the values of its rows of parameters. */
  private interface Visitor {
    void batch(Batch batch, RowSet at, float[] values);
  }

  private Judged loss(PackedPartition partition, ShardAccess shards)
      throws InterruptedException, ExecutionException {
    Kernel kernel = model.kernel();
    double[] sum = new double[1];
    visit(
        partition, shards, kernel, (batch, at, values) -> sum[0] += kernel.loss(batch, at, values));
    return done(partition, sum[0], null);
  }

  private Judged counts(PackedPartition partition, ShardAccess shards, double above)
      throws InterruptedException, ExecutionException {
    TestCounter counter = model.counter(above);
    Kernel kernel = model.kernel();
    double[] sum = new double[1];
    double[][] scores = new double[1][0];
    visit(
        partition,
        shards,
        kernel,
        (batch, at, values) -> {
          int wanted = Math.multiplyExact(batch.samples(), kernel.outputs());
          double[] found = scores[0].length >= wanted ? scores[0] : new double[wanted];
          scores[0] = found;
          kernel.scores(batch, at, values, found);
          for (int i = 0; i < batch.samples(); i++) {
            counter.add(found, i * kernel.outputs(), batch.labels()[batch.firstSample() + i]);
          }
          if (!counter.countsLoss()) {
            sum[0] += kernel.loss(batch, at, values);
          }
        });
    return done(partition, sum[0], counter.part());
  }

  private void visit(PackedPartition partition, ShardAccess shards, Kernel kernel, Visitor visitor)
      throws InterruptedException, ExecutionException {
    ParameterLayout layout = model.layout();
    RowSet at = new RowSet(layout).fill(kernel, partition.batch(0));
    RowSet coming = new RowSet(layout);
    CompletableFuture<float[]> next = shards.gather(directory, at.rows(), 0, at.count());
    for (int b = 0; b < partition.batches(); b++) {
      float[] values = next.get();
      if (b + 1 < partition.batches()) {
        coming.fill(kernel, partition.batch(b + 1));
        next = shards.gather(directory, coming.rows(), 0, coming.count());
      }
      visitor.batch(partition.batch(b), at, values);
      RowSet free = at;
      at = coming;
      coming = free;
    }
  }

  private static Judged done(PackedPartition partition, double lossSum, long @Nullable [] counts) {
    SegmentOutcome outcome = new SegmentOutcome(SegmentOutcome.Kind.DONE, "");
    return new Judged(partition.partition(), lossSum, counts, outcome);
  }

  private static Judged failed(
      PackedPartition partition, SegmentOutcome.Kind kind, String message) {
    return new Judged(partition.partition(), 0, null, new SegmentOutcome(kind, message));
  }
}
