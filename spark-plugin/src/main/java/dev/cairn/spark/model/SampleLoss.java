package dev.cairn.spark.model;

import dev.cairn.spark.data.Batch;

/** A loss that is written for one sample; samples are summed in their order. */
public interface SampleLoss extends MarginLoss {
  /** The derivative of a sample's loss by its margin. */
  double derivative(double label, double margin);

  /**
   * The loss of a sample; not finite if the margin is not.
   *
   * @param derivative the result of {@link #derivative}, if that is of use
   */
  double loss(double label, double margin, double derivative);

  @Override
  default double derivatives(Batch batch, double[] margins) {
    float[] labels = batch.labels();
    float[] weights = batch.weights();
    int first = batch.firstSample();
    double sum = 0;
    for (int i = 0; i < batch.samples(); i++) {
      double label = labels[first + i];
      double weight = weights == null ? 1 : weights[first + i];
      double derivative = derivative(label, margins[i]);
      sum += weight * loss(label, margins[i], derivative);
      margins[i] = weight * derivative;
    }
    return sum;
  }
}
