package dev.cairn.spark.shard;

import java.io.Serializable;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The places of all rows of a model: the variables' rows one after the other (global row ids {@code
 * [0, totalRows)}), and the blocks that they are cut into. Pure arithmetic, without owners.
 * Immutable, thread-safe.
 *
 * <p>Every variable has at least one block, so that a variable without rows has an owner, too,
 * which writes its empty slice. Otherwise a block has {@link #rowsPerBlock(long, int)} rows, and
 * the last one of a variable has the rest.
 */
public final class ParameterLayout implements Serializable {
  private static final long serialVersionUID = 1;

  /** The fewest bytes of a block, unless the variable is smaller or one row is larger. */
  static final long SMALLEST_BLOCK_BYTES = 256 << 10;

  /** The most bytes to which blocks grow to keep a variable at {@link #WANTED_BLOCKS} or fewer. */
  static final long LARGEST_BLOCK_BYTES = 4 << 20;

  /** The most blocks of a variable as long as blocks may still grow. */
  static final long WANTED_BLOCKS = 4096;

  private final ParameterVariable[] variables;
  private final int[] firstRowOfVariable;
  private final int[] firstBlockOfVariable;
  private final int[] blockShiftOfVariable;

  /**
   * Lays out the variables in the given order.
   *
   * @throws IllegalArgumentException when a name comes twice, or there are more than 2^31 - 1 rows
   */
  public ParameterLayout(List<ParameterVariable> variables) {
    this.variables = variables.toArray(ParameterVariable[]::new);
    this.firstRowOfVariable = new int[this.variables.length + 1];
    this.firstBlockOfVariable = new int[this.variables.length + 1];
    this.blockShiftOfVariable = new int[this.variables.length];
    Set<String> names = new HashSet<>();
    long rows = 0;
    long blocks = 0;
    for (int v = 0; v < this.variables.length; v++) {
      ParameterVariable variable = this.variables[v];
      if (!names.add(variable.name())) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Cannot lay out variables: the name %s comes twice, expected distinct names",
                variable.name()));
      }
      rows += Math.min(variable.rows(), Integer.MAX_VALUE + 1L);
      int perBlock = rowsPerBlock(variable.rows(), variable.width());
      blockShiftOfVariable[v] = Integer.numberOfTrailingZeros(perBlock);
      blocks += blocksOf(variable.rows(), perBlock);
      if (rows > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Cannot lay out variables: too many rows up to %s, expected at most %d in all",
                variable.name(),
                Integer.MAX_VALUE));
      }
      firstRowOfVariable[v + 1] = (int) rows;
      firstBlockOfVariable[v + 1] = Math.toIntExact(blocks);
    }
  }

  /**
   * The layout of the same variables, some of which have other numbers of rows.
   *
   * @param rows those numbers, by the variables' names
   */
  public ParameterLayout withRows(Map<String, Long> rows) {
    return new ParameterLayout(
        variables().stream()
            .map(one -> one.withRows(rows.getOrDefault(one.name(), one.rows())))
            .toList());
  }

  /**
   * The rows of a full block of a variable: a power of two, a pure function of the shape. Blocks
   * have 256 KiB, doubled up to 4 MiB while the variable has more than 4096 of them.
   */
  public static int rowsPerBlock(long rows, int width) {
    long rowBytes = (long) width * Float.BYTES;
    long perBlock = Long.highestOneBit(Math.max(1, SMALLEST_BLOCK_BYTES / rowBytes));
    while (blocksOf(rows, perBlock) > WANTED_BLOCKS
        && 2 * perBlock * rowBytes <= LARGEST_BLOCK_BYTES) {
      perBlock *= 2;
    }
    return (int) perBlock;
  }

  private static long blocksOf(long rows, long perBlock) {
    return Math.max(1, (rows + perBlock - 1) / perBlock);
  }

  /** The variables in order. */
  public List<ParameterVariable> variables() {
    return List.of(variables);
  }

  /** The global id of the first row of a variable; {@code variables().size()} gives the total. */
  public int firstRow(int variable) {
    return firstRowOfVariable[variable];
  }

  /** The number of rows of all variables together. */
  public int totalRows() {
    return firstRowOfVariable[variables.length];
  }

  /** The number of blocks of all variables together. */
  public int blocks() {
    return firstBlockOfVariable[variables.length];
  }

  /** The first block of a variable; {@code variables().size()} gives the number of all blocks. */
  public int firstBlock(int variable) {
    return firstBlockOfVariable[variable];
  }

  /** The number of numbers in a row of a variable. */
  int width(int variable) {
    return variables[variable].width();
  }

  /** The binary logarithm of the rows in a full block of a variable. */
  int blockShift(int variable) {
    return blockShiftOfVariable[variable];
  }

  /** Block {@code index}, {@code 0 <= index < blocks()}. */
  public Block block(int index) {
    if (index < 0 || index >= blocks()) {
      throw new IndexOutOfBoundsException(
          String.format(
              Locale.ROOT, "Cannot find block %d: the layout has %d blocks", index, blocks()));
    }
    int v = last(firstBlockOfVariable, index);
    ParameterVariable variable = variables[v];
    int shift = blockShiftOfVariable[v];
    long first = (long) (index - firstBlockOfVariable[v]) << shift;
    int rows = (int) Math.min(1L << shift, variable.rows() - first);
    return new Block(index, variable, first, rows, firstRowOfVariable[v] + (int) first);
  }

  /** The number of numbers in the blocks {@code [firstBlock, endBlock)} together. */
  public long elements(int firstBlock, int endBlock) {
    long elements = 0;
    for (int b = firstBlock; b < endBlock; b++) {
      elements += block(b).elements();
    }
    return elements;
  }

  /** Sums numbers of all blocks, one a block, by their variables, in the order of the blocks. */
  public double[] sumsOfVariables(double[] ofBlocks) {
    double[] sums = new double[variables.length];
    for (int v = 0; v < sums.length; v++) {
      for (int b = firstBlockOfVariable[v]; b < firstBlockOfVariable[v + 1]; b++) {
        sums[v] += ofBlocks[b];
      }
    }
    return sums;
  }

  /**
   * The global id of the first row of a block; {@code block == blocks()} gives the total of rows.
   */
  int firstRowOfBlock(int block) {
    return block == blocks() ? totalRows() : block(block).firstGlobalRow();
  }

  /** The variable, by position in {@link #variables()}, that a global row belongs to. */
  public int variableOfRow(int globalRow) {
    checkRow(globalRow);
    return last(firstRowOfVariable, globalRow);
  }

  /** The variable, by position in {@link #variables()}, that a block belongs to. */
  int variableOfBlock(int block) {
    return last(firstBlockOfVariable, block);
  }

  /** The block that a global row lies in. */
  public int blockOfRow(int globalRow) {
    int v = variableOfRow(globalRow);
    return firstBlockOfVariable[v]
        + ((globalRow - firstRowOfVariable[v]) >>> blockShiftOfVariable[v]);
  }

  /**
   * The number of numbers in the rows {@code rows[from..to)} together: the length of their values
   * or gradients when these are laid one after the other.
   *
   * @param rows global row ids, ascending from {@code from} to {@code to}
   */
  public long elements(int[] rows, int from, int to) {
    long elements = 0;
    int next = from;
    while (next < to) {
      int v = variableOfRow(rows[next]);
      int end = lowerBound(rows, next, to, firstRowOfVariable[v + 1]);
      elements += (long) (end - next) * variables[v].width();
      next = end;
    }
    return elements;
  }

  /**
   * The first index in {@code [from, to)} of a sorted array whose element is {@code >= key}, else
   * to.
   */
  static int lowerBound(int[] sorted, int from, int to, int key) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < key) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The last v with {@code starts[v] <= key}: it skips empty ones, which end where they start. */
  private static int last(int[] starts, int key) {
    int v = Arrays.binarySearch(starts, key);
    if (v < 0) {
      return -v - 2;
    }
    while (v + 1 < starts.length && starts[v + 1] == key) {
      v++;
    }
    return v;
  }

  private void checkRow(int globalRow) {
    if (globalRow < 0 || globalRow >= totalRows()) {
      throw new IndexOutOfBoundsException(
          String.format(
              Locale.ROOT, "Cannot find row %d: the layout has %d rows", globalRow, totalRows()));
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ParameterLayout layout && Arrays.equals(variables, layout.variables);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(variables);
  }

  @Override
  public String toString() {
    return "ParameterLayout" + Arrays.toString(variables);
  }

  /**
   * A range of rows of one variable.
   *
   * @param index position among all blocks of the layout
   * @param firstRow first row within the variable
   * @param rows the number of rows in this block, 0 only for a variable without rows
   * @param firstGlobalRow global id of {@code firstRow}
   */
  public record Block(
      int index, ParameterVariable variable, long firstRow, int rows, int firstGlobalRow) {

    /** The number of numbers in this block: rows times width. */
    public int elements() {
      return Math.multiplyExact(rows, variable.width());
    }
  }
}
