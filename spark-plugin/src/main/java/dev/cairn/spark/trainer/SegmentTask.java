package dev.cairn.spark.trainer;

import dev.cairn.spark.coordinator.ShardAccess;
import dev.cairn.spark.transport.Refusal;
import dev.cairn.spark.transport.ShardDirectory;
import dev.cairn.spark.transport.TransportException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.slf4j.LoggerFactory;

/**
 * One task of a segment: stays for all its steps. All tasks of the segment run at the same time, so
 * a task that Spark starts again, alone, has nobody to step with: it gives the run up at once.
 *
 * @param directory who owns which rows
 * @param run the run that all tasks of this segment belong to
 * @param from steps applied before
 * @param to steps applied afterwards
 * @param seed orders the batches
 * @param epochStart the step at which epoch 0 of the data began
 */
record SegmentTask(
    ShardDirectory directory, long run, long from, long to, long seed, long epochStart)
    implements FlatMapFunction<Iterator<PackedPartition>, SegmentOutcome>, Serializable {

  @Override
  public Iterator<SegmentOutcome> call(Iterator<PackedPartition> packed)
      throws InterruptedException {
    ShardAccess shards = ShardAccess.current();
    SegmentOutcome outcome = run(packed, shards);
    if (outcome.kind() != SegmentOutcome.Kind.DONE
        && outcome.kind() != SegmentOutcome.Kind.ABANDONED) {
      shards.abandonRun(directory, run, outcome.message());
    }
    return Collections.singletonList(outcome).iterator();
  }

  private SegmentOutcome run(Iterator<PackedPartition> packed, ShardAccess shards)
      throws InterruptedException {
    TaskContext task = TaskContext.get();
    if (task.attemptNumber() > 0) {
      return new SegmentOutcome(
          SegmentOutcome.Kind.RESTARTED,
          "task " + task.partitionId() + " of steps " + from + " to " + to + " was lost");
    }
    try {
      List<PackedPartition> partitions = new ArrayList<>();
      packed.forEachRemaining(partitions::add);
      partitions.sort(Comparator.comparingInt(PackedPartition::partition));
      if (!partitions.isEmpty()) {
        BatchOrder order = new BatchOrder(seed, partitions.get(0).batches());
        new StepLoop(directory, shards::exchange, run, partitions, order, epochStart).run(from, to);
      }
      return new SegmentOutcome(SegmentOutcome.Kind.DONE, "");
    } catch (DivergedException e) {
      return new SegmentOutcome(SegmentOutcome.Kind.DIVERGED, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      boolean abandoned =
          e instanceof TransportException.Refused refused && refused.reason() == Refusal.ABANDONED;
      if (!abandoned) {
        LoggerFactory.getLogger(SegmentTask.class)
            .warn("Cannot go on with steps {} to {}", from, to, e);
      }
      return new SegmentOutcome(
          abandoned ? SegmentOutcome.Kind.ABANDONED : SegmentOutcome.Kind.FAILED, e.toString());
    }
  }
}
