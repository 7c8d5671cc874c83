package dev.cairn.spark.shard;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.spark.optimizer.Optimizer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;

/**
 * The blocks of one owner: values and optimizer slots.
 *
 * <p>Thread-safe: every call is atomic. A step ({@link StepAggregator#apply}) excludes everything
 * else; gathers run side by side. So a gather or a freeze gets whole steps only, and a {@link
 * FrozenShard} never changes: before a number that it still holds is changed first, it is kept. The
 * guarantee is for one shard: the caller makes sure that all shards are frozen after the same step.
 */
public final class ParameterShard {
  private final ParameterLayout layout;
  private final int firstBlock;
  private final int endBlock;
  private final Optimizer optimizer;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  @GuardedBy("lock")
  private final BlockTable table;

  private volatile boolean unwanted;

  /** A block of a variable (no slot) or of one of its slots. */
  public record Piece(ParameterLayout.Block block, Optional<String> slot) {}

  private ParameterShard(
      ParameterLayout layout, int firstBlock, int endBlock, Optimizer optimizer, BlockTable t) {
    this.layout = layout;
    this.firstBlock = firstBlock;
    this.endBlock = endBlock;
    this.optimizer = optimizer;
    this.table = t;
  }

  /**
   * Makes a shard of the blocks {@code [firstBlock, endBlock)}, with values and slots at their
   * initial values.
   */
  public ParameterShard(ParameterLayout layout, int firstBlock, int endBlock, Optimizer optimizer) {
    this(
        layout,
        firstBlock,
        endBlock,
        optimizer,
        new BlockTable(layout, firstBlock, endBlock, optimizer));
    table.initialise();
  }

  /**
   * Makes a shard that has no values yet and takes no memory for them: fill every {@link #missing}
   * piece, or {@link #initialise} it, before anything else.
   */
  public static ParameterShard empty(
      ParameterLayout layout, int firstBlock, int endBlock, Optimizer optimizer) {
    BlockTable table = new BlockTable(layout, firstBlock, endBlock, optimizer);
    return new ParameterShard(layout, firstBlock, endBlock, optimizer, table);
  }

  /** The bytes of the values and slots of the blocks {@code [firstBlock, endBlock)}. */
  public static long stateBytes(
      ParameterLayout layout, int firstBlock, int endBlock, Optimizer optimizer) {
    long numbers = 0;
    for (int b = firstBlock; b < endBlock; b++) {
      ParameterLayout.Block block = layout.block(b);
      int slots = optimizer.of(block.variable().name()).slots().size();
      numbers += (long) block.elements() * (1 + slots);
    }
    return numbers * Float.BYTES;
  }

  /** Sets values and slots to their initial values. */
  public void initialise() {
    update(BlockTable::initialise);
  }

  /** Sets missing slots to their initial values: the optimizer begins anew. */
  public void initialiseSlots() {
    update(BlockTable::initialiseSlots);
  }

  /** Marks this shard as not needed any more: a thread that still fills it may stop. */
  public void release() {
    unwanted = true;
  }

  /** Whether this shard is still needed. */
  public boolean wanted() {
    return !unwanted;
  }

  /** The pieces that have no values yet, in the order in which they lie in files. */
  public List<Piece> missing() {
    lock.readLock().lock();
    try {
      return table.missing();
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * Takes the blocks that this shard owns and does not have yet from a frozen one: the blocks
   * themselves, turned back to their state when it was frozen. So this takes time for the numbers
   * that were changed since, and no memory. The frozen shard must stay open until this returns and
   * stays as it is, to be adopted once more if need be; nothing else may write to its blocks any
   * more.
   *
   * @return the number of bytes taken over
   */
  public long adopt(FrozenShard frozen) {
    lock.writeLock().lock();
    try {
      return frozen.stream().mapToLong(table::adopt).sum();
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** The layout that this shard is a part of. */
  public ParameterLayout layout() {
    return layout;
  }

  /** The first block that this shard owns. */
  public int firstBlock() {
    return firstBlock;
  }

  /** The block after the last that this shard owns. */
  public int endBlock() {
    return endBlock;
  }

  /** The first global row that this shard owns. */
  public int firstRow() {
    return layout.firstRowOfBlock(firstBlock);
  }

  /** The global row after the last that this shard owns. */
  public int endRow() {
    return layout.firstRowOfBlock(endBlock);
  }

  /** The optimizer. */
  public Optimizer optimizer() {
    return optimizer;
  }

  /**
   * Copies the values of {@code rows[from..to)} one after the other to {@code out}.
   *
   * @param rows ascending global row ids, all owned by this shard
   * @return the position in {@code out} after the last number written
   * @throws IllegalArgumentException for a row that this shard does not own
   */
  public int gather(int[] rows, int from, int to, float[] out, int outOffset) {
    lock.readLock().lock();
    try {
      return table.gather(rows, from, to, out, outOffset);
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * Replaces one block of a variable, or of one of its slots.
   *
   * @param block number of the block in the layout
   * @param slot name of the slot, empty for the values
   * @param values all numbers of the block; the array is the shard's from now on
   */
  public void loadBlock(int block, Optional<String> slot, float[] values) {
    lock.writeLock().lock();
    try {
      table.load(block, slot, values);
    } finally {
      lock.writeLock().unlock();
    }
  }

  /**
   * Freezes the shard as it is now, in time proportional to the number of blocks; nothing is
   * copied.
   */
  public FrozenShard freeze() {
    lock.writeLock().lock();
    try {
      return table.freeze();
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** The bytes that were kept for frozen shards before they changed, since this shard was made. */
  public long copiedBytes() {
    lock.readLock().lock();
    try {
      return table.copiedBytes();
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Runs a change of this shard while no other thread reads or writes. */
  void update(Consumer<BlockTable> change) {
    lock.writeLock().lock();
    try {
      change.accept(table);
    } finally {
      lock.writeLock().unlock();
    }
  }
}
