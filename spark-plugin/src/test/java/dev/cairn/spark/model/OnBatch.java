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
  private final int[] elementVariables;
  private final int[] elementPlaces;

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
    elementVariables = new int[values.length];
    elementPlaces = new int[values.length];
    int next = 0;
    for (int i = 0; i < at.count(); i++) {
      int row = at.rows()[i];
      int variable = layout.variableOfRow(row);
      int width = layout.variables().get(variable).width();
      for (int e = 0; e < width; e++) {
        elementRows[next] = row;
        elementVariables[next] = variable;
        elementPlaces[next++] = (row - layout.firstRow(variable)) * width + e;
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

  /** The variable that a number belongs to. */
  int variable(int element) {
    return elementVariables[element];
  }

  /** The place of a number among all of its variable, row after row. */
  int place(int element) {
    return elementPlaces[element];
  }

  /** Values from all numbers of each variable. */
  OnBatch with(double[][] variables) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) variables[elementVariables[i]][elementPlaces[i]];
    }
    return this;
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
