package dev.cairn.spark.trainer;

import dev.cairn.spark.model.RowSet;

/** The work of one logical partition in a step; {@link TaskSteps} asks for it. For one thread. */
public interface PartitionWork {
  /** Number of the partition. */
  int partition();

  /** Says which rows the batch of a step needs. */
  void rows(long step, RowSet wanted);

  /**
   * Computes the gradient of the batch of a step.
   *
   * @param at what {@link #rows} said of this step
   * @param values of these rows
   * @param gradients receives as many numbers
   * @return the sum of the losses of the batch
   */
  double gradient(long step, RowSet at, float[] values, float[] gradients);

  /** How many samples the batch of a step has. */
  int samples(long step);
}
