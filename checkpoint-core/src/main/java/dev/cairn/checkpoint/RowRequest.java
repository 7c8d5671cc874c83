package dev.cairn.checkpoint;

import java.util.function.Supplier;

/**
 * Rows of a FLOAT variable that are wanted, and where they go.
 *
 * @param key the variable
 * @param firstRow first row; a scalar has row 0 only
 * @param rows how many
 * @param into gives what receives {@code rows} times the row's elements, row-major: the same array
 *     each time. It is asked when elements arrive, by the threads that read, so that they can make
 *     the arrays, too; not before, and not at all if there are none
 * @param offset where in {@code into}
 */
public record RowRequest(String key, long firstRow, long rows, Supplier<float[]> into, int offset) {

  /** Into an array that is there already. */
  public RowRequest(String key, long firstRow, long rows, float[] into, int offset) {
    this(key, firstRow, rows, () -> into, offset);
  }
}
