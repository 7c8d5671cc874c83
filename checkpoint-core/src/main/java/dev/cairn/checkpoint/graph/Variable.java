package dev.cairn.checkpoint.graph;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;

/** A tensor. Its values need not be here: those of a large one lie in the executors. */
public interface Variable extends Trackable {

  /** Type of the elements. */
  DType dtype();

  /** The whole shape, in however many slices it is stored. */
  Shape shape();
}
