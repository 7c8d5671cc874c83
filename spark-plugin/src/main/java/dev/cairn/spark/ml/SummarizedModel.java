package dev.cairn.spark.ml;

/** A model with a summary of its training, as MLlib's have one. */
public interface SummarizedModel extends ModelState.Owner {
  /** Whether there is a summary: in the program that trained the model. */
  default boolean hasSummary() {
    return state().trained() != null;
  }
}
