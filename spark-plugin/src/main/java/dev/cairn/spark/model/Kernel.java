package dev.cairn.spark.model;

import dev.cairn.spark.data.Batch;

/**
 * A model's mathematics on one batch, for training, judging and scoring. What it computes is a pure
 * function of batch and values, the same bits on every machine: double arithmetic in a fixed order,
 * {@link StrictMath} where {@link Math} leaves a choice. Keeps scratch memory for the largest batch
 * seen; for one thread.
 */
public interface Kernel {
  /** Says which rows of which variables a batch needs, in the order of the variables. */
  void rows(Batch batch, RowSet wanted);

  /**
   * Computes the loss of a batch and its gradient.
   *
   * @param at where each variable's numbers stand in the two arrays
   * @param values of the rows that the batch needs, row after row
   * @param gradients receives the gradient by each of these numbers, summed over the batch
   * @return the sum of the samples' losses, each times its weight; not a finite number if and only
   *     if training has diverged
   */
  double gradient(Batch batch, RowSet at, float[] values, float[] gradients);

  /** Computes the loss of a batch, as {@link #gradient} does. */
  double loss(Batch batch, RowSet at, float[] values);

  /** How many numbers {@link #scores} makes of a sample. */
  int outputs();

  /**
   * Scores each sample of a batch, before any link function: margins, one a sample or one a class.
   *
   * @param scores receives {@link #outputs} numbers a sample, sample after sample
   */
  void scores(Batch batch, RowSet at, float[] values, double[] scores);
}
