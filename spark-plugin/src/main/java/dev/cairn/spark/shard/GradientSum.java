package dev.cairn.spark.shard;

/**
 * Sums the contributions of one step and applies them. Not thread-safe.
 *
 * <p>Contributions are sorted by row, so the sum walks all of them together, one window of rows at
 * a time: in a window, partition after partition adds to a small dense table, whose touched rows
 * then go to the optimizer. No row is ever compared with another partition's. A window is an
 * aligned power of two of rows within one block; its table stays in the processor's nearest cache.
 * Memory is that of one window, or of one row if that is wider.
 */
final class GradientSum {
  private final ParameterLayout layout;
  private final int windowElements;
  private final int[] next;
  private final int[] nextGradient;
  private final double[] table;
  private final byte[] touched;
  private final int[] touchedRows;
  private final int[] starts;
  private final double[] sums;

  /**
   * Creates the scratch memory for a layout.
   *
   * @param windowElements numbers in a window, a power of two
   */
  GradientSum(ParameterLayout layout, int partitions, int windowElements) {
    this.layout = layout;
    this.windowElements = windowElements;
    this.next = new int[partitions];
    this.nextGradient = new int[partitions];
    int widest = layout.variables().stream().mapToInt(ParameterVariable::width).max().orElse(1);
    int elements = Math.max(windowElements, widest);
    this.table = new double[elements];
    this.sums = new double[elements];
    // One place more: a row is written to the list before it is known to be new.
    this.touched = new byte[windowElements];
    this.touchedRows = new int[windowElements + 1];
    this.starts = new int[windowElements];
  }

  /** Sums in the order of the array and applies the optimizer once per touched row. */
  void apply(Contribution[] contributions, BlockTable shard) {
    for (int p = 0; p < contributions.length; p++) {
      next[p] = contributions[p].from();
      nextGradient[p] = contributions[p].gradientOffset();
    }
    for (int row = lowest(contributions); row != Integer.MAX_VALUE; row = lowest(contributions)) {
      int block = layout.blockOfRow(row);
      ParameterLayout.Block where = layout.block(block);
      int width = where.variable().width();
      int windowRows = Integer.highestOneBit(Math.max(1, windowElements / width));
      int first = (row - where.firstGlobalRow()) & -windowRows;
      int firstGlobal = where.firstGlobalRow() + first;
      // A full block is a power of two of rows, at least a window or else the only window.
      int endGlobal =
          (int)
              Math.min(
                  (long) firstGlobal + windowRows, (long) where.firstGlobalRow() + where.rows());
      int rows =
          width == 1
              ? addNarrow(contributions, firstGlobal, endGlobal)
              : addWide(contributions, firstGlobal, endGlobal, width);
      flush(rows, first, width);
      shard.apply(block, starts, rows, sums);
    }
  }

  /** The lowest row that is still to be summed, the largest int if there is none. */
  private int lowest(Contribution[] contributions) {
    int lowest = Integer.MAX_VALUE;
    for (int p = 0; p < contributions.length; p++) {
      if (next[p] < contributions[p].to()) {
        lowest = Math.min(lowest, contributions[p].rows()[next[p]]);
      }
    }
    return lowest;
  }

  private int addNarrow(Contribution[] contributions, int first, int end) {
    int count = 0;
    for (int p = 0; p < contributions.length; p++) {
      int[] rows = contributions[p].rows();
      float[] gradients = contributions[p].gradients();
      int to = contributions[p].to();
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
    }
    return count;
  }

  private int addWide(Contribution[] contributions, int first, int end, int width) {
    int count = 0;
    for (int p = 0; p < contributions.length; p++) {
      int[] rows = contributions[p].rows();
      float[] gradients = contributions[p].gradients();
      int to = contributions[p].to();
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
    }
    return count;
  }

  /** Moves the touched rows' sums out of the table and leaves it all zero. */
  private void flush(int rows, int firstRow, int width) {
    int at = 0;
    for (int i = 0; i < rows; i++) {
      int row = touchedRows[i];
      touched[row] = 0;
      starts[i] = (firstRow + row) * width;
      for (int e = row * width; e < (row + 1) * width; e++) {
        sums[at++] = table[e];
        table[e] = 0;
      }
    }
  }

  /**
   * One partition's gradients.
   *
   * @param rows strictly ascending global row ids at {@code [from, to)}
   * @param gradients one after the other from {@code gradientOffset}
   */
  record Contribution(int[] rows, int from, int to, float[] gradients, int gradientOffset) {}
}
