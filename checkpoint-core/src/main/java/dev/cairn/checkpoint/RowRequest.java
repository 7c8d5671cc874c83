package dev.cairn.checkpoint;

import java.util.function.Supplier;

/**
 * A request for rows of a FLOAT variable, and the place that they go to.
 *
 * @param key the variable
 * @param firstRow first row; a scalar has row 0 only
 * @param rows the number of rows
 * @param into supplies the array that receives {@code rows} times the row's elements, row-major:
 *     the same array each time. The threads that read call it when elements arrive, so that they
 *     can make the arrays, too; not before, and not at all if there are no elements
 * @param offset place of the first element in {@code into}
 */
public record RowRequest(String key, long firstRow, long rows, Supplier<float[]> into, int offset) {

  /** Reads into an array that exists already. */
  public RowRequest(String key, long firstRow, long rows, float[] into, int offset) {
    this(key, firstRow, rows, () -> into, offset);
  }
}
