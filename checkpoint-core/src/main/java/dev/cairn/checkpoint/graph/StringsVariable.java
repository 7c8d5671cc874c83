package dev.cairn.checkpoint.graph;

import java.util.List;

/** A variable of type STRING whose elements are at hand and can be replaced. */
public interface StringsVariable extends Variable {

  /** The elements, row-major, as bytes. */
  List<byte[]> elements();

  /**
   * Replaces all elements. Never fails for as many as the shape has.
   *
   * @param elements as many as the shape has, row-major
   */
  void assign(List<byte[]> elements);
}
