package dev.cairn.spark.model;

import dev.cairn.spark.data.Batch;
import dev.cairn.spark.shard.ParameterLayout;
import java.util.function.IntToDoubleFunction;

/** A kernel on one batch, with the values of the rows that it wants. */
final class OnBatch {
  final Batch batch;
  final RowSet at;
  final float[] values;
  final float[] gradients;
  private final Kernel kernel;
  private final int[] elementRows;

  /**
   * Values that are all 0.
   *
   * @param kernel one of the model's, which may have computed something else before
   */
  OnBatch(Model model, Kernel kernel, Batch batch) {
    this.kernel = kernel;
    this.batch = batch;
    ParameterLayout layout = model.layout();
    at = new RowSet(layout).fill(kernel, batch);
    values = new float[at.elements()];
    gradients = new float[at.elements()];
    elementRows = new int[values.length];
    int next = 0;
    for (int i = 0; i < at.count(); i++) {
      int width = layout.variables().get(layout.variableOfRow(at.rows()[i])).width();
      for (int e = 0; e < width; e++) {
        elementRows[next++] = at.rows()[i];
      }
    }
  }

  /** Values by the global row; for variables of one number a row. */
  OnBatch withRows(IntToDoubleFunction valueOfRow) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) valueOfRow.applyAsDouble(elementRows[i]);
    }
    return this;
  }

  /** The global row that a number belongs to. */
  int row(int element) {
    return elementRows[element];
  }

  double gradient() {
    return kernel.gradient(batch, at, values, gradients);
  }

  double loss() {
    return kernel.loss(batch, at, values);
  }

  double[] scores() {
    double[] scores = new double[batch.samples() * kernel.outputs()];
    kernel.scores(batch, at, values, scores);
    return scores;
  }
}
