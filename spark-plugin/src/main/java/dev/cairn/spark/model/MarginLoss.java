package dev.cairn.spark.model;

import dev.cairn.spark.data.Batch;

/** A loss of one margin a sample, {@code w x + bias}: what tells linear models apart. */
interface MarginLoss {
  /**
   * Replaces the margins of a batch's samples by the derivatives of their losses, each times its
   * weight, and returns the sum of the losses.
   *
   * @return not a finite number if and only if a margin is not finite, or a loss beyond all doubles
   */
  double derivatives(Batch batch, double[] margins);
}
