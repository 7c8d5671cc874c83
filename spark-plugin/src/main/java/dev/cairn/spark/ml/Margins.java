package dev.cairn.spark.ml;

import java.io.Serializable;
import org.apache.spark.ml.linalg.Vector;

/**
 * Scores rows wherever it is: on the driver, and on executors, where it arrives serialised inside
 * an expression. So it holds the way to a model's weights, not the weights. Thread-safe.
 */
interface Margins extends Serializable {

  /**
   * The margin of one row, {@code intercept + weights x features}: the logarithm of the odds of
   * label 1.
   *
   * @param features a vector of as many features as the model has
   * @throws IllegalStateException if the weights cannot be read
   */
  double margin(Vector features);
}
