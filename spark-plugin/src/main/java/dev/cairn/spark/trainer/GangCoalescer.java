package dev.cairn.spark.trainer;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.rdd.PartitionCoalescer;
import org.apache.spark.rdd.PartitionGroup;
import org.apache.spark.rdd.RDD;
import scala.Option;

/** Groups the cached logical partitions into the tasks of a segment by a {@link GangLayout}. */
final class GangCoalescer implements PartitionCoalescer, Serializable {
  private static final long serialVersionUID = 1L;

  private final List<GangLayout.GangTask> tasks;

  GangCoalescer(GangLayout layout) {
    this.tasks = List.copyOf(layout.tasks());
  }

  @Override
  public PartitionGroup[] coalesce(int maxPartitions, RDD<?> parent) {
    PartitionGroup[] groups = new PartitionGroup[tasks.size()];
    for (int t = 0; t < groups.length; t++) {
      GangLayout.GangTask task = tasks.get(t);
      // Spark's text form of "this executor of this host" (TaskLocation).
      groups[t] =
          new PartitionGroup(Option.apply("executor_" + task.host() + "_" + task.executorId()));
      for (int p : task.partitions()) {
        groups[t].partitions().addOne(parent.partitions()[p]);
      }
    }
    return groups;
  }
}
