package dev.cairn.spark.shard;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;

/**
 * The blocks of each shard in one generation: shard s owns the blocks {@code [blockBounds[s],
 * blockBounds[s+1])} and so the global rows {@code [rowBounds[s], rowBounds[s+1])}. They are
 * contiguous, complete, and possibly empty for some shards. Immutable, thread-safe.
 */
public final class ShardAssignment implements Serializable {
  private static final long serialVersionUID = 1;

  private final long generation;
  private final int[] blockBounds;
  private final int[] rowBounds;

  /**
   * Makes an assignment with given bounds.
   *
   * @param blockBounds n + 1 ascending block numbers, the first 0, the last the number of blocks
   * @throws IllegalArgumentException when the bounds do not cover the layout's blocks in order
   */
  public ShardAssignment(ParameterLayout layout, long generation, int[] blockBounds) {
    this.generation = generation;
    this.blockBounds = blockBounds.clone();
    this.rowBounds = new int[blockBounds.length];
    int shards = blockBounds.length - 1;
    if (shards < 1 || blockBounds[0] != 0 || blockBounds[shards] != layout.blocks()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot assign blocks to shards: expected bounds from 0 to %d, found %s",
              layout.blocks(),
              Arrays.toString(blockBounds)));
    }
    for (int s = 0; s < shards; s++) {
      if (blockBounds[s] > blockBounds[s + 1]) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Cannot assign blocks to shards: expected ascending bounds, found %s",
                Arrays.toString(blockBounds)));
      }
      rowBounds[s + 1] = layout.firstRowOfBlock(blockBounds[s + 1]);
    }
  }

  private ShardAssignment(long generation, int[] blockBounds, int[] rowBounds) {
    if (blockBounds.length < 2 || blockBounds.length != rowBounds.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot assign rows to shards: expected as many bounds of rows as of blocks, found %d"
                  + " and %d",
              rowBounds.length,
              blockBounds.length));
    }
    this.generation = generation;
    this.blockBounds = blockBounds.clone();
    this.rowBounds = rowBounds.clone();
  }

  /** The assignment that has these {@link #blockBounds} and {@link #rowBounds}. */
  public static ShardAssignment ofBounds(long generation, int[] blockBounds, int[] rowBounds) {
    return new ShardAssignment(generation, blockBounds, rowBounds);
  }

  /**
   * Cuts the layout's blocks into {@code shards} contiguous stretches of nearly equal bytes. More
   * shards than blocks leaves some shards empty.
   */
  public static ShardAssignment balanced(ParameterLayout layout, long generation, int shards) {
    if (shards < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot assign blocks to shards: expected at least 1 shard, found %d",
              shards));
    }
    int blocks = layout.blocks();
    long[] elementsBefore = new long[blocks + 1];
    for (int b = 0; b < blocks; b++) {
      elementsBefore[b + 1] = elementsBefore[b] + layout.block(b).elements();
    }
    int[] bounds = new int[shards + 1];
    int next = 0;
    for (int s = 1; s < shards; s++) {
      double wanted = (double) elementsBefore[blocks] * s / shards;
      while (next < blocks && (elementsBefore[next] + elementsBefore[next + 1]) / 2.0 < wanted) {
        next++;
      }
      bounds[s] = next;
    }
    bounds[shards] = blocks;
    return new ShardAssignment(layout, generation, bounds);
  }

  /** The generation of the membership that this assignment belongs to. */
  public long generation() {
    return generation;
  }

  /** The number of shards, 1 or more. */
  public int shards() {
    return blockBounds.length - 1;
  }

  /** The first block of a shard; {@code endBlock} when it owns none. */
  public int firstBlock(int shard) {
    return blockBounds[shard];
  }

  /** The block after the last of a shard. */
  public int endBlock(int shard) {
    return blockBounds[shard + 1];
  }

  /** The first global row of a shard. */
  public int firstRow(int shard) {
    return rowBounds[shard];
  }

  /** The global row after the last of a shard. */
  public int endRow(int shard) {
    return rowBounds[shard + 1];
  }

  /** The shard that owns a global row. */
  public int shardOfRow(int globalRow) {
    if (globalRow < 0 || globalRow >= rowBounds[shards()]) {
      throw new IndexOutOfBoundsException(
          String.format(
              Locale.ROOT,
              "Cannot find the shard of row %d: there are %d rows",
              globalRow,
              rowBounds[shards()]));
    }
    int low = 0;
    int high = shards() - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (rowBounds[middle + 1] <= globalRow) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * Cuts sorted rows by owner: the rows of shard s are {@code rows[cut[s] .. cut[s+1])}.
   *
   * @param rows ascending global row ids in {@code [from, to)}
   * @return n + 1 positions in {@code rows}, from {@code from} to {@code to}
   */
  public int[] split(int[] rows, int from, int to) {
    int[] cut = new int[rowBounds.length];
    cut[0] = from;
    for (int s = 0; s < shards(); s++) {
      cut[s + 1] = ParameterLayout.lowerBound(rows, cut[s], to, rowBounds[s + 1]);
    }
    if (cut[shards()] != to) {
      throw new IndexOutOfBoundsException(
          String.format(
              Locale.ROOT,
              "Cannot find the shard of row %d: there are %d rows",
              rows[cut[shards()]],
              rowBounds[shards()]));
    }
    return cut;
  }

  /** The n + 1 block bounds, a copy, as the transport sends them. */
  public int[] blockBounds() {
    return blockBounds.clone();
  }

  /** The n + 1 bounds of global rows, a copy. */
  public int[] rowBounds() {
    return rowBounds.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ShardAssignment assignment
        && generation == assignment.generation
        && Arrays.equals(blockBounds, assignment.blockBounds)
        && Arrays.equals(rowBounds, assignment.rowBounds);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(blockBounds) + Long.hashCode(generation);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "ShardAssignment[generation=%d, blockBounds=%s]",
        generation,
        Arrays.toString(blockBounds));
  }
}
