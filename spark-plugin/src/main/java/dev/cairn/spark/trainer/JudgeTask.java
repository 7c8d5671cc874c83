package dev.cairn.spark.trainer;

import dev.cairn.spark.data.Batch;
import dev.cairn.spark.data.PackedPartition;
import dev.cairn.spark.model.LogisticLoss;
import dev.cairn.spark.model.TestCounts;
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
 * One task of a judgement: how the parameters that the shards have now do on each of its partitions
 * of rows, batch after batch; the rows of parameters of the next batch are on their way while one
 * is computed. What goes wrong is a result, not a failure of the task, which Spark would begin
 * anew.
 *
 * @param directory who owns which rows of parameters
 * @param fingerprints what each partition must have
 * @param rows what the rows are called in messages
 * @param threshold null for the loss alone; else for all figures, with this threshold
 */
record JudgeTask(
    ShardDirectory directory, ArrayList<Long> fingerprints, String rows, @Nullable Double threshold)
    implements FlatMapFunction<Iterator<PackedPartition>, JudgeTask.Judged>, Serializable {

  /**
   * How one partition was judged.
   *
   * @param lossSum sum of its samples' losses, in the order of batches; 0 where counts are wanted
   * @param counts null for the loss alone
   * @param outcome how that ended
   */
  record Judged(
      int partition, double lossSum, TestCounts.@Nullable Part counts, SegmentOutcome outcome)
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

  /** Is given each batch of a partition, in order, and the values of its rows of parameters. */
  private interface Visitor {
    void batch(Batch batch, float[] values);
  }

  private Judged loss(PackedPartition partition, ShardAccess shards)
      throws InterruptedException, ExecutionException {
    LogisticLoss loss = new LogisticLoss();
    double[] sum = new double[1];
    visit(partition, shards, (batch, values) -> sum[0] += loss.loss(batch, values));
    return done(partition, sum[0], null);
  }

  private Judged counts(PackedPartition partition, ShardAccess shards, double above)
      throws InterruptedException, ExecutionException {
    TestCounts counts = new TestCounts(above);
    LogisticLoss loss = new LogisticLoss();
    visit(partition, shards, (batch, values) -> loss.count(batch, values, counts));
    return done(partition, 0, counts.part());
  }

  private void visit(PackedPartition partition, ShardAccess shards, Visitor visitor)
      throws InterruptedException, ExecutionException {
    CompletableFuture<float[]> next = values(partition, 0, shards);
    for (int b = 0; b < partition.batches(); b++) {
      float[] values = next.get();
      if (b + 1 < partition.batches()) {
        next = values(partition, b + 1, shards);
      }
      visitor.batch(partition.batch(b), values);
    }
  }

  private CompletableFuture<float[]> values(
      PackedPartition partition, int index, ShardAccess shards) {
    Batch batch = partition.batch(index);
    return shards.gather(directory, batch.rows(), batch.rowsFrom(), batch.rowsTo());
  }

  private static Judged done(
      PackedPartition partition, double lossSum, TestCounts.@Nullable Part counts) {
    SegmentOutcome outcome = new SegmentOutcome(SegmentOutcome.Kind.DONE, "");
    return new Judged(partition.partition(), lossSum, counts, outcome);
  }

  private static Judged failed(
      PackedPartition partition, SegmentOutcome.Kind kind, String message) {
    return new Judged(partition.partition(), 0, null, new SegmentOutcome(kind, message));
  }
}
