package dev.cairn.spark.trainer;

import dev.cairn.spark.coordinator.ShardAccess;
import dev.cairn.spark.transport.ShardDirectory;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;

/**
 * One task of a segment: stays for all its steps. All tasks of the segment run at the same time, so
 * a task that Spark starts again, alone, has nobody to step with: it fails at once, and the driver
 * abandons the segment.
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
    implements FlatMapFunction<Iterator<PackedPartition>, Long>, Serializable {

  @Override
  public Iterator<Long> call(Iterator<PackedPartition> packed) throws Exception {
    TaskContext task = TaskContext.get();
    if (task.attemptNumber() > 0) {
      throw new IllegalStateException(
          "Cannot run a task of a segment a second time (task "
              + task.partitionId()
              + ", attempt "
              + task.attemptNumber()
              + "): the segment is abandoned as a whole");
    }
    List<PackedPartition> partitions = new ArrayList<>();
    packed.forEachRemaining(partitions::add);
    partitions.sort(Comparator.comparingInt(PackedPartition::partition));
    if (!partitions.isEmpty()) {
      BatchOrder order = new BatchOrder(seed, partitions.get(0).batches());
      new StepLoop(
              directory, ShardAccess.current()::exchange, run, partitions, order, epochStart)
          .run(from, to);
    }
    return Collections.singletonList(to).iterator();
  }
}
