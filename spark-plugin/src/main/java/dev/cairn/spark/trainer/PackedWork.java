package dev.cairn.spark.trainer;

import dev.cairn.spark.data.Batch;
import dev.cairn.spark.data.BatchOrder;
import dev.cairn.spark.data.PackedPartition;
import dev.cairn.spark.model.Kernel;
import dev.cairn.spark.model.RowSet;

/** A model's kernel on the batches of one packed partition. For one thread. */
final class PackedWork implements PartitionWork {
  private final PackedPartition packed;
  private final Kernel kernel;
  private final BatchOrder order;
  private final long epochStart;

  /**
   * Makes the work on a partition.
   *
   * @param kernel the thread's kernel
   * @param epochStart the step at which epoch 0 of this data began
   */
  PackedWork(PackedPartition packed, Kernel kernel, BatchOrder order, long epochStart) {
    this.packed = packed;
    this.kernel = kernel;
    this.order = order;
    this.epochStart = epochStart;
  }

  @Override
  public int partition() {
    return packed.partition();
  }

  private Batch batch(long step) {
    return packed.batch(order.batch(step - epochStart));
  }

  @Override
  public void rows(long step, RowSet wanted) {
    var unused = wanted.fill(kernel, batch(step));
  }

  @Override
  public double gradient(long step, RowSet at, float[] values, float[] gradients) {
    return kernel.gradient(batch(step), at, values, gradients);
  }

  @Override
  public int samples(long step) {
    return batch(step).samples();
  }
}
