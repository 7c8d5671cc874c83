package dev.cairn.spark.shard;

import java.util.Optional;

/** The blocks of one owner: values and optimizer slots. Thread-safe. */
@SuppressWarnings("DoNotCallSuggester")
public final class ParameterShard {

  /** A shard of the blocks {@code [firstBlock, endBlock)}: zero values, slots at their initial. */
  public ParameterShard(
      ParameterLayout layout, int firstBlock, int endBlock, RowOptimizer optimizer) {
    throw new UnsupportedOperationException();
  }

  /** The layout that this shard is a part of. */
  public ParameterLayout layout() {
    throw new UnsupportedOperationException();
  }

  /** First block that this shard owns. */
  public int firstBlock() {
    throw new UnsupportedOperationException();
  }

  /** The block after the last that this shard owns. */
  public int endBlock() {
    throw new UnsupportedOperationException();
  }

  /** The optimizer. */
  public RowOptimizer optimizer() {
    throw new UnsupportedOperationException();
  }

  /**
   * Copies the values of {@code rows[from..to)} one after the other to {@code out}.
   *
   * @param rows ascending global row ids, all owned by this shard
   * @return the position in {@code out} after the last number written
   */
  public int gather(int[] rows, int from, int to, float[] out, int outOffset) {
    throw new UnsupportedOperationException();
  }

  /**
   * Replaces one block of a variable, or of one of its slots.
   *
   * @param block number of the block in the layout
   * @param slot name of the slot, empty for the values
   * @param values all numbers of the block, copied
   */
  public void loadBlock(int block, Optional<String> slot, float[] values) {
    throw new UnsupportedOperationException();
  }

  /** The shard as it is now, in time proportional to the number of blocks. */
  public FrozenShard freeze() {
    throw new UnsupportedOperationException();
  }

  /** Bytes that copy-on-write has copied since this shard was made. */
  public long copiedBytes() {
    throw new UnsupportedOperationException();
  }
}
