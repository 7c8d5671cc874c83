package dev.cairn.spark.shard;

import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * Sums the partitions' contributions to one step and hands the sums on. Not thread-safe.
 *
 * <p>Addends are sorted by row, so the sum walks all of them together, one window of rows at a
 * time: in a window, partition after partition adds to a small dense table, whose touched rows are
 * then handed on. No row is ever compared with another partition's. A window is an aligned power of
 * two of rows within one block: small enough that its table stays in a core's own cache, large
 * enough that a visit to a partition finds several rows there. Memory is that of one window, or of
 * one row if that is wider.
 */
final class GradientSum {

  /** Receives the sums. */
  interface Taker {
    /**
     * Receives sums of one block.
     *
     * @param block number of the block in the layout
     * @param places positions in the block, all distinct
     * @param count the number of these positions
     * @param sums summed gradient of the number at each of the places; may be changed
     */
    void take(int block, int[] places, int count, double[] sums);
  }

  private static final int NONE = Integer.MAX_VALUE;

  private final ParameterLayout layout;
  private final int windowElements;

  /** The first row of each partition that is still to be summed, {@link #NONE} if there is none. */
  private final int[] heads;

  private final int[] next;
  private final int[] nextGradient;
  private final double[] table;
  private final byte[] touched;
  private final int[] touchedRows;
  private final int[] places;
  private final double[] sums;

  /**
   * Creates the scratch memory for a layout.
   *
   * @param windowElements the numbers in a window, a power of two
   */
  GradientSum(ParameterLayout layout, int partitions, int windowElements) {
    this.layout = layout;
    this.windowElements = windowElements;
    this.heads = new int[partitions];
    this.next = new int[partitions];
    this.nextGradient = new int[partitions];
    int widest = layout.variables().stream().mapToInt(ParameterVariable::width).max().orElse(1);
    int elements = Math.max(windowElements, widest);
    this.table = new double[elements];
    this.sums = new double[elements];
    // One place more: a row is written to the list before it is known to be new.
    this.touched = new byte[windowElements];
    this.touchedRows = new int[windowElements + 1];
    this.places = new int[elements];
  }

  /** Sums in the order of the array; hands on every touched row once. */
  void touched(Addend[] addends, Taker taker) {
    start(addends);
    touchedBefore(NONE, addends, taker);
  }

  /**
   * Does the same as {@link #touched}, but for some variables hands every row on.
   *
   * @param firstBlock first block of the shard
   * @param endBlock the block after its last
   * @param dense whether that is so for a variable
   */
  void dense(Addend[] addends, int firstBlock, int endBlock, IntPredicate dense, Taker taker) {
    start(addends);
    int block = firstBlock;
    while (block < endBlock) {
      int variable = layout.variableOfBlock(block);
      int end = Math.min(endBlock, layout.firstBlock(variable + 1));
      if (dense.test(variable)) {
        all(addends, block, end, taker);
      } else {
        touchedBefore(layout.firstRowOfBlock(end), addends, taker);
      }
      block = end;
    }
  }

  private void touchedBefore(int endRow, Addend[] addends, Taker taker) {
    for (int row = lowest(); row < endRow; row = lowest()) {
      int block = layout.blockOfRow(row);
      ParameterLayout.Block where = layout.block(block);
      int width = where.variable().width();
      int windowRows = windowRows(width);
      int first = (row - where.firstGlobalRow()) & -windowRows;
      int firstGlobal = where.firstGlobalRow() + first;
      int endGlobal = endOfWindow(where, firstGlobal, windowRows);
      int rows =
          width == 1
              ? addNarrow(addends, firstGlobal, endGlobal)
              : addWide(addends, firstGlobal, endGlobal, width);
      int count = width == 1 ? flushNarrow(rows, first) : flushWide(rows, first, width);
      taker.take(block, places, count, sums);
    }
  }

  /** Hands on every row of some blocks; the sum of a row without gradients is 0. */
  private void all(Addend[] addends, int firstBlock, int endBlock, Taker taker) {
    for (int block = firstBlock; block < endBlock; block++) {
      ParameterLayout.Block where = layout.block(block);
      int width = where.variable().width();
      int windowRows = windowRows(width);
      for (int first = 0; first < where.rows(); first += windowRows) {
        int firstGlobal = where.firstGlobalRow() + first;
        int endGlobal = endOfWindow(where, firstGlobal, windowRows);
        int unused =
            width == 1
                ? addNarrow(addends, firstGlobal, endGlobal)
                : addWide(addends, firstGlobal, endGlobal, width);
        int count = flushAll(endGlobal - firstGlobal, first, width);
        taker.take(block, places, count, sums);
      }
    }
  }

  private void start(Addend[] addends) {
    for (int p = 0; p < addends.length; p++) {
      next[p] = addends[p].from();
      nextGradient[p] = addends[p].gradientOffset();
      advanced(p, addends[p]);
    }
  }

  private int windowRows(int width) {
    return Integer.highestOneBit(Math.max(1, windowElements / width));
  }

  /**
   * The end of a window: a full block is a power of two of rows, at least a window or else the only
   * window.
   */
  private static int endOfWindow(ParameterLayout.Block where, int firstGlobal, int windowRows) {
    return (int)
        Math.min((long) firstGlobal + windowRows, (long) where.firstGlobalRow() + where.rows());
  }

  private void advanced(int p, Addend addend) {
    heads[p] = next[p] < addend.to() ? addend.rows()[next[p]] : NONE;
  }

  /** The lowest row that is still to be summed, {@link #NONE} if there is none. */
  private int lowest() {
    int lowest = NONE;
    for (int head : heads) {
      lowest = Math.min(lowest, head);
    }
    return lowest;
  }

  private int addNarrow(Addend[] addends, int first, int end) {
    int count = 0;
    for (int p = 0; p < addends.length; p++) {
      if (heads[p] >= end) {
        continue;
      }
      int[] rows = addends[p].rows();
      float[] gradients = addends[p].gradients();
      int to = addends[p].to();
      int k = next[p];
      int shift = nextGradient[p] - k;
      for (; k < to && rows[k] < end; k++) {
        int row = rows[k] - first;
        touchedRows[count] = row;
        count += 1 - touched[row];
        touched[row] = 1;
        table[row] += gradients[k + shift];
      }
      next[p] = k;
      nextGradient[p] = k + shift;
      advanced(p, addends[p]);
    }
    return count;
  }

  private int addWide(Addend[] addends, int first, int end, int width) {
    int count = 0;
    for (int p = 0; p < addends.length; p++) {
      if (heads[p] >= end) {
        continue;
      }
      int[] rows = addends[p].rows();
      float[] gradients = addends[p].gradients();
      int to = addends[p].to();
      int k = next[p];
      int g = nextGradient[p];
      for (; k < to && rows[k] < end; k++) {
        int row = rows[k] - first;
        touchedRows[count] = row;
        count += 1 - touched[row];
        touched[row] = 1;
        for (int e = row * width; e < (row + 1) * width; e++) {
          table[e] += gradients[g++];
        }
      }
      next[p] = k;
      nextGradient[p] = g;
      advanced(p, addends[p]);
    }
    return count;
  }

  /** Moves the touched rows' sums out of the table, leaves it all zero, and counts numbers. */
  private int flushNarrow(int rows, int firstRow) {
    for (int i = 0; i < rows; i++) {
      int row = touchedRows[i];
      touched[row] = 0;
      places[i] = firstRow + row;
      sums[i] = table[row];
      table[row] = 0;
    }
    return rows;
  }

  /** Does the same as {@link #flushNarrow} for rows of several numbers. */
  private int flushWide(int rows, int firstRow, int width) {
    int at = 0;
    for (int i = 0; i < rows; i++) {
      int row = touchedRows[i];
      touched[row] = 0;
      for (int e = row * width; e < (row + 1) * width; e++) {
        places[at] = firstRow * width + e;
        sums[at++] = table[e];
        table[e] = 0;
      }
    }
    return at;
  }

  /** Moves all sums of a window out of the table, leaves it all zero, and counts numbers. */
  private int flushAll(int rows, int firstRow, int width) {
    int count = rows * width;
    Arrays.fill(touched, 0, rows, (byte) 0);
    for (int e = 0; e < count; e++) {
      places[e] = firstRow * width + e;
      sums[e] = table[e];
      table[e] = 0;
    }
    return count;
  }

  /**
   * One partition's gradients.
   *
   * @param rows strictly ascending global row ids at {@code [from, to)}
   * @param gradients one after the other from {@code gradientOffset}
   */
  record Addend(int[] rows, int from, int to, float[] gradients, int gradientOffset) {}
}
