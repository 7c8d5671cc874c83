package dev.cairn.checkpoint;

/**
 * Rows of a FLOAT variable that are wanted, and where they go.
 *
 * @param key the variable
 * @param firstRow first row; a scalar has row 0 only
 * @param rows how many
 * @param into receives {@code rows} times the row's elements, row-major
 * @param offset where in {@code into}
 */
@SuppressWarnings("ArrayRecordComponent") // The array is the caller's, to be filled.
public record RowRequest(String key, long firstRow, long rows, float[] into, int offset) {}
