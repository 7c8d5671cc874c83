package dev.cairn.checkpoint.model;

import java.util.Map;

/** Figures of the quality of a model on rows that it was not trained on, each row counting once. */
public sealed interface TestFigures permits BinaryFigures, ClassFigures, NumberFigures {
  /** The number of rows that were judged. */
  long rows();

  /** The model's own loss, the mean of a row; not a finite number if the model has diverged. */
  double loss();

  /**
   * The figures by the names that manifests and {@code metrics.json} have for them, in their order:
   * whole numbers, doubles, and lists of such maps. Figures that are not defined are left out.
   */
  Map<String, Object> fields();
}
