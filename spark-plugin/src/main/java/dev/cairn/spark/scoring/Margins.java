package dev.cairn.spark.scoring;

import java.io.Serializable;
import org.apache.spark.ml.linalg.Vector;

/**
 * Scores rows on the driver, and on executors, where it arrives serialised inside an expression. So
 * it holds the way to a model's parameters, not the parameters. Thread-safe.
 */
public interface Margins extends Serializable {

  /** The number of a row's scores: one, or one a class. */
  int outputs();

  /**
   * Computes the margins of one row, before any link function: for a linear model {@code offset +
   * intercept + weights x features}. They have the bits that judging gives the row.
   *
   * @param features a vector of as many features as the model has
   * @param offset the number that is added to the margin; 0 for none
   * @param out receives {@link #outputs} numbers
   * @throws IllegalStateException if the parameters cannot be read
   */
  void scores(Vector features, double offset, double[] out);

  /**
   * Computes the margins of one row, and its loss.
   *
   * @param offset the same as for {@link #scores}
   * @param label a label of the model's kind
   * @param out receives {@link #outputs} numbers
   * @return the loss
   * @throws IllegalStateException if the parameters cannot be read
   */
  double loss(Vector features, double offset, double label, double[] out);
}
