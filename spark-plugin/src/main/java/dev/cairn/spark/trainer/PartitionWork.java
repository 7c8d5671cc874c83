package dev.cairn.spark.trainer;

import dev.cairn.spark.model.RowSet;

/** The work of one logical partition in a step, for {@link TaskSteps}. For one thread. */
public interface PartitionWork {
  /** The number of the partition. */
  int partition();

  /** Lists the rows that the batch of a step needs. */
  void rows(long step, RowSet wanted);

  /**
   * Computes the gradient of the batch of a step.
   *
   * @param at the rows that {@link #rows} listed for this step
   * @param values the values of these rows
   * @param gradients receives as many numbers
   * @return the sum of the losses of the batch
   */
  double gradient(long step, RowSet at, float[] values, float[] gradients);

  /** The number of samples of a step's batch. */
  int samples(long step);
}
