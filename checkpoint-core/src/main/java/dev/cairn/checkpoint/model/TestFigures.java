package dev.cairn.checkpoint.model;

/** How good a model is on rows that it did not see, each row counting once. */
public sealed interface TestFigures permits BinaryFigures, ClassFigures, NumberFigures {
  /** How many rows were judged. */
  long rows();

  /** The model's own loss, the mean of a row; not a finite number if the model has diverged. */
  double loss();
}
