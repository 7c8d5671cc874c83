package dev.cairn.checkpoint.model;

import java.util.Map;

/** How good a model is on rows that it did not see, each row counting once. */
public sealed interface TestFigures permits BinaryFigures, ClassFigures, NumberFigures {
  /** How many rows were judged. */
  long rows();

  /** The model's own loss, the mean of a row; not a finite number if the model has diverged. */
  double loss();

  /**
   * The figures by the names that manifests and {@code metrics.json} have for them, in their order:
   * whole numbers, doubles, and lists of such maps. What is not defined is not there.
   */
  Map<String, Object> fields();
}
