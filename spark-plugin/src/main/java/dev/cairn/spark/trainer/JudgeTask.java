package dev.cairn.spark.trainer;

import dev.cairn.spark.coordinator.ShardAccess;
import dev.cairn.spark.transport.ShardDirectory;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.spark.api.java.function.FlatMapFunction;

/**
 * One task of a judgement: the loss of each of its partitions of held-out rows at the parameters
 * that the shards have now, batch after batch; the rows of the next batch are on their way while
 * one is computed. A partition's loss is summed in the order of its batches. What goes wrong is a
 * result, not a failure of the task, which Spark would begin anew.
 *
 * @param directory who owns which rows of parameters
 * @param fingerprints what each partition must have
 */
record JudgeTask(ShardDirectory directory, ArrayList<Long> fingerprints)
    implements FlatMapFunction<Iterator<PackedPartition>, JudgeTask.Judged>, Serializable {

  /**
   * How one partition was judged.
   *
   * @param lossSum sum of its samples' losses
   * @param outcome how that ended
   */
  record Judged(int partition, double lossSum, SegmentOutcome outcome) implements Serializable {}

  @Override
  public Iterator<Judged> call(Iterator<PackedPartition> packed) throws InterruptedException {
    ShardAccess shards = ShardAccess.current();
    LogisticLoss loss = new LogisticLoss();
    List<Judged> judged = new ArrayList<>();
    while (packed.hasNext()) {
      judged.add(judge(packed.next(), shards, loss));
    }
    return judged.iterator();
  }

  private Judged judge(PackedPartition partition, ShardAccess shards, LogisticLoss loss)
      throws InterruptedException {
    long expected = fingerprints.get(partition.partition());
    if (partition.fingerprint() != expected) {
      return ended(
          partition,
          0,
          SegmentOutcome.Kind.DATA_CHANGED,
          SegmentTask.changed("the held-out data", partition, expected));
    }
    try {
      double sum = 0;
      CompletableFuture<float[]> next = values(partition, 0, shards);
      for (int b = 0; b < partition.batches(); b++) {
        float[] values = next.get();
        if (b + 1 < partition.batches()) {
          next = values(partition, b + 1, shards);
        }
        sum += loss.loss(partition.batch(b), values);
      }
      return ended(partition, sum, SegmentOutcome.Kind.DONE, "");
    } catch (ExecutionException e) {
      return ended(partition, 0, SegmentOutcome.Kind.FAILED, String.valueOf(e.getCause()));
    }
  }

  private CompletableFuture<float[]> values(
      PackedPartition partition, int index, ShardAccess shards) {
    Batch batch = partition.batch(index);
    return shards.gather(directory, batch.rows(), batch.rowsFrom(), batch.rowsTo());
  }

  private static Judged ended(
      PackedPartition partition, double sum, SegmentOutcome.Kind kind, String message) {
    return new Judged(partition.partition(), sum, new SegmentOutcome(kind, message));
  }
}
