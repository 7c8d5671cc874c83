package dev.cairn.spark.model;

import dev.cairn.spark.data.Batch;

/**
 * A model's mathematics on one batch, for training, judging and scoring. Its results are a pure
 * function of batch and values, the same bits on every machine: double arithmetic in a fixed order,
 * {@link StrictMath} where {@link Math} leaves a choice. It keeps scratch memory for the largest
 * batch so far; for one thread.
 */
public interface Kernel {
  /** Lists the rows of variables that a batch needs, in the order of the variables. */
  void rows(Batch batch, RowSet wanted);

  /**
   * Computes the loss of a batch and its gradient.
   *
   * @param at the place of each variable's numbers in the two arrays
   * @param values the values of the rows that the batch needs, row after row
   * @param gradients receives the gradient by each of these numbers, summed over the batch
   * @return the sum of the samples' losses, each times its weight; not a finite number if and only
   *     if training has diverged
   */
  double gradient(Batch batch, RowSet at, float[] values, float[] gradients);

  /** Computes the loss of a batch, as {@link #gradient} does. */
  double loss(Batch batch, RowSet at, float[] values);

  /** The number of a sample's {@link #scores}. */
  int outputs();

  /**
   * Scores each sample of a batch, before any link function: margins, one a sample or one a class.
   *
   * @param scores receives {@link #outputs} numbers a sample, sample after sample
   */
  void scores(Batch batch, RowSet at, float[] values, double[] scores);
}
